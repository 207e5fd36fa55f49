//! The server that has the releases.
//!
//! In: the address of all releases, a version, a file's name. Out: the description of a release, signed, or an archive's
//! bytes, streamed into a file.
//! Never here: GitHub's API, a token, or a byte more than was announced.

use std::fs::File;
use std::io::{Read, Write};
use std::time::Duration;

use anyhow::{Context, Result};
use semver::Version;
use sha2::{Digest, Sha256};

use super::names;
use super::release::{self, Asset, Release};
use super::stop::Stop;
use crate::chat::fingerprint::hexadecimal;
use crate::env::Env;
use crate::web::{self, Agent, Fault, Manners, Response, Uri};

/// How long a server may be silent, and how long everything may take: a slow line is no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Between two bytes.
    pub silence: Duration,
    /// For one file.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { silence: Duration::from_secs(30), whole: Duration::from_secs(15 * 60) }
    }
}

/// How many redirects are followed: GitHub makes two.
const REDIRECTS: u32 = 5;

/// A server, and how it is asked.
#[derive(Debug)]
pub struct Server {
    agent: Agent,
    /// Without a slash at its end.
    address: String,
    host: String,
}

impl Server {
    /// The server at an address, which must be encrypted unless it is this machine. Nothing is contacted yet.
    ///
    /// # Errors
    /// The address is none that may be asked, or a variable does not hold the URL of a proxy.
    pub fn of(address: &str, env: &Env, patience: Patience) -> Result<Self, Stop> {
        let address = address.trim().trim_end_matches('/').to_owned();
        let wrong = |what: &str| Stop::refused(format!("cannot ask {}: {what}", masked(&address)));
        let uri: Uri = address.parse().map_err(|_| wrong("it is no address"))?;
        let host = uri.host().unwrap_or_default().to_owned();
        let here = matches!(&*host, "127.0.0.1" | "localhost" | "[::1]");
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if here => false,
            _ => return Err(wrong("its address must begin with https://")),
        };
        let proxy = if here { None } else { proxy(&address, env)? };
        let manners =
            Manners { whole: patience.whole, silence: Some(patience.silence), redirects: REDIRECTS, encrypted, proxy };
        Ok(Self { agent: web::agent(&manners), address, host })
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The host, for messages.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The host, with the port if there is one.
    pub(super) fn authority(&self) -> Option<String> {
        self.address.parse::<Uri>().ok()?.authority().map(ToString::to_string)
    }

    /// What connects to it.
    pub(super) fn agent(&self) -> &Agent {
        &self.agent
    }

    /// What a release says of itself; of the newest one without a version.
    ///
    /// # Errors
    /// It cannot be had, or none of our keys has signed it, or it is of another version.
    pub fn release(&self, version: Option<&Version>) -> Result<Release> {
        let named = version.map(Version::to_string);
        let index = self.small(named.as_deref(), names::INDEX, release::LIMIT)?;
        // Where the newest release changes between the two questions, the signature must still be of the same one.
        let claimed = release::claimed(&index).ok_or_else(|| {
            Stop::unreachable(format!("{} answers with something that does not describe a release", self.host))
                .hint("a network that asks to sign in first answers in the place of others")
        })?;
        if let Some(version) = version.filter(|version| **version != claimed) {
            let message = format!("what lies there as {version} describes itself as {claimed}");
            return Err(Stop::unverified(message).into());
        }
        let signatures = self.small(Some(&claimed.to_string()), names::INDEX_MINISIG, release::SIGNATURE_LIMIT)?;
        Ok(release::read(&index, &signatures)?)
    }

    /// Streams an archive into a file, and checks that it is the announced one.
    ///
    /// # Errors
    /// It cannot be had, it is another one, or the disk is full.
    pub fn archive(&self, release: &Release, asset: &Asset, file: &mut File, tell: &mut dyn FnMut(u64)) -> Result<()> {
        let mut body = self.ask(Some(&release.version.to_string()), &asset.name)?.into_body();
        // One byte more shows that there are more.
        let mut bytes = body.as_reader().take(asset.size + 1);
        let mut hash = Sha256::new();
        let mut chunk = vec![0; 64 << 10];
        let mut had = 0;
        loop {
            let read = bytes.read(&mut chunk).map_err(|error| self.failed(&web::Error::from(error)))?;
            if read == 0 {
                break;
            }
            file.write_all(&chunk[..read]).context("cannot write the archive")?;
            hash.update(&chunk[..read]);
            had += read as u64;
            tell(had);
        }
        let name = &asset.name;
        if had != asset.size {
            let more = if had > asset.size { "more than the" } else { "only" };
            let of = if had > asset.size { String::new() } else { format!(" {had} of the") };
            return Err(
                Stop::unverified(format!("{name} has {more}{of} {} bytes that were announced", asset.size)).into()
            );
        }
        if !asset.sha256.eq_ignore_ascii_case(&hexadecimal(&hash.finalize())) {
            return Err(Stop::unverified(format!("{name} has another SHA-256 than was announced")).into());
        }
        file.sync_all().context("cannot write the archive")
    }

