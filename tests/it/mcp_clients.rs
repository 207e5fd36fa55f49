//! `mcp install` in the files of MCP clients, and `mcp uninstall` out of them again.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::support::{Sandbox, binary};

/// Every client, with its own file and the project's, below the home and the repository; empty where it has none.
const FILES: &[(&str, &str, &str)] = &[
    ("claude-code", ".claude.json", ".mcp.json"),
    ("claude-desktop", ".config/Claude/claude_desktop_config.json", ""),
    ("cursor", ".cursor/mcp.json", ".cursor/mcp.json"),
    ("vscode", ".config/Code/User/mcp.json", ".vscode/mcp.json"),
    ("vscode-insiders", ".config/Code - Insiders/User/mcp.json", ".vscode/mcp.json"),
    ("jetbrains", ".junie/mcp/mcp.json", ".junie/mcp/mcp.json"),
    ("codex", ".codex/config.toml", ".codex/config.toml"),
    ("gemini", ".gemini/settings.json", ".gemini/settings.json"),
    ("windsurf", ".codeium/windsurf/mcp_config.json", ""),
    ("zed", ".config/zed/settings.json", ".zed/settings.json"),
    ("copilot-cli", ".copilot/mcp-config.json", ".github/mcp.json"),
    ("opencode", ".config/opencode/opencode.json", "opencode.json"),
    ("qwen-code", ".qwen/settings.json", ".qwen/settings.json"),
];

/// VS Code's file as a person keeps it.
const KEPT: &str =
    "// mine\n{\n\t\"inputs\": [], // none\n\t\"servers\": {\n\t\t\"a\": { \"command\": \"b\" }, /* why */\n\t},\n}\n";

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn kept(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.before-commit-story", path.display()))
}

/// VS Code's file in the home, with this in it.
fn vscode(sandbox: &Sandbox, content: &str) -> PathBuf {
    let path = sandbox.home().join(".config/Code/User/mcp.json");
    put(&path, content);
    path
}

#[test]
fn every_client_gets_its_own_file_once_and_loses_it_again() {
    let sandbox = Sandbox::new();
    for (client, file, _) in FILES {
        let path = sandbox.home().join(file);
        let said = sandbox.said(&["mcp", "install", "--client", client]);
        assert!(said.code == Some(0) && said.stderr.contains("from its next start"), "{client} {said}");
        let written = text(&path);
        assert!(written.contains(binary().to_str().unwrap()) && written.contains("\"mcp\""), "{client} {written}");
        let again = sandbox.said(&["mcp", "install", "--client", client]);
        assert!(again.stderr.contains("there was nothing to change"), "{client} {again}");
        assert_eq!(text(&path), written, "{client}");
        sandbox.story_ok(&["mcp", "uninstall", "--client", client]);
        assert!(!path.exists() && !kept(&path).exists(), "{client}");
    }
}

#[test]
fn a_projects_file_names_no_path_of_this_machine_and_git_sees_nothing_else() {
    for (client, _, file) in FILES {
        let sandbox = Sandbox::new();
        let said = sandbox.said(&["mcp", "install", "--client", client, "--project"]);
        if file.is_empty() {
            assert!(said.code == Some(1) && said.stderr.contains("reads no file in a project"), "{client} {said}");
            continue;
        }
        assert_eq!(said.code, Some(0), "{client} {said}");
        assert_eq!(sandbox.git(&["status", "--porcelain", "-uall"]), format!("?? {file}\n"), "{client}");
        let path = sandbox.repo().join(file);
        let written = text(&path);
        assert!(written.contains("\"commit-story\"") || written.contains("[mcp_servers.commit-story]"), "{written}");
        assert!(!written.contains(&sandbox.path("").display().to_string()) && !written.contains("\"/"), "{written}");
        assert_ne!(fs::metadata(&path).unwrap().permissions().mode() & 0o044, 0, "{client}: others may read it");
        sandbox.story_ok(&["mcp", "uninstall", "--client", client, "--project"]);
        let left = path.ancestors().skip(1).find(|dir| dir.exists());
        assert_eq!(left, Some(sandbox.repo().as_path()), "{client}: directories made for it go with it");
    }
}

