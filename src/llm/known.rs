//! The providers that are known by name.
//!
//! In: a name from the settings. Out: the wire format it speaks, its usual address, and the variables that hold its key.
//! Never here: models. Which there are, the provider says.

use super::wire::Wire;

/// A provider.
#[derive(Debug, PartialEq)]
pub struct Known {
    /// Its name in the settings.
    pub name: &'static str,
    /// How it is spoken to.
    pub wire: Wire,
    /// Its usual address.
    pub url: &'static str,
    /// The variables that usually hold its key, the first that is set counts; none where no key is needed.
    pub keys: &'static [&'static str],
}

const fn known(name: &'static str, wire: Wire, url: &'static str, keys: &'static [&'static str]) -> Known {
    Known { name, wire, url, keys }
}

/// All servers; `docs/narration.md` shows the same table. Besides them there is `command`, a program on this machine.
pub const KNOWN: &[Known] = &[
    known("anthropic", Wire::Anthropic, "https://api.anthropic.com/v1", &["ANTHROPIC_API_KEY"]),
    known("openai", Wire::Chat, "https://api.openai.com/v1", &["OPENAI_API_KEY"]),
    known("openai-responses", Wire::Responses, "https://api.openai.com/v1", &["OPENAI_API_KEY"]),
    known(
        "gemini",
        Wire::Gemini,
        "https://generativelanguage.googleapis.com/v1beta",
        &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    ),
    known("ollama", Wire::Ollama, "http://127.0.0.1:11434", &[]),
    known("ollama-cloud", Wire::Ollama, "https://ollama.com", &["OLLAMA_API_KEY"]),
    known("lm-studio", Wire::Chat, "http://127.0.0.1:1234/v1", &[]),
    known("llama-cpp", Wire::Chat, "http://127.0.0.1:8080/v1", &[]),
    known("vllm", Wire::Chat, "http://127.0.0.1:8000/v1", &[]),
    known("cerebras", Wire::Chat, "https://api.cerebras.ai/v1", &["CEREBRAS_API_KEY"]),
    known("cohere", Wire::Chat, "https://api.cohere.ai/compatibility/v1", &["COHERE_API_KEY"]),
    known("dashscope", Wire::Chat, "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", &["DASHSCOPE_API_KEY"]),
    known("deepseek", Wire::Chat, "https://api.deepseek.com/v1", &["DEEPSEEK_API_KEY"]),
    known("fireworks", Wire::Chat, "https://api.fireworks.ai/inference/v1", &["FIREWORKS_API_KEY"]),
    known("groq", Wire::Chat, "https://api.groq.com/openai/v1", &["GROQ_API_KEY"]),
    known("minimax", Wire::Anthropic, "https://api.minimax.io/anthropic/v1", &["MINIMAX_API_KEY"]),
    known("mistral", Wire::Chat, "https://api.mistral.ai/v1", &["MISTRAL_API_KEY"]),
    known("moonshot", Wire::Chat, "https://api.moonshot.ai/v1", &["MOONSHOT_API_KEY"]),
    known("nebius", Wire::Chat, "https://api.studio.nebius.ai/v1", &["NEBIUS_API_KEY"]),
    known("openrouter", Wire::Chat, "https://openrouter.ai/api/v1", &["OPENROUTER_API_KEY"]),
    known("together", Wire::Chat, "https://api.together.xyz/v1", &["TOGETHER_API_KEY"]),
    known("xai", Wire::Chat, "https://api.x.ai/v1", &["XAI_API_KEY"]),
    known("zai", Wire::Chat, "https://api.z.ai/api/paas/v4", &["ZAI_API_KEY"]),
];

/// The provider of that name.
pub(super) fn find(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

/// The name that was probably meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let names = KNOWN.iter().map(|known| known.name).chain(["command", "none"]);
    let scored = names.map(|known| (strsim::jaro_winkler(&name.to_lowercase(), known), known));
    scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::super::address::Address;
    use super::*;

    #[test]
    fn every_address_is_usable_and_keys_go_only_where_nobody_listens() {
        for known in KNOWN {
            let address = Address::of(known.url).expect(known.name);
            assert_eq!(address.url, known.url, "{}", known.name);
            assert_eq!(address.local, known.keys.is_empty(), "{}", known.name);
            // `env` takes only such variables.
            assert!(known.keys.iter().all(|key| key.ends_with("_API_KEY")), "{}", known.name);
        }
    }

    #[test]
    fn the_page_lists_the_same_providers() {
        let page = include_str!("../../docs/narration.md");
        let (_, table) = page.split_once("| Provider | Usual address |").expect("the table");
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        let expected = KNOWN.iter().map(|known| {
            let keys: Vec<String> = known.keys.iter().map(|key| format!("`{key}` ")).collect();
            format!("| `{}` | `{}` | {}|", known.name, known.url, keys.join("or "))
        });
        assert_eq!(rows.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_misspelt_name_is_known_again() {
        for (name, expected) in [
            ("antropic", Some("anthropic")),
            ("OpenAI", Some("openai")),
            ("open-router", Some("openrouter")),
            ("olama", Some("ollama")),
            ("comand", Some("command")),
            ("xyzzy", None),
        ] {
            assert_eq!(nearest(name), expected, "{name}");
        }
    }
}
