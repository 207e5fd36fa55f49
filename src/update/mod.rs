//! Updating this program: releases, who signed them, and how one takes the place of another.
//!
//! In: the running program, and what the user wants of it. Out: another version in its place, or the same one and the
//! reason why.
//! Never here: an update that nobody asked for.

pub mod stop;

pub mod names;

pub mod keys;

mod hash;

pub mod place;

pub mod release;

pub mod receipt;

pub mod source;

pub mod state;

pub mod policy;

pub mod remote;

pub mod listing;

mod archive;

mod trial;

pub mod swap;

mod held;

pub mod install;

pub mod listed;

pub mod rollback;

pub mod notice;
