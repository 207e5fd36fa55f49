//! commit-story: an engineering journal that writes itself.
//!
//! In: a git repository and the conversations with AI assistants that already lie on this disk.
//! Out: one journal entry per commit, and the commands that read the journal back.
//! Never here: logic. This list is the table of contents, the reading order, the layer diagram and the import law at
//! once: data flows downwards, and a module imports only from modules above it (`tests/architecture.rs` enforces it).
//! Start reading at [`record`]: the whole pipeline on one screen.

// Ground: each module is the only door to one part of the world.
pub mod env;

pub mod fs;

pub mod interrupt;

pub mod process;

pub mod config;

pub mod web;

pub mod safe;

pub mod advice;

// Pipeline: each stage takes the plain data of the one before.
pub mod git;

pub mod merge;

pub mod chat;

pub mod listen;

pub mod memory;

pub mod sources;

pub mod journal;

pub mod evidence;

pub mod draft;

pub mod markdown;

pub mod store;

pub mod queue;

pub mod awaiting;

pub mod record;

pub mod missed;

pub mod rewrite;

pub mod backfill;

pub mod worker;

pub mod sync;

// Reading what is there: journals of earlier programs come in, the journal goes out.
pub mod import;

pub mod export;

pub mod browse;

pub mod search;

pub mod why;

// Background: after the commit has returned. What leaves the machine leaves it here.
pub mod llm;

pub mod narrate;

pub mod summarize;

pub mod compose;

pub mod update;

// Doors: how other programs and the developer's machine meet us.
pub mod hook;

pub mod setup;

pub mod relocate;

pub mod doctor;

pub mod status;

pub mod report;

pub mod mcp;

// Shell: the only code that prints or asks.
pub mod ui;

pub mod cli;
