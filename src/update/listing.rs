//! The list of all releases, from GitHub's API: only for who asks for it, or for a pre-release.
//!
//! In: the API's address, and a token if a variable holds one. Out: versions, the newest first.
//! Never here: a download; and the token goes to the API's own host only, never where a redirect or a next page leads, and
//! never unencrypted.

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, FixedOffset, Utc};
use self_update::backends::github::ReleaseList;
use self_update::http_client::{HeaderMap, HttpClient, HttpResponse};
use semver::Version;

use super::names;
use super::remote::{Patience, Server};
use super::stop::Stop;
use crate::env::Env;
use crate::web::{self, Body, Response, Uri};

/// Where GitHub answers.
const GITHUB: &str = "https://api.github.com";

/// The longest page of a list, in bytes.
const LIMIT: u64 = 8 << 20;

/// The versions that are released, the newest first. Tags that are no versions are passed over.
///
/// # Errors
/// The list cannot be had.
pub fn versions(env: &Env, patience: Patience) -> Result<Vec<Version>, Stop> {
    let server = Server::of(env.text("COMMIT_STORY_API_URL").unwrap_or(GITHUB), env, patience)?;
    let token = ["GH_TOKEN", "GITHUB_TOKEN"].into_iter().find_map(|name| env.text(name)).map(str::to_owned);
    let (host, address) = (server.host().to_owned(), server.address().to_owned());
    let mut repository = names::REPOSITORY.rsplit('/');
    let (name, owner) = (repository.next().unwrap_or_default(), repository.next().unwrap_or_default());
    let listed = ReleaseList::configure()
        .repo_owner(owner)
        .repo_name(name)
        .api_base_url(address)
        .http_client(Arc::new(Client { server, token }))
        .build()
        .and_then(|list| list.fetch())
        .map_err(|error| failed(&host, error, env.now))?;
    let mut versions: Vec<Version> =
        listed.into_vec().iter().filter_map(|release| release.version().parse().ok()).collect();
    versions.sort_unstable();
    versions.reverse();
    Ok(versions)
}

/// Our connections in the place of `self_update`'s own.
struct Client {
    server: Server,
    token: Option<String>,
}

impl HttpClient for Client {
    fn get(
        &self,
        url: &str,
        headers: &HeaderMap,
        _timeout: Option<Duration>,
    ) -> self_update::Result<Box<dyn HttpResponse>> {
        let mut request = self.server.agent().get(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let host = url.parse::<Uri>().ok().and_then(|uri| uri.authority().map(ToString::to_string));
        if let Some(token) = self.token.as_ref().filter(|_| host.is_some() && host == self.server.authority()) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response =
            request.call().map_err(|error| self_update::Error::transport(self.server.failed(&error).message))?;
        if !response.status().is_success() {
            let status = response.status().as_u16();
            return Err(self_update::Error::http_status_error_with_headers(status, url, response.headers()));
        }
        Ok(Box::new(Page(response)))
    }
}

/// One page of the list.
struct Page(Response<Body>);

impl HttpResponse for Page {
    fn headers(&self) -> &web::HeaderMap {
        self.0.headers()
    }

    fn body(self: Box<Self>) -> Box<dyn Read> {
        Box::new(self.0.into_body().into_with_config().limit(LIMIT).reader())
    }
}

fn failed(host: &str, error: self_update::Error, now: DateTime<FixedOffset>) -> Stop {
    use self_update::Error;
    match error {
        Error::RateLimited { reset_at, retry_after, .. } => {
            let until = reset_at.or_else(|| Some(SystemTime::from(now.to_utc()) + retry_after?));
            let until = until.map_or_else(String::new, |until| {
                let until = DateTime::<Utc>::from(until).with_timezone(now.offset());
                format!(" until {}", until.format("%H:%M"))
            });
            Stop::unreachable(format!("{host} answers no more questions{until}: there were too many from this network"))
                .hint("set GITHUB_TOKEN to be counted by yourself; commit-story update without --pre and --list asks nothing there")
        }
        Error::Unauthorized { .. } => Stop::unreachable(format!("{host} refuses the token"))
            .hint("look at GH_TOKEN and GITHUB_TOKEN: neither is needed"),
        Error::NotFound { .. } => Stop::unreachable(format!("{host} has no releases of {}", names::REPOSITORY)),
        Error::HttpStatus { status, .. } => Stop::unreachable(format!("{host} answers with status {status}")),
        Error::Transport(said) => Stop::unreachable(said.to_string()),
        _ => Stop::unreachable(format!("{host} answers with something that is no list of releases")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_quota_says_until_when() {
        let now = DateTime::parse_from_rfc3339("2026-01-06T16:00:00+01:00").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "600".parse().unwrap());
        let error = self_update::Error::http_status_error_with_headers(403, "https://api.example", &headers);
        let stop = failed("api.example", error, now);
        assert_eq!(
            stop.message,
            "api.example answers no more questions until 16:10: there were too many from this network"
        );
    }
}