#[test]
fn comments_order_and_mode_stay_and_uninstall_brings_the_old_bytes_back() {
    let sandbox = Sandbox::new();
    let path = vscode(&sandbox, KEPT);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    sandbox.story_ok(&["mcp", "install", "--client", "vscode"]);
    let ours = format!(
        "\t\t\"a\": {{ \"command\": \"b\" }}, /* why */\n\t\t\"commit-story\": {{\n\t\t\t\"type\": \"stdio\",\n\t\t\t\"command\": \"{}\",\n\t\t\t\"args\": [\"mcp\"]\n\t\t}},\n",
        binary().display()
    );
    assert_eq!(text(&path), KEPT.replace("\t\t\"a\": { \"command\": \"b\" }, /* why */\n", &ours));
    assert_eq!(text(&kept(&path)), KEPT);
    assert_eq!(fs::metadata(kept(&path)).unwrap().permissions().mode() & 0o777, 0o600, "it may hold secrets");
    sandbox.story_ok(&["mcp", "uninstall", "--yes"]);
    assert_eq!(text(&path), KEPT);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(!kept(&path).exists());
    assert!(sandbox.said(&["mcp", "uninstall", "--yes"]).stderr.contains("there was nothing to change"));
}

#[test]
fn what_was_changed_in_between_stays_when_only_our_part_goes() {
    let sandbox = Sandbox::new();
    let path = sandbox.home().join(".codex/config.toml");
    put(&path, "model = \"x\" # why\n\n[mcp_servers.a]\ncommand = \"b\"\n");
    sandbox.story_ok(&["mcp", "install", "--client", "codex"]);
    fs::write(&path, text(&path).replace("model = \"x\"", "model = \"y\"")).unwrap();
    sandbox.story_ok(&["mcp", "uninstall", "--client", "codex"]);
    assert_eq!(text(&path), "model = \"y\" # why\n\n[mcp_servers.a]\ncommand = \"b\"\n");
    assert!(!kept(&path).exists());
}

#[test]
fn a_broken_or_odd_file_is_refused_and_left_alone() {
    let check = |content: &str, words: &str| {
        let sandbox = Sandbox::new();
        let path = vscode(&sandbox, content);
        let said = sandbox.said(&["mcp", "install", "--client", "vscode"]);
        assert!(said.code == Some(1) && said.stderr.contains(words) && said.stderr.contains("--print"), "{said}");
        assert!(said.stderr.contains("mcp.json"), "{said}");
        assert_eq!(text(&path), content);
        assert!(!kept(&path).exists());
        let other = sandbox.said(&["mcp", "install", "--client", "vscode", "--client", "cursor"]);
        assert!(other.code == Some(1) && other.stderr.contains("VS Code is left out"), "{other}");
        assert!(sandbox.home().join(".cursor/mcp.json").is_file(), "one broken file is no obstacle to another");
        assert_eq!(text(&path), content);
    };
    check("{\n  \"servers\": {\n", "line ");
    check("{\"servers\": []}", "something else");
    check("{\"servers\": {}, \"servers\": {}}", "twice");
    check("[]", "something else");
}

#[test]
fn a_server_of_the_same_name_that_is_not_ours_is_respected() {
    let sandbox = Sandbox::new();
    let by_address = "{\"servers\": {\"commit-story\": {\"type\": \"http\", \"url\": \"http://127.0.0.1:9/mcp\"}}}";
    let path = vscode(&sandbox, by_address);
    let said = sandbox.said(&["mcp", "install", "--client", "vscode"]);
    assert!(said.stderr.contains("by address already"), "{said}");
    assert_eq!(text(&path), by_address);
    let other = "{\"servers\": {\"commit-story\": {\"command\": \"npx\\u001b[31m\", \"args\": [\"old\"]}}}";
    fs::write(&path, other).unwrap();
    sandbox.story_ok(&["mcp", "uninstall", "--client", "vscode"]);
    assert_eq!(text(&path), other, "it starts another program");
    let said = sandbox.said(&["mcp", "install", "--client", "vscode"]);
    assert!(said.stderr.contains("in the place of npx\u{fffd}[31m"), "nothing in it steers the terminal: {said}");
    sandbox.story_ok(&["mcp", "uninstall", "--client", "vscode"]);
    assert_eq!(text(&path), other);
}