    /// A file that is read whole.
    fn small(&self, version: Option<&str>, name: &str, limit: u64) -> Result<Vec<u8>, Stop> {
        let body = self.ask(version, name)?.into_body();
        let mut bytes = Vec::new();
        let mut reader = body.into_reader().take(limit + 1);
        reader.read_to_end(&mut bytes).map_err(|error| self.failed(&web::Error::from(error)))?;
        if bytes.len() as u64 > limit {
            return Err(Stop::unverified(format!("{name} is longer than {limit} bytes")));
        }
        Ok(bytes)
    }

    fn ask(&self, version: Option<&str>, name: &str) -> Result<Response<web::Body>, Stop> {
        let address = names::address(&self.address, version, name);
        let response = self.agent.get(&address).call().map_err(|error| self.failed(&error))?;
        let host = &self.host;
        match (response.status().as_u16(), version) {
            (200..=299, _) => Ok(response),
            (404, Some(version)) => Err(Stop::unreachable(format!("{host} has no {name} of a release {version}"))
                .hint("commit-story update --list")),
            (404, None) => Err(Stop::unreachable(format!("{host} has no release yet"))),
            (status @ (403 | 429), _) => Err(Stop::unreachable(format!("{host} refuses the download ({status})"))
                .hint("it may be too many from your network at present: try again later")),
            (407, _) => Err(Stop::unreachable("the proxy wants a password")),
            (status, _) => Err(Stop::unreachable(format!("{host} answers with status {status}"))),
        }
    }

    /// An error of the connection, in one sentence.
    pub(super) fn failed(&self, error: &web::Error) -> Stop {
        let host = &self.host;
        Stop::unreachable(match Fault::of(error) {
            Fault::Untrusted(why) => format!("this system does not trust the certificate of {host}: {why}"),
            Fault::Tls(why) => format!("cannot talk to {host} over TLS: {why}"),
            Fault::NoConnection => format!("cannot reach {host}: no connection in time"),
            Fault::NoHost => format!("cannot reach {host}: no such host, or no network"),
            Fault::Silent => format!("{host} fell silent"),
            Fault::TooSlow => format!("{host} takes too long"),
            Fault::TooLong(most) => format!("{host} sends more than {most} bytes"),
            Fault::NoHttp => format!("{host} does not answer in HTTP that can be read"),
            Fault::BrokeOff => format!("{host} broke off in the middle"),
            Fault::Other(why) => format!("cannot reach {host}: {why}"),
        })
    }
}

/// The proxy that the variables name.
fn proxy(address: &str, env: &Env) -> Result<Option<web::Proxy>, Stop> {
    web::proxy(address, env).map_err(|name| Stop::refused(format!("{name} is not the URL of a proxy")))
}

/// An address without the name and password that somebody may have put into it.
fn masked(address: &str) -> String {
    match (address.find("://"), address.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}…{}", &address[..scheme + 3], &address[at..]),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::stop::Kind;
    use super::*;

    #[test]
    fn only_this_machine_is_asked_unencrypted() {
        let check = |address: &str, expected: Result<&str, Kind>| {
            let env = Env::of_test(Path::new("/"), &[]);
            let server = Server::of(address, &env, Patience::default());
            let found = server.as_ref().map(Server::address).map_err(|stop| stop.kind);
            assert_eq!(found, expected, "{address}");
        };
        check("https://github.com/o/r/releases/", Ok("https://github.com/o/r/releases"));
        check("http://127.0.0.1:8000/x", Ok("http://127.0.0.1:8000/x"));
        check("http://localhost/x", Ok("http://localhost/x"));
        check("http://[::1]:1/x", Ok("http://[::1]:1/x"));
        for address in ["http://github.com/x", "http://127.0.0.1.example.com", "ftp://x", "file:///etc", "x", ""] {
            check(address, Err(Kind::Refused));
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_shown() {
        assert_eq!(masked("http://u:secret@host/x"), "http://…@host/x");
        assert_eq!(masked("https://host/x"), "https://host/x");
    }
}
