//! Releases: what they are called, and who may sign them.
//!
//! In: nothing yet but what is compiled in. Out: names, addresses and keys. Never here: the network.

pub mod keys;

pub mod names;