#[test]
fn a_link_in_the_home_stays_one_and_a_link_out_of_the_work_tree_is_refused() {
    let sandbox = Sandbox::new();
    let (path, real) = (vscode(&sandbox, ""), sandbox.home().join("dotfiles/mcp.json"));
    put(&real, KEPT);
    fs::remove_file(&path).unwrap();
    symlink(&real, &path).unwrap();
    sandbox.story_ok(&["mcp", "install", "--client", "vscode"]);
    assert!(path.is_symlink() && text(&real).contains("commit-story"));
    sandbox.story_ok(&["mcp", "uninstall", "--client", "vscode"]);
    assert!(path.is_symlink() && text(&real) == KEPT);

    let refused = |words: &str| {
        for command in ["install", "uninstall"] {
            let said = sandbox.said(&["mcp", command, "--client", "vscode", "--project"]);
            assert!(said.code == Some(1) && said.stderr.contains(words), "{said}");
        }
        assert_eq!(text(&real), KEPT);
    };
    let place = sandbox.repo().join(".vscode");
    symlink(real.parent().unwrap(), &place).unwrap();
    refused("leads out of the work tree");
    fs::remove_file(&place).unwrap();
    symlink(".git", &place).unwrap();
    refused("leads out of the work tree");
    fs::remove_file(&place).unwrap();
    fs::create_dir(&place).unwrap();
    symlink("../../home/nowhere.json", place.join("mcp.json")).unwrap();
    refused("leads nowhere");
    assert!(!sandbox.home().join("nowhere.json").exists());
}

#[test]
fn a_directory_that_takes_nothing_is_named_and_the_file_stays() {
    let sandbox = Sandbox::new();
    let path = vscode(&sandbox, KEPT);
    let dir = path.parent().unwrap();
    fs::set_permissions(dir, fs::Permissions::from_mode(0o555)).unwrap();
    let is_root = fs::write(dir.join("probe"), "").is_ok();
    let said = sandbox.said(&["mcp", "install", "--client", "vscode"]);
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).unwrap();
    if is_root {
        println!("not tested: nothing is read-only to root");
    } else {
        assert!(said.code == Some(1) && said.stderr.contains("cannot write"), "{said}");
        assert_eq!(text(&path), KEPT);
    }
    fs::write(sandbox.home().join(".cursor"), "a file where the directory belongs").unwrap();
    let said = sandbox.said(&["mcp", "install", "--client", "cursor"]);
    assert!(said.code == Some(1) && said.stderr.contains(".cursor"), "{said}");
}

#[test]
fn print_and_dry_run_only_show() {
    let sandbox = Sandbox::new();
    let path = vscode(&sandbox, KEPT);
    let said = sandbox.said(&["mcp", "install", "--client", "vscode", "--print"]);
    let shown: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(shown["servers"]["commit-story"]["command"], "[BINARY]");
    assert!(said.stderr.contains("VS Code, in [DIR]/home/.config/Code/User/mcp.json"), "{said}");
    let said = sandbox.said(&["mcp", "install", "--client", "jetbrains", "--print"]);
    assert!(said.stderr.contains("AI Assistant") && said.stdout.contains("\"-C\", \"[DIR]/repo\""), "{said}");
    let said = sandbox.said(&["mcp", "install", "--dry-run"]);
    assert!(
        said.stdout.contains("write [DIR]/home/.config/Code/User/mcp.json to add commit-story to VS Code"),
        "{said}"
    );
    assert_eq!(text(&path), KEPT);
    assert!(!kept(&path).exists() && !sandbox.home().join(".junie").exists());
}

