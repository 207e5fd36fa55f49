//! The clients, one row each: which file they read servers from, and in what form.
//!
//! In: nothing. Out: [`CLIENTS`]; each row names the page of its maker that it was written from.
//! Never here: a look at the disk.

use super::document::Format;
use super::entry::Shape;

/// A program that starts MCP servers.
#[derive(Debug, PartialEq)]
pub struct Client {
    /// Its name on the command line.
    pub slug: &'static str,
    /// Its name in a sentence.
    pub name: &'static str,
    /// What its file is written in.
    pub format: Format,
    /// Where in the file the servers stand.
    pub section: &'static str,
    /// How it wants a server described.
    pub shape: Shape,
    /// Its file for all projects of a user. Where there may be several, the first that is there, else the first.
    pub user: &'static [Place],
    /// Its file in a project, by the same rule, below the top of the work tree; empty: it has none.
    pub project: &'static [&'static str],
    /// What it leaves on a machine, besides its file.
    pub traces: &'static [Place],
    /// Whether a server that all projects share learns from it which one is meant: it tells its roots, or starts the
    /// server there. Where not, the entry has to name the repository.
    pub tells_project: bool,
    /// What is left to do by hand, a step each.
    pub by_hand: &'static [&'static str],
}

/// A path below a directory of the user's.
pub type Place = (Base, &'static str);

/// Directories of the user's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Base {
    /// The home directory.
    Home,
    /// The directory that this variable names; where it is not set, the one of this name in the home directory.
    Variable(&'static str, &'static str),
    /// `$XDG_CONFIG_HOME` or `~/.config`; `~/.config` on macOS and Windows, too.
    Config,
    /// `~/Library/Application Support` on macOS, `%APPDATA%` on Windows, `$XDG_CONFIG_HOME` or `~/.config` elsewhere.
    Application,
}

const SERVERS: &str = "mcpServers";

/// Where Zed's settings are: <https://zed.dev/docs/configuring-zed#settings-files>.
const ZED: Base = if cfg!(windows) { Base::Application } else { Base::Config };

