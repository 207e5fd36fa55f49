//! The settings as plain data; `default.yaml` holds the shipped value and the description of each.
//!
//! In: nothing. Out: [`Config`]. Never here: where a value came from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// Every setting.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// `enabled`: whether commits are recorded at all.
    pub enabled: bool,
    /// `journal.*`
    pub journal: JournalConfig,
    /// `assistants.*`
    pub assistants: Assistants,
    /// `entry.*`
    pub entry: EntryConfig,
    /// `redact.*`
    pub redact: RedactConfig,
    /// `hook.*`
    pub hook: HookConfig,
    /// `summaries.*`
    pub summaries: SummariesConfig,
    /// `narration.*`
    pub narration: NarrationConfig,
    /// `update.*`
    pub update: UpdateConfig,
}

/// Where the journal lives.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct JournalConfig {
    /// `journal.folder`: relative to the top of the main work tree, or, from the user's own file only, absolute.
    pub folder: PathBuf,
    /// `journal.private`: kept out of commits through `.git/info/exclude`.
    pub private: bool,
    /// `journal.branch`: the branch of the same repository that holds the journal instead of the folder.
    pub branch: Option<String>,
}

/// Which assistants are read, and where.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Assistants {
    /// `assistants.other-homes`: further home directories in which all are looked for; from the user's own file only.
    pub other_homes: Vec<PathBuf>,
    /// `assistants.NAME.*`, by name.
    #[serde(flatten)]
    pub by_name: BTreeMap<String, AssistantConfig>,
}

impl Assistants {
    /// The settings of one, by the name it has in keys: `assistants.NAME.*`.
    #[must_use]
    pub fn of(&self, name: &str) -> AssistantConfig {
        self.by_name.get(name).cloned().unwrap_or(AssistantConfig { read: true, directory: None })
    }
}

/// One assistant.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AssistantConfig {
    /// `assistants.NAME.read`: whether its conversations are read.
    pub read: bool,
    /// `assistants.NAME.directory`: a further place where its transcripts lie; from the user's own file only.
    pub directory: Option<PathBuf>,
}

/// How long an entry may grow.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EntryConfig {
    /// `entry.conversation`: the most characters of conversation that are quoted.
    pub conversation: u32,
    /// `entry.commands`: the most commands that are listed.
    pub commands: u32,
    /// `entry.files`: the most files that are listed.
    pub files: u32,
}

/// What is taken out besides secrets, which always are.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RedactConfig {
    /// `redact.emails`: email addresses, too.
    pub emails: bool,
    /// `redact.words`: further words that never appear, such as customers' names; whole words, any case.
    pub words: Vec<String>,
}

/// The hook.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HookConfig {
    /// `hook.deadline-ms`: how long a commit may wait for conversations to be read.
    pub deadline_ms: u32,
    /// `hook.worker`: whether a detached worker may finish what the hook could not.
    pub worker: bool,
}

/// Summaries of periods.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SummariesConfig {
    /// `summaries.background`: whether a detached worker writes those that are due.
    pub background: bool,
    /// `summaries.at-once`: the most that it writes after one commit.
    pub at_once: u32,
}

/// The prose that a model adds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NarrationConfig {
    /// `narration.enabled`: whether a model, where `provider` names one, adds prose.
    pub enabled: bool,
    /// `narration.provider`: who serves the model.
    pub provider: Option<String>,
    /// `narration.model`: the model.
    pub model: Option<String>,
    /// `narration.base-url`: where the provider is reached; `None` for its usual address.
    pub base_url: Option<String>,
    /// `narration.command`: the local program of provider `command`.
    pub command: Vec<String>,
    /// `narration.key-command`: what prints the key.
    pub key_command: Vec<String>,
    /// `narration.key-file`: what holds the key.
    pub key_file: Option<PathBuf>,
    /// `narration.stream`: whether the reply is read as it is written.
    pub stream: bool,
    /// `narration.timeout-seconds`: how long a reply may take.
    pub timeout_seconds: u32,
    /// `narration.prompt-tokens`: the most tokens that are sent in one call.
    pub prompt_tokens: u32,
    /// `narration.reply-tokens`: the most tokens of one reply.
    pub reply_tokens: u32,
    /// `narration.day-tokens`: the most tokens a day; 0 for no limit.
    pub day_tokens: u32,
    /// `narration.day-cents`: the most money a day, in cents, where prices are known; 0 for no limit.
    pub day_cents: u32,
    /// `narration.price-in`: cents for a million sent tokens; 0 for the known price.
    pub price_in: u32,
    /// `narration.price-out`: cents for a million received tokens; 0 for the known price.
    pub price_out: u32,
    /// `narration.diffs`: whether changed lines are sent.
    pub diffs: bool,
    /// `narration.keep-days`: how long evidence of waiting commits is kept.
    pub keep_days: u32,
    /// `narration.wait-seconds`: how long after a commit the prose is asked for.
    pub wait_seconds: u32,
}

/// Newer versions of this program.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UpdateConfig {
    /// `update.notice`: whether a detached worker looks for one once a day.
    pub notice: bool,
}

impl NarrationConfig {
    /// Whether prose is wanted at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.enabled && self.provider.as_deref().is_some_and(|provider| provider != "none")
    }
}