#[test]
fn without_a_client_and_a_terminal_those_found_are_listed_and_yes_takes_them() {
    let sandbox = Sandbox::new();
    let said = sandbox.said(&["mcp", "install"]);
    assert!(said.code == Some(2) && said.stderr.contains("no MCP client was found"), "{said}");
    fs::create_dir_all(sandbox.home().join(".cursor")).unwrap();
    fs::create_dir_all(sandbox.home().join(".codex")).unwrap();
    let said = sandbox.said(&["mcp", "install"]);
    assert!(said.code == Some(2) && said.stderr.contains("found cursor, codex, "), "{said}");
    assert!(!sandbox.home().join(".cursor/mcp.json").exists());
    let said = sandbox.said(&["mcp", "install", "--yes"]);
    assert!(
        said.code == Some(0) && said.stderr.contains("Cursor and Codex can read the journal from their next start"),
        "{said}"
    );
    let said = sandbox.said(&["mcp", "uninstall"]);
    assert!(said.code == Some(2) && said.stderr.contains("not a terminal"), "{said}");
}

#[test]
fn a_client_that_tells_no_project_is_bound_to_this_repository() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["mcp", "install", "--client", "claude-desktop"]);
    let path = sandbox.home().join(".config/Claude/claude_desktop_config.json");
    let written: serde_json::Value = serde_json::from_str(&text(&path)).unwrap();
    let args = &written["mcpServers"]["commit-story"]["args"];
    assert_eq!(*args, serde_json::json!(["-C", sandbox.repo(), "mcp"]));
    let outside = sandbox.command(binary()).args(["mcp", "install", "--client", "windsurf"]).current_dir("/").output();
    let outside = sandbox.heard(&outside.unwrap());
    assert!(outside.code == Some(2) && outside.stderr.contains("which project is meant"), "{outside}");
}

#[test]
fn when_commit_story_leaves_a_repository_so_does_the_server_that_was_made_for_it() {
    let sandbox = Sandbox::new();
    sandbox.story_ok(&["init", "--yes"]);
    for client in ["claude-desktop", "cursor"] {
        sandbox.story_ok(&["mcp", "install", "--client", client]);
    }
    sandbox.story_ok(&["mcp", "install", "--client", "vscode", "--project"]);
    let bound = sandbox.home().join(".config/Claude/claude_desktop_config.json");
    let (general, shared) = (sandbox.home().join(".cursor/mcp.json"), sandbox.repo().join(".vscode/mcp.json"));
    let said = sandbox.said(&["uninstall", "--yes"]);
    assert!(said.stderr.contains("started by Cursor for all your projects"), "{said}");
    assert!(said.stderr.contains("stays in .vscode/mcp.json, which others share; `--config`"), "{said}");
    assert_eq!((bound.exists(), general.exists(), shared.exists()), (false, true, true));
    sandbox.story_ok(&["uninstall", "--yes", "--config"]);
    assert_eq!((general.exists(), shared.exists()), (true, false));
}

#[test]
fn doctor_says_which_clients_start_the_server_and_which_cannot() {
    let sandbox = Sandbox::ready();
    assert!(!sandbox.said(&["doctor"]).stdout.contains(" mcp "));
    sandbox.story_ok(&["mcp", "install", "--client", "cursor"]);
    let said = sandbox.said(&["doctor"]);
    assert!(said.stdout.contains("✓ mcp            the journal's server is started by Cursor"), "{said}");
    let path = sandbox.home().join(".cursor/mcp.json");
    fs::write(&path, text(&path).replace(binary().to_str().unwrap(), "/gone/commit-story")).unwrap();
    let said = sandbox.said(&["doctor"]);
    let cure = "→ commit-story mcp install --client cursor";
    assert!(said.stdout.contains("relies on /gone/commit-story, which is not there"), "{said}");
    assert!(said.stdout.contains(cure), "{said}");
    sandbox.story_ok(&["mcp", "install", "--client", "cursor"]);
    assert!(sandbox.said(&["doctor"]).stdout.contains("✓ mcp "), "the cure cures");
}
