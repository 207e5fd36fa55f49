//! Who is asked: what the settings and the variables say, made certain before anything is sent.
//!
//! In: [`NarrationConfig`] and [`Env`]. Out: a [`Provider`], or a failure that says what to set; and what it is, for people.
//! Never here: a connection. A key that a variable holds is taken; a key command is not run yet.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::address::Address;
use super::asking::Failure;
use super::key::{Key, Source};
use super::known::{self, Known};
use super::plain;
use super::wire::Form;
use crate::config::NarrationConfig;
use crate::env::Env;
use crate::web::{self, Proxy};

/// Who is asked.
#[derive(Debug, Clone)]
pub struct Provider {
    /// The name in the settings.
    pub(super) name: String,
    /// The model; for a program, what it is called.
    pub(super) model: String,
    /// How it is reached.
    pub(super) via: Via,
    /// How long an answer may take.
    pub(super) timeout: Duration,
    /// Cents for a million sent tokens, if the settings say.
    pub(super) price_in: Option<u32>,
    /// Cents for a million received tokens, if the settings say.
    pub(super) price_out: Option<u32>,
}

/// How a provider is reached.
#[derive(Debug, Clone)]
pub(super) enum Via {
    /// A program on this machine, with its arguments; never empty.
    Program(Vec<String>),
    /// A server.
    Server(Server),
}

/// A server.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) known: &'static Known,
    pub(super) address: Address,
    /// Whether the address is the provider's usual one.
    pub(super) usual: bool,
    pub(super) key: Source,
    /// The form of request that it took last: what it refuses once, it is not sent again.
    pub(super) form: Arc<Mutex<Form>>,
    /// The proxy that the variables name for this address.
    pub(super) proxy: Option<Proxy>,
}

impl Provider {
    /// The provider that the settings name; `None` if they name none.
    ///
    /// # Errors
    /// The settings name one that cannot be asked: it is unknown, or its model, key, address or command is missing or
    /// wrong. Always [`Failure::Lasting`], with what to set.
    pub fn from(config: &NarrationConfig, env: &Env) -> Result<Option<Self>, Failure> {
        if !config.is_on() {
            return Ok(None);
        }
        let name = config.provider.clone().unwrap_or_default();
        let (via, model) = if name == "command" {
            program(config)?
        } else {
            let known = known(&name)?;
            (Via::Server(server(known, config, env)?), model(known, config)?)
        };
        let price = |cents: u32| (cents > 0).then_some(cents);
        Ok(Some(Self {
            name,
            model,
            via,
            timeout: Duration::from_secs(config.timeout_seconds.max(1).into()),
            price_in: price(config.price_in),
            price_out: price(config.price_out),
        }))
    }

    /// The name of the provider, as the settings have it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the model; for provider `command` without one, the name of the program.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }
}

/// The provider of that name, other than `command`.
///
/// # Errors
/// There is none; the failure names the one that was probably meant.
pub fn known(name: &str) -> Result<&'static Known, Failure> {
    if let Some(known) = known::find(name) {
        return Ok(known);
    }
    let name = plain::line(name);
    Err(Failure::lasting(match known::nearest(&name) {
        Some(near) => format!(
            "there is no provider {name}; did you mean {near}? commit-story config set --user narration.provider {near}"
        ),
        None => format!("there is no provider {name}; docs/narration.md lists them all"),
    }))
}

fn program(config: &NarrationConfig) -> Result<(Via, String), Failure> {
    let Some(program) = config.command.first().filter(|program| !program.is_empty()) else {
        return Err(Failure::lasting(
            "provider command needs a program that answers on its standard output: \
             commit-story config set --user narration.command '[claude, -p]'",
        ));
    };
    let base = std::path::Path::new(program).file_stem().and_then(|name| name.to_str()).unwrap_or(program);
    let model = config.model.clone().unwrap_or_else(|| base.to_owned());
    Ok((Via::Program(config.command.clone()), model))
}

