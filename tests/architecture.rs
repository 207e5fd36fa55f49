//! The house rules, checked by reading the sources as text.
//!
//! In: `src/**/*.rs`. Out: every breach with its file and line.
//! The rules: `src/lib.rs` and each `mod.rs` list their modules in the order in which data flows; a module imports only
//! from modules listed above it; a child never imports its parent; every file opens with `//!`; none is longer than 400
//! lines before its tests; and only the modules named in `DOORS` touch the world outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The longest a file may be before its tests.
const LONGEST: usize = 400;

/// What touches the world, and the files that may: words to look for, files (or folders, ending in `/`), and why.
const DOORS: &[(&[&str], &[&str], &str)] = &[
    (
        &["std::io::stdout", "std::io::stderr", "io::stdin", "println!", "eprintln!", "print!(", "dialoguer::"],
        &["cli/", "ui/"],
        "only the shell prints and asks",
    ),
    (
        &[
            "env::var",
            "env::vars",
            "env::current_dir",
            "env::current_exe",
            "env::temp_dir",
            "BaseDirs",
            "Local::now",
            "Utc::now",
            "SystemTime::now",
        ],
        // process: to know which variables a child must not inherit.
        &["env.rs", "process.rs"],
        "only env reads variables, directories and the clock",
    ),
    (
        &[
            "fs::write",
            "File::create",
            "OpenOptions",
            "fs::rename(",
            "fs::remove_file",
            "fs::create_dir",
            "DirBuilder",
            "fs::remove_dir",
            "set_permissions",
            "fs::copy",
        ],
        &["fs/", "setup/plan.rs", "hook/"],
        "only fs changes files (setup::plan calls its functions)",
    ),
    // Those of others, read-only; and the one that is ours (docs/decisions/search-index.md).
    (&["rusqlite"], &["chat/sqlite.rs", "search/index.rs", "search/ask.rs"], "only these open databases"),
    (&["Command::new(", "std::process::Command"], &["process.rs"], "only process starts children"),
    (&["ureq", "rustls"], &["web.rs"], "only web knows how connections are made"),
    (&["web::agent"], &["llm/", "update/"], "only llm and update reach the network"),
    (&["self_update"], &["update/"], "only update replaces the program"),
    // Whom the developer tells to serve may listen (docs/decisions/mcp-sdk.md); the address is parsed in its command.
    (&["TcpStream", "TcpListener", "UdpSocket"], &["llm/", "mcp/http.rs"], "only mcp listens"),
    (&["std::net"], &["llm/", "mcp/http.rs", "mcp/serve.rs", "cli/mcp.rs"], "only llm and mcp know addresses"),
    (&["tokio", "rmcp", "hyper"], &["mcp/"], "only mcp is asynchronous"),
    (&["runtime::"], &["mcp/serve.rs"], "only mcp::serve builds a runtime"),
];

