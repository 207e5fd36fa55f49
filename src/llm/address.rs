//! Where a server is reached, and whether that is safe.
//!
//! In: a URL from the user's own settings. Out: an [`Address`], or what is wrong with it.
//! Never here: a connection. A name is judged as it is written; nothing is looked up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::asking::Failure;
use crate::web::Uri;

/// The base of a server's URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// The URL without a slash at its end.
    pub(super) url: String,
    /// The host, with the port if it is said.
    pub(super) host: String,
    /// Whether the host is this machine or its own network.
    pub(super) local: bool,
}

impl Address {
    /// Reads `narration.base-url`. Unencrypted HTTP is refused unless the host is clearly local: what is sent is private.
    pub(super) fn of(url: &str) -> Result<Self, Failure> {
        let wrong = |what: &str| Failure::lasting(format!("narration.base-url is not usable: {what}"));
        let uri: Uri = url.trim().parse().map_err(|_| wrong("expected a URL such as https://example.com/v1"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong("expected a URL that begins with https:// or http://"));
        };
        if authority.as_str().contains('@') {
            return Err(wrong("a name or key does not belong into a URL; see narration.key-file"));
        }
        if uri.query().is_some() {
            return Err(wrong("it has a question mark, and paths are put after it"));
        }
        let local = is_local(uri.host().unwrap_or_default());
        match scheme {
            "https" => {}
            "http" if local => {}
            "http" => {
                let host = authority.host();
                return Err(wrong(&format!("http:// to {host} would send what you said unencrypted; use https://")));
            }
            _ => return Err(wrong("only https:// and http:// are known")),
        }
        let path = uri.path().trim_end_matches('/');
        Ok(Self { url: format!("{scheme}://{authority}{path}"), host: authority.to_string(), local })
    }
}

/// Whether a host is this machine or one of the same network: such names and addresses mean nothing elsewhere.
fn is_local(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse() {
        Ok(IpAddr::V4(ip)) => is_local_v4(ip),
        Ok(IpAddr::V6(ip)) => is_local_v6(ip),
        Err(_) => {
            let name = host.trim_end_matches('.');
            !name.is_empty() && !name.contains('.')
                || [".localhost", ".local", ".internal"].iter().any(|end| name.ends_with(end))
        }
    }
}

/// Loopback, private networks (RFC 1918), shared address space (RFC 6598), link-local, and the unspecified address.
fn is_local_v4(ip: Ipv4Addr) -> bool {
    let shared = ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64;
    ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified() || shared
}

fn is_local_v6(ip: Ipv6Addr) -> bool {
    match ip.to_ipv4_mapped() {
        Some(ip) => is_local_v4(ip),
        None => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_local_may_be_asked_unencrypted() {
        for (url, expected) in [
            ("https://api.example.com/v1/", Some("https://api.example.com/v1")),
            ("https://api.example.com", Some("https://api.example.com")),
            ("http://localhost:11434", Some("http://localhost:11434")),
            ("http://LOCALHOST/", Some("http://LOCALHOST")),
            ("http://127.0.0.1:8080/v1", Some("http://127.0.0.1:8080/v1")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("http://[fd12::1]/x/", Some("http://[fd12::1]/x")),
            ("http://[::ffff:192.168.1.9]", Some("http://[::ffff:192.168.1.9]")),
            ("http://192.168.1.9:1234/v1", Some("http://192.168.1.9:1234/v1")),
            ("http://100.101.102.103", Some("http://100.101.102.103")),
            ("http://printer.local", Some("http://printer.local")),
            ("http://host.docker.internal:11434", Some("http://host.docker.internal:11434")),
            ("http://ollama:11434", Some("http://ollama:11434")),
            ("http://api.example.com/v1", None),
            ("http://localhost.example.com", None),
            ("http://127.0.0.1.example.com", None),
            ("http://8.8.8.8", None),
            ("http://100.128.0.1", None),
            ("http://[2001:db8::1]", None),
            ("http://[::ffff:8.8.8.8]", None),
            ("https://key@api.example.com", None),
            ("http://localhost@example.com/", None),
            ("https://api.example.com/v1?key=1", None),
            ("ftp://api.example.com", None),
            ("api.example.com/v1", None),
            ("/v1", None),
            ("", None),
        ] {
            let address = Address::of(url);
            assert_eq!(address.as_ref().ok().map(|address| address.url.as_str()), expected, "{url}: {address:?}");
        }
    }
}