fn model(known: &Known, config: &NarrationConfig) -> Result<String, Failure> {
    let name = known.name;
    let set = "commit-story config set --user narration.model NAME";
    let Some(model) = config.model.as_deref().map(str::trim).filter(|model| !model.is_empty()) else {
        return Err(Failure::lasting(format!("no model is named for {name}: {set}")));
    };
    // It becomes a part of an address at some servers.
    if model.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/@+".contains(&byte)) && !model.contains("..") {
        return Ok(model.to_owned());
    }
    Err(Failure::lasting(format!("{} is no name of a model: {set}", plain::line(model))))
}

fn server(known: &'static Known, config: &NarrationConfig, env: &Env) -> Result<Server, Failure> {
    let address = Address::of(config.base_url.as_deref().unwrap_or(known.url))?;
    let usual = address.url == known.url;
    let key = key(known, &address, config, env)?;
    let proxy = proxy(&address, env)?;
    let form = Form {
        stream: config.stream,
        temperature: true,
        // Servers that only speak like OpenAI's may know the older name alone.
        newer_limit: usual && known.name == "openai",
        counts: true,
    };
    Ok(Server { known, address, usual, key, form: Arc::new(Mutex::new(form)), proxy })
}

/// The key is where the settings say, or else in the provider's usual variable. A server of one's own may need none.
fn key(known: &Known, address: &Address, config: &NarrationConfig, env: &Env) -> Result<Source, Failure> {
    if !config.key_command.is_empty() {
        return Ok(Source::Command(config.key_command.clone(), Arc::default()));
    }
    if let Some(path) = &config.key_file {
        return Ok(Source::File(path.clone()));
    }
    for name in known.keys {
        if let Some(value) = env.var(name) {
            let key = value.to_str().and_then(Key::of);
            let wrong = || Failure::lasting(format!("{name} holds no key: expected one line without spaces"));
            return key.map(Source::Found).ok_or_else(wrong);
        }
    }
    match known.keys.first() {
        Some(variable) if !address.local => Err(Failure::lasting(format!(
            "{} wants a key: set {variable}, or commit-story config set --user narration.key-file PATH",
            known.name
        ))),
        _ => Ok(Source::None),
    }
}

/// The proxy that the variables name, unless the host is local.
fn proxy(address: &Address, env: &Env) -> Result<Option<Proxy>, Failure> {
    if address.local {
        return Ok(None);
    }
    web::proxy(&address.url, env).map_err(|name| Failure::lasting(format!("{name} is not the URL of a proxy")))
}

/// A provider, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its name in the settings.
    pub name: String,
    /// The model.
    pub model: String,
    /// Where everything is sent: a URL, or a command line.
    pub target: String,
    /// Whether that is this machine or its own network. Of a program it is not known where it sends what it reads.
    pub local: bool,
}

/// Says who would be asked, and where what is sent would go. Nothing is contacted.
#[must_use]
pub fn describe(provider: &Provider) -> Described {
    let (target, local) = match &provider.via {
        Via::Program(command) => (plain::line(&command.join(" ")), false),
        Via::Server(server) => (server.address.url.clone(), server.address.local),
    };
    Described { name: provider.name.clone(), model: provider.model.clone(), target, local }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_local_server_is_asked_without_a_proxy() {
        let check = |url: &str, expected: Option<&str>| {
            let env = Env::of_test(Path::new("/"), &[("HTTPS_PROXY", "http://proxy.example.com:3128")]);
            let proxy = proxy(&Address::of(url).expect(url), &env).expect("usable");
            assert_eq!(proxy.as_ref().map(Proxy::host), expected, "{url}");
        };
        check("https://api.example.com/v1", Some("proxy.example.com"));
        check("https://192.168.1.9/v1", None);
        let env = Env::of_test(Path::new("/"), &[("HTTPS_PROXY", "gopher://secret@proxy")]);
        let far = Address::of("https://api.example.com").expect("an address");
        let failure = proxy(&far, &env).expect_err("unusable");
        assert_eq!(failure.to_string(), "HTTPS_PROXY is not the URL of a proxy");
    }
}
