//! Stories: real repositories made with real git, a fake home with transcripts, and the built binary.

#![expect(unreachable_pub, reason = "a test binary has no callers")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test without its material says so")]

mod support;

mod transcript;

mod model_server;

mod models;

#[cfg(unix)]
mod model_programs;

#[cfg(target_os = "linux")]
mod model_tls;

#[cfg(unix)]
mod said;

/// The release program's own signatures and its server, which the stories of installing and updating use, too.
#[cfg(unix)]
#[path = "../../.github/release/sign.rs"]
mod release_sign;

#[cfg(unix)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "the stories of `update` are told on Linux"))]
#[path = "../../.github/release/server.rs"]
mod release_server;

mod first_story;

mod workflows;

#[cfg(unix)]
mod signatures;

#[cfg(unix)]
mod newcomer;

#[cfg(unix)]
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "the stories of `update` are told on Linux"))]
mod installing;

#[cfg(unix)]
mod install_first;

#[cfg(unix)]
mod installed;

#[cfg(unix)]
mod update_releases;

#[cfg(unix)]
mod update_rules;

#[cfg(unix)]
mod update_rollback;

#[cfg(target_os = "linux")]
mod update_machine;

#[cfg(unix)]
mod update_afterwards;

#[cfg(unix)]
mod install_prefixes;

#[cfg(target_os = "linux")]
mod install_checks;

#[cfg(target_os = "linux")]
mod install_places;

#[cfg(target_os = "linux")]
mod install_versions;

#[cfg(target_os = "linux")]
mod install_path;

#[cfg(target_os = "linux")]
mod install_network;

#[cfg(target_os = "linux")]
mod install_machines;

#[cfg(unix)]
mod backfill;

#[cfg(unix)]
mod init;

#[cfg(unix)]
mod wizard;

#[cfg(unix)]
mod uninstall;

#[cfg(unix)]
mod doctor;

#[cfg(unix)]
mod mcp_clients;

#[cfg(unix)]
mod sources;

#[cfg(unix)]
mod explain;

#[cfg(unix)]
mod manners;

mod evidence;

mod notes;

mod import;

mod export;

mod search;

mod mcp_client;

mod mcp;

#[cfg(unix)]
mod mcp_hostile;

#[cfg(unix)]
mod mcp_official;

mod mcp_http;

mod lists;

#[cfg(unix)]
mod pager;

#[cfg(unix)]
mod drafts;

mod summaries;

mod report;

mod records;

#[cfg(unix)]
mod hook_environment;

#[cfg(unix)]
mod hook_failures;

#[cfg(unix)]
mod worker;

#[cfg(unix)]
mod branch;

mod sync;

mod moving;

#[cfg(target_os = "linux")]
mod kill_points;

mod crash;

#[cfg(unix)]
mod missed;

#[cfg(unix)]
mod rewriting;

#[cfg(unix)]
mod repositories;

mod concurrency;

mod entries;

#[cfg(unix)]
mod narrator;

#[cfg(unix)]
mod narrated_truth;
#[cfg(unix)]
mod narration_queue;

#[cfg(unix)]
mod narration_servers;

mod sessions;

mod assistants;

mod git_facts;

mod blame;

mod why;

mod patches;

mod long_gap;

mod hostile;

#[cfg(unix)]
mod hook_files;

#[cfg(unix)]
mod configured_hooks;

#[cfg(unix)]
mod prose;

#[cfg(unix)]
mod real_managers;

mod real_pairs;

mod real_transcripts;

mod secrets;

mod truth;
