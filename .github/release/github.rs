//! GitHub's interface for releases, the little of it that publishing needs.
//!
//! In: its address, and a token from the environment. Out: releases and their files, as they are there; changes to drafts.
//! Never here: a change to a release that is published, or the token to another host than the interface's own.
//!
//! Shapes: <https://docs.github.com/en/rest/releases>.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{Request, Uri};

/// The largest answer, in bytes.
const LARGEST: u64 = 200 << 20;

/// Where GitHub takes files.
const UPLOADS: &str = "uploads.github.com";

/// A release as GitHub has it.
#[derive(Debug, Clone, Deserialize)]
pub struct Remote {
    /// Its number.
    pub id: u64,
    /// Its tag.
    pub tag_name: String,
    /// Whether only maintainers see it.
    pub draft: bool,
    /// Whether it is not for everybody.
    pub prerelease: bool,
    /// Where files go, with a template at its end.
    pub upload_url: String,
    /// Its files.
    pub assets: Vec<Stored>,
}

/// A file of a release.
#[derive(Debug, Clone, Deserialize)]
pub struct Stored {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: usize,
    /// `uploaded`, or another word for a file that did not arrive whole.
    pub state: String,
}

/// A repository at GitHub.
pub struct GitHub {
    agent: Agent,
    api: String,
    slug: String,
    token: String,
}

impl GitHub {
    /// The repository at `repository` (`https://github.com/OWNER/NAME`), by the interface at `api`. The token is
    /// `GH_TOKEN`, else `GITHUB_TOKEN`.
    ///
    /// # Errors
    /// There is no token, the repository has no name, or the interface is neither https nor on this machine.
    pub fn of(repository: &str, api: &str) -> Result<Self> {
        let token = ["GH_TOKEN", "GITHUB_TOKEN"].into_iter().filter_map(|name| std::env::var(name).ok());
        let token = token.map(|token| token.trim().to_owned()).find(|token| !token.is_empty());
        let slug = repository.splitn(4, '/').nth(3).context("the repository has no owner and name")?;
        ensure!(safe(api), "{api} is neither https nor on this machine");
        Ok(Self {
            agent: agent(),
            api: api.trim_end_matches('/').to_owned(),
            slug: slug.to_owned(),
            token: token.context("cannot publish without a token in GH_TOKEN or GITHUB_TOKEN")?,
        })
    }

    /// All releases, drafts, too.
    ///
    /// # Errors
    /// GitHub cannot be asked.
    pub fn releases(&self) -> Result<Vec<Remote>> {
        let mut found = Vec::new();
        for page in 1..=20 {
            let address = format!("{}/repos/{}/releases?per_page=100&page={page}", self.api, self.slug);
            let releases: Vec<Remote> = self.json("GET", &address, None)?;
            let last = releases.len() < 100;
            found.extend(releases);
            if last {
                break;
            }
        }
        Ok(found)
    }

    /// The release with `tag`, a draft, too.
    ///
    /// # Errors
    /// GitHub cannot be asked, or there are two.
    pub fn release(&self, tag: &str) -> Result<Option<Remote>> {
        let mut found = self.releases()?;
        found.retain(|release| release.tag_name == tag);
        ensure!(
            found.len() < 2,
            "there are {} releases with the tag {tag}: delete the drafts that are too much",
            found.len()
        );
        Ok(found.pop())
    }

    /// Makes a draft.
    ///
    /// # Errors
    /// GitHub refuses.
    pub fn draft(&self, tag: &str, commit: &str, notes: &str, prerelease: bool) -> Result<Remote> {
        let address = format!("{}/repos/{}/releases", self.api, self.slug);
        let body = json!({
            "tag_name": tag, "target_commitish": commit, "name": tag, "body": notes, "draft": true, "prerelease": prerelease,
        });
        self.json("POST", &address, Some(&body))
    }