/// One source file.
struct Source {
    /// The path below `src`, `/`-separated.
    name: String,
    /// The module's path: `chat/claude_code/mod.rs` is `["chat", "claude_code"]`.
    module: Vec<String>,
    /// The lines before the tests.
    code: Vec<String>,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    files.iter().map(|path| source(&root, path)).collect()
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn source(root: &Path, path: &Path) -> Source {
    let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
    let mut module: Vec<String> = name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    let text = std::fs::read_to_string(path).unwrap();
    let code = text.lines().take_while(|line| *line != "#[cfg(test)]").map(str::to_owned).collect();
    Source { name, module, code }
}

/// Whether a file is tests alone, declared behind `#[cfg(test)]`.
fn is_tests(source: &Source) -> bool {
    source.name == "main.rs" || source.name.ends_with("/tests.rs") || source.name.ends_with("/any.rs")
}

#[test]
fn every_file_says_what_it_is_and_stays_short() {
    let mut breaches = Vec::new();
    for source in sources() {
        if !source.code.first().is_some_and(|line| line.starts_with("//! ")) {
            breaches.push(format!("{}: does not open with `//!`", source.name));
        }
        if source.code.len() > LONGEST {
            breaches.push(format!("{}: {} lines before its tests", source.name, source.code.len()));
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn only_the_doors_touch_the_world() {
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| !is_tests(source)) {
        for (words, files, rule) in DOORS {
            let may = |file: &&str| source.name == **file || file.ends_with('/') && source.name.starts_with(*file);
            if files.iter().any(may) {
                continue;
            }
            for (at, line) in source.code.iter().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                if let Some(word) = words.iter().find(|word| code.contains(**word)) {
                    breaches.push(format!("{}:{}: `{word}`: {rule}", source.name, at + 1));
                }
            }
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

#[test]
fn a_module_imports_only_from_modules_listed_above_it() {
    let sources = sources();
    let tree = Tree::of(&sources);
    let mut breaches = Vec::new();
    for source in sources.iter().filter(|source| !is_tests(source)) {
        for (line, path) in imports(source) {
            if let Some(breach) = tree.breach(&source.module, &path) {
                breaches.push(format!("{}:{line}: {}: {breach}", source.name, path.join("::")));
            }
        }
    }
    assert_eq!(breaches, Vec::<String>::new());
}

/// The modules of each module, in the order in which they are listed.
struct Tree {
    children: BTreeMap<Vec<String>, Vec<String>>,
}

impl Tree {
    fn of(sources: &[Source]) -> Self {
        let listed = |source: &Source| -> Vec<String> {
            let declared = source.code.iter().filter_map(|line| {
                let line =
                    line.trim_start_matches("pub ").trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
                line.strip_prefix("mod ")?.strip_suffix(';').map(str::to_owned)
            });
            declared.collect()
        };
        Self { children: sources.iter().map(|source| (source.module.clone(), listed(source))).collect() }
    }

    /// What is wrong with `from` importing `path`, if anything. The path's module is its longest part that is one.
    fn breach(&self, from: &[String], path: &[String]) -> Option<String> {
        let mut target: Vec<String> = Vec::new();
        for name in path {
            if !self.children.get(&target).is_some_and(|children| children.contains(name)) {
                break;
            }
            target.push(name.clone());
        }
        if target.starts_with(from) {
            return None;
        }
        if from.starts_with(&target) {
            return Some("a child never imports its parent".to_owned());
        }
        let shared = from.iter().zip(&target).take_while(|(a, b)| a == b).count();
        let order = &self.children[&from[..shared]];
        let place = |name: &String| order.iter().position(|listed| listed == name);
        (place(&target[shared]) > place(&from[shared]))
            .then(|| format!("{} is listed below {}", target[shared], from[shared]))
    }
}

/// Every path from the crate's root that a file names, with the line; `super` and `self` resolved.
fn imports(source: &Source) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut statement = String::new();
    for (at, line) in source.code.iter().enumerate() {
        let line = line.split("//").next().unwrap_or_default().trim();
        let opens =
            ["use ", "pub use ", "pub(crate) use ", "pub(super) use "].iter().any(|word| line.starts_with(word));
        if opens || !statement.is_empty() {
            statement.push_str(line);
            if !line.ends_with(';') {
                continue;
            }
            let tree = statement.split_once("use ").unwrap().1.trim_end_matches(';').to_owned();
            statement.clear();
            found.extend(expand(&tree).into_iter().map(|path| (at + 1, path)));
        } else {
            found.extend(inline(line).into_iter().map(|path| (at + 1, path)));
        }
    }
    found.into_iter().filter_map(|(line, path)| Some((line, absolute(source, &path)?))).collect()
}

/// `a::{b, c::d}` as `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<Vec<String>> {
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or(tree);
        return vec![path.split("::").map(|part| part.trim().to_owned()).collect()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in inner.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(c);
        }
    }
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    parts.flat_map(|part| expand(&format!("{}{part}", head.trim()))).collect()
}

/// Paths such as `crate::git::path_text` within code.
fn inline(line: &str) -> Vec<Vec<String>> {
    let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let paths = words.filter(|word| word.starts_with("crate::") || word.starts_with("super::"));
    paths.map(|word| word.split("::").map(str::to_owned).collect()).collect()
}

fn absolute(source: &Source, path: &[String]) -> Option<Vec<String>> {
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "super" => {
            let up = path.iter().take_while(|part| *part == "super").count();
            let base = source.module.len().checked_sub(up)?;
            Some([&source.module[..base], &path[up..]].concat())
        }
        _ => None,
    }
}

#[test]
fn the_rule_catches_what_it_should() {
    let source = |name: &str, code: &str| Source {
        name: name.to_owned(),
        module: match name {
            "lib.rs" => vec![],
            name => name.trim_end_matches(".rs").trim_end_matches("/mod").split('/').map(str::to_owned).collect(),
        },
        code: code.lines().map(str::to_owned).collect(),
    };
    let sources = [
        source("lib.rs", "pub mod a;\npub mod b;"),
        source("a.rs", "use crate::b::Thing;"),
        source("b/mod.rs", "mod x;\nmod y;\nuse self::x::X;"),
        source("b/x.rs", "use super::Thing;\nuse super::y::Y;\nuse crate::a::A;"),
        source("b/y.rs", "use super::{x::X, x};\nlet z = crate::a::go();"),
    ];
    let tree = Tree::of(&sources);
    let found: Vec<String> = sources
        .iter()
        .flat_map(|source| imports(source).into_iter().filter_map(|(_, path)| tree.breach(&source.module, &path)))
        .collect();
    assert_eq!(found, ["b is listed below a", "a child never imports its parent", "y is listed below x"]);
}
