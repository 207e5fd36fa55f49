//! Connections to servers: how they are made, through which proxy, and what may go wrong with them.
//!
//! In: the [`Manners`] of a connection, and the variables that name a proxy. Out: an [`Agent`], and a [`Fault`] in plain words.
//! Never here: an address of our own choosing, or a key. Only `llm` and `update` connect, each for what it was told to.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use ureq::config::AutoHeaderValue;
pub use ureq::http::{HeaderMap, Response, Uri};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
pub use ureq::{Agent, Body, Error, Proxy};

use crate::env::Env;

/// How long a connection may take, and the question where the host is.
pub const CONNECT: Duration = Duration::from_secs(10);

/// How a connection behaves.
#[derive(Debug, Clone)]
pub struct Manners {
    /// How long everything may take, from the name's look-up to the last byte.
    pub whole: Duration,
    /// How long the other side may be silent.
    pub silence: Option<Duration>,
    /// How many redirects are followed; a header with a token is never taken along.
    pub redirects: u32,
    /// Whether unencrypted addresses are refused, also those that a redirect leads to.
    pub encrypted: bool,
    /// The proxy.
    pub proxy: Option<Proxy>,
}

/// A maker of connections. Whom the system trusts is trusted: companies have certificates of their own.
#[must_use]
pub fn agent(manners: &Manners) -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .proxy(manners.proxy.clone())
        .https_only(manners.encrypted)
        .http_status_as_error(false)
        .max_redirects(manners.redirects)
        .max_redirects_will_error(manners.redirects > 0)
        .user_agent(concat!("commit-story/", env!("CARGO_PKG_VERSION")))
        // What is asked for is small, or packed already; and a limit on bytes is to count those that travel.
        .accept_encoding(AutoHeaderValue::None)
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_global(Some(manners.whole.max(Duration::from_millis(1))))
        .timeout_per_read(manners.silence)
        .build()
        .new_agent()
}

/// `HTTPS_PROXY` or `ALL_PROXY`, in capitals or not, unless `NO_PROXY` has the host.
///
/// # Errors
/// The variable of that name does not hold the URL of a proxy.
pub fn proxy(url: &str, env: &Env) -> Result<Option<Proxy>, &'static str> {
    let first = |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, env.text(name)?)));
    let named = first(["HTTPS_PROXY", "https_proxy"]).or_else(|| first(["ALL_PROXY", "all_proxy"]));
    let Some((name, proxy)) = named else { return Ok(None) };
    let unusable = |_| name;
    let proxy = Proxy::new(proxy).map_err(unusable)?;
    let except = first(["NO_PROXY", "no_proxy"]).map_or("", |(_, except)| except);
    let asked = Proxy::builder(proxy.protocol()).host(proxy.host());
    let asked = except.split(',').fold(asked, |asked, host| asked.no_proxy(host.trim())).build().map_err(unusable)?;
    let passed_by = url.parse::<Uri>().is_ok_and(|uri| asked.is_no_proxy(&uri));
    Ok((!passed_by).then_some(proxy))
}

/// What went wrong with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The system does not trust the other side's certificate; the words are those of TLS.
    Untrusted(String),
    /// No understanding over TLS; the words are its own.
    Tls(String),
    /// There was no connection in time.
    NoConnection,
    /// There is no such host, or nobody who knows it.
    NoHost,
    /// The other side fell silent.
    Silent,
    /// Everything together took too long.
    TooSlow,
    /// More was sent than the so many bytes that are allowed.
    TooLong(u64),
    /// What is answered is not HTTP that can be read.
    NoHttp,
    /// The connection ended in the middle.
    BrokeOff,
    /// Anything else, in the system's words.
    Other(String),
}

impl Fault {
    /// What an error means.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        if let Some(error) = of_tls(error) {
            return match error {
                rustls::Error::InvalidCertificate(_) => Self::Untrusted(error.to_string()),
                _ => Self::Tls(error.to_string()),
            };
        }
        match error {
            Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => Self::NoConnection,
            Error::Timeout(ureq::Timeout::PerRead) => Self::Silent,
            Error::Timeout(_) => Self::TooSlow,
            Error::HostNotFound => Self::NoHost,
            Error::BodyExceedsLimit(most) => Self::TooLong(*most),
            Error::Protocol(_) | Error::LargeResponseHeader(..) => Self::NoHttp,
            Error::Io(error) if has_begun(error.kind()) => Self::BrokeOff,
            other => Self::Other(other.to_string().trim_start_matches("io: ").to_owned()),
        }
    }
}

/// Whether this ends only a connection that there was.
fn has_begun(error: ErrorKind) -> bool {
    matches!(
        error,
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}

/// The error of TLS within, if it is one.
fn of_tls(error: &Error) -> Option<&rustls::Error> {
    match error {
        Error::Rustls(error) => Some(error),
        Error::Io(error) => error.get_ref()?.downcast_ref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_proxy_is_taken_as_the_variables_say() {
        let check = |url: &str, variables: &[(&str, &str)], expected: Option<&str>| {
            let env = Env::of_test(Path::new("/"), variables);
            let proxy = proxy(url, &env).expect("usable");
            assert_eq!(proxy.as_ref().map(Proxy::host), expected, "{url} {variables:?}");
        };
        let far = "https://api.example.com/v1";
        let set = ("HTTPS_PROXY", "http://user:word@proxy.example.com:3128");
        check(far, &[], None);
        check(far, &[set], Some("proxy.example.com"));
        check(far, &[("https_proxy", "proxy.example.com:3128")], Some("proxy.example.com"));
        check(far, &[("all_proxy", "socks5://10.0.0.1:1080")], Some("10.0.0.1"));
        check(far, &[set, ("NO_PROXY", "example.org, api.example.com")], None);
        check(far, &[set, ("no_proxy", ".example.com")], None);
        check(far, &[set, ("NO_PROXY", "*")], None);
        check(far, &[set, ("NO_PROXY", "example.org")], Some("proxy.example.com"));
        let env = Env::of_test(Path::new("/"), &[("HTTPS_PROXY", "gopher://secret@proxy")]);
        assert_eq!(proxy(far, &env).map(drop), Err("HTTPS_PROXY"));
    }
}