    /// Sends a file.
    ///
    /// # Errors
    /// GitHub refuses, or wants it at another host than its own.
    pub fn upload(&self, release: &Remote, name: &str, bytes: &[u8]) -> Result<()> {
        let address = release.upload_url.split('{').next().unwrap_or_default();
        let host = |address: &str| address.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        let there = host(address);
        let known = there == host(&self.api) || there.as_deref() == Some(UPLOADS);
        ensure!(known && safe(address), "GitHub wants files at {address}, which is not its own");
        self.ask("POST", &format!("{address}?name={name}"), "application/octet-stream", bytes)?;
        Ok(())
    }

    /// Takes a file away.
    ///
    /// # Errors
    /// GitHub refuses.
    pub fn delete(&self, asset: &Stored) -> Result<()> {
        let address = format!("{}/repos/{}/releases/assets/{}", self.api, self.slug, asset.id);
        self.ask("DELETE", &address, "application/json", b"").map(|_| ())
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// GitHub refuses.
    pub fn download(&self, asset: &Stored) -> Result<Vec<u8>> {
        let address = format!("{}/repos/{}/releases/assets/{}", self.api, self.slug, asset.id);
        self.ask("GET", &address, "application/octet-stream", b"")
    }

    /// Publishes a draft, as the newest release or beside it.
    ///
    /// # Errors
    /// GitHub refuses.
    pub fn publish(&self, release: &Remote, newest: bool) -> Result<Remote> {
        let address = format!("{}/repos/{}/releases/{}", self.api, self.slug, release.id);
        self.json("PATCH", &address, Some(&json!({ "draft": false, "make_latest": newest.to_string() })))
    }

    /// Takes a published release out of the way: it is for testers only, and the one before it the newest again.
    ///
    /// # Errors
    /// GitHub refuses.
    pub fn withdraw(&self, release: &Remote) -> Result<Remote> {
        let address = format!("{}/repos/{}/releases/{}", self.api, self.slug, release.id);
        self.json("PATCH", &address, Some(&json!({ "prerelease": true, "make_latest": "false" })))
    }

    fn json<T: serde::de::DeserializeOwned>(&self, method: &str, address: &str, body: Option<&Value>) -> Result<T> {
        let body = body.map(ToString::to_string).unwrap_or_default();
        let answer = self.ask(method, address, "application/json", body.as_bytes())?;
        serde_json::from_slice(&answer).with_context(|| format!("cannot understand the answer to {method} {address}"))
    }

    fn ask(&self, method: &str, address: &str, kind: &str, body: &[u8]) -> Result<Vec<u8>> {
        let accept = if method == "GET" { kind } else { "application/json" };
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header("Accept", accept)
            .header("Content-Type", kind)
            .header("User-Agent", "commit-story-release")
            .header("X-GitHub-Api-Version", "2022-11-28")
            .header("Authorization", format!("Bearer {}", self.token));
        let asked = || format!("cannot {method} {address}");
        let answer =
            if body.is_empty() { self.agent.run(request.body(())?) } else { self.agent.run(request.body(body)?) };
        let mut answer = answer.with_context(asked)?;
        let bytes = answer.body_mut().with_config().limit(LARGEST).read_to_vec().with_context(asked)?;
        if !answer.status().is_success() {
            let words = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
            bail!("{}: {} {words}", asked(), answer.status());
        }
        Ok(bytes)
    }
}

/// The answer to a plain question, without a token: its status and bytes.
///
/// # Errors
/// Nobody answers.
pub fn get(address: &str) -> Result<(u16, Vec<u8>)> {
    ensure!(safe(address), "{address} is neither https nor on this machine");
    let request = Request::get(address).header("User-Agent", "commit-story-release").body(())?;
    let mut answer = agent().run(request).with_context(|| format!("cannot get {address}"))?;
    let bytes = answer.body_mut().with_config().limit(LARGEST).read_to_vec()?;
    Ok((answer.status().as_u16(), bytes))
}

fn agent() -> Agent {
    // Twice is no harm: the first choice stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let tls = ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::PlatformVerifier).build();
    Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_global(Some(Duration::from_secs(600)))
        .build()
        .new_agent()
}

/// Whether an address keeps a secret: https, or this machine.
fn safe(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else { return false };
    let here = matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"));
    uri.scheme_str() == Some("https") || uri.scheme_str() == Some("http") && here
}