/// All clients that are known, in the order in which they are listed.
pub const CLIENTS: &[Client] = &[
    // https://code.claude.com/docs/en/mcp#mcp-installation-scopes; where its files are:
    // https://code.claude.com/docs/en/settings
    Client {
        slug: "claude-code",
        name: "Claude Code",
        format: Format::Json,
        section: SERVERS,
        shape: Shape::Typed("stdio"),
        user: &[(Base::Variable("CLAUDE_CONFIG_DIR", ""), ".claude.json")],
        project: &[".mcp.json"],
        traces: &[(Base::Variable("CLAUDE_CONFIG_DIR", ".claude"), "")],
        tells_project: true,
        by_hand: &[],
    },
    // https://modelcontextprotocol.io/docs/develop/connect-local-servers
    Client {
        slug: "claude-desktop",
        name: "Claude Desktop",
        format: Format::Json,
        section: SERVERS,
        shape: Shape::Plain,
        user: &[(Base::Application, "Claude/claude_desktop_config.json")],
        project: &[],
        traces: &[(Base::Application, "Claude")],
        tells_project: false,
        by_hand: &["quit Claude Desktop and open it again"],
    },
    // https://cursor.com/docs/context/mcp
    Client {
        slug: "cursor",
        name: "Cursor",
        format: Format::Json,
        section: SERVERS,
        shape: Shape::Typed("stdio"),
        user: &[(Base::Home, ".cursor/mcp.json")],
        project: &[".cursor/mcp.json"],
        traces: &[(Base::Home, ".cursor")],
        tells_project: true,
        by_hand: &[],
    },
    // https://code.visualstudio.com/docs/copilot/reference/mcp-configuration; where the user's profile is:
    // https://code.visualstudio.com/docs/configure/settings#_user-settingsjson-location
    Client {
        slug: "vscode",
        name: "VS Code",
        format: Format::Json,
        section: "servers",
        shape: Shape::Typed("stdio"),
        user: &[(Base::Application, "Code/User/mcp.json")],
        project: &[".vscode/mcp.json"],
        traces: &[(Base::Application, "Code/User")],
        tells_project: true,
        by_hand: &[],
    },
    // The same, of the build that is released every day.
    Client {
        slug: "vscode-insiders",
        name: "VS Code Insiders",
        format: Format::Json,
        section: "servers",
        shape: Shape::Typed("stdio"),
        user: &[(Base::Application, "Code - Insiders/User/mcp.json")],
        project: &[".vscode/mcp.json"],
        traces: &[(Base::Application, "Code - Insiders/User")],
        tells_project: true,
        by_hand: &[],
    },
    // Junie: https://junie.jetbrains.com/docs/junie-ide-mcp-configuration.html
    // AI Assistant: https://www.jetbrains.com/help/ai-assistant/mcp.html
    Client {
        slug: "jetbrains",
        name: "JetBrains Junie",
        format: Format::Json,
        section: SERVERS,
        shape: Shape::Plain,
        user: &[(Base::Home, ".junie/mcp/mcp.json")],
        project: &[".junie/mcp/mcp.json"],
        traces: &[(Base::Home, ".junie"), (Base::Application, "JetBrains")],
        tells_project: false,
        by_hand: &[
            "AI Assistant keeps its servers in the IDE: Settings, Tools, AI Assistant, Model Context Protocol (MCP), Add, \
             As JSON; paste what `commit-story mcp install --client jetbrains --print` prints",
        ],
    },
    // https://developers.openai.com/codex/mcp
    Client {
        slug: "codex",
        name: "Codex",
        format: Format::Toml,
        section: "mcp_servers",
        shape: Shape::Plain,
        user: &[(Base::Variable("CODEX_HOME", ".codex"), "config.toml")],
        project: &[".codex/config.toml"],
        traces: &[(Base::Variable("CODEX_HOME", ".codex"), "")],
        tells_project: true,
        by_hand: &[],
    },
    // https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md
    Client {
        slug: "gemini",
        name: "Gemini CLI",
        format: Format::Json,
        section: SERVERS,
        shape: Shape::Plain,
        user: &[(Base::Variable("GEMINI_CLI_HOME", ""), ".gemini/settings.json")],
        project: &[".gemini/settings.json"],
        traces: &[(Base::Variable("GEMINI_CLI_HOME", ""), ".gemini")],
        tells_project: true,
        by_hand: &[],
    },
    // https://docs.windsurf.com/windsurf/cascade/mcp
    Client {
        slug: "windsurf",
        name: "Windsurf",
        format: Format::Json,
        section: SERVERS,
        shape: Shape::Plain,
        user: &[(Base::Home, ".codeium/windsurf/mcp_config.json")],
        project: &[],
        traces: &[(Base::Home, ".codeium/windsurf")],
        tells_project: false,
        by_hand: &[],
    },
    // https://zed.dev/docs/ai/mcp
    Client {
        slug: "zed",
        name: "Zed",
        format: Format::Json,
        section: "context_servers",
        shape: Shape::Plain,
        user: &[(ZED, "zed/settings.json")],
        project: &[".zed/settings.json"],
        traces: &[(ZED, "zed")],
        tells_project: true,
        by_hand: &[],
    },
    // https://docs.github.com/en/copilot/how-tos/copilot-cli/customize-copilot/add-mcp-servers
    Client {
        slug: "copilot-cli",
        name: "Copilot CLI",
        format: Format::Json,
        section: SERVERS,
        shape: Shape::Tools,
        user: &[(Base::Variable("COPILOT_HOME", ".copilot"), "mcp-config.json")],
        project: &[".github/mcp.json", ".mcp.json"],
        traces: &[(Base::Variable("COPILOT_HOME", ".copilot"), "")],
        tells_project: true,
        by_hand: &[],
    },
    // https://opencode.ai/docs/mcp-servers, https://opencode.ai/docs/config
    Client {
        slug: "opencode",
        name: "OpenCode",
        format: Format::Json,
        section: "mcp",
        shape: Shape::List,
        user: &[(Base::Config, "opencode/opencode.json"), (Base::Config, "opencode/opencode.jsonc")],
        project: &["opencode.json", "opencode.jsonc"],
        traces: &[(Base::Config, "opencode")],
        tells_project: true,
        by_hand: &[],
    },
    // https://qwenlm.github.io/qwen-code-docs/en/users/features/mcp/
    Client {
        slug: "qwen-code",
        name: "Qwen Code",
        format: Format::Json,
        section: SERVERS,
        shape: Shape::Plain,
        user: &[(Base::Variable("QWEN_HOME", ".qwen"), "settings.json")],
        project: &[".qwen/settings.json"],
        traces: &[(Base::Variable("QWEN_HOME", ".qwen"), "")],
        tells_project: true,
        by_hand: &[],
    },
];

impl Client {
    /// The client of this name on the command line.
    #[must_use]
    pub fn parse(slug: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|client| client.slug == slug)
    }

    /// The names of our server in its file, from the outside in.
    #[must_use]
    pub fn path(&self) -> [&'static str; 2] {
        [self.section, super::entry::SERVER]
    }
}
