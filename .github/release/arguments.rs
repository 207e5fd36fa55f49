//! What the release program is asked.
//!
//! In: the command line. Out: [`Arguments`]. Never here: what is done about it.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};
use semver::Version;

use crate::{builds, publish};

/// Makes, signs, rehearses and publishes releases. docs/releasing.md tells when to run what.
#[derive(Debug, Parser)]
#[command(name = "release", after_help = "Without a command: rehearse.")]
pub struct Arguments {
    /// The checkout to release
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub tree: PathBuf,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check that a release can be made: branch, versions, changelog, repository, keys, commands, size
    Check {
        /// The built program, whose size counts
        #[arg(long, value_name = "FILE")]
        binary: Option<PathBuf>,
        /// Without the tests of documents and licences, which compile
        #[arg(long)]
        quick: bool,
    },
    /// Make the branch and the commit of a new version
    Prepare {
        /// The version, such as 1.2.0 or 1.2.0-rc.1
        version: Version,
        /// The day of the release; today without it
        #[arg(long, value_name = "YYYY-MM-DD")]
        date: Option<NaiveDate>,
    },
    /// Build the program so that anybody can build the same bytes
    Build {
        /// The target, by Rust's name; this system without it
        #[arg(long)]
        target: Option<String>,
        #[command(flatten)]
        manner: builds::Manner,
    },
    /// Pack the built program for a target
    Package(Package),
    /// Sign the archives in a directory and complete the release: hashes, index, bill of materials, install scripts
    Sign(Sign),
    /// Check every name, hash and signature of a release's files
    Verify(Verify),
    /// Install, update, be deceived, go back and uninstall on this machine, with a release's own files
    Rehearse(Rehearse),
    /// Publish a release's files, step by step; run it again after a failure
    Publish {
        /// The directory with the release's files
        #[arg(long)]
        dir: PathBuf,
        /// Trust the keys that everybody has, for a rehearsal, and no others
        #[arg(long)]
        test_keys: bool,
        #[command(flatten)]
        places: publish::Places,
    },
    /// Take a published release out of the way: it becomes a pre-release, and the one before it the newest
    Withdraw {
        /// The version
        version: Version,
        /// GitHub's interface
        #[arg(long, value_name = "URL", default_value = "https://api.github.com")]
        api: String,
    },
    /// Write what Homebrew, Scoop and winget want to know of a release
    Channels {
        /// The directory with the release's files
        #[arg(long)]
        dir: PathBuf,
        /// Where the manifests go
        #[arg(long, value_name = "DIR", default_value = "target/channels")]
        out: PathBuf,
    },
    /// Print the description of a release for programs
    Index {
        /// The directory with the archives
        #[arg(long)]
        dir: PathBuf,
    },
    /// Print an install script as a release carries it
    Installer {
        /// The directory with the release's files
        #[arg(long)]
        dir: PathBuf,
        /// `install.sh` or `install.ps1`
        #[arg(default_value = "install.sh")]
        name: String,
    },
    /// Print the bill of materials of the program for a target
    Sbom {
        /// The target, by Rust's name; of this system without it
        #[arg(long)]
        target: Option<String>,
    },
    /// Make, check and replace the keys that sign releases
    #[command(subcommand)]
    Keys(Keys),
}

#[derive(Debug, Args)]
pub struct Package {
    /// The built program
    #[arg(long, value_name = "FILE")]
    pub binary: PathBuf,
    /// What it is built for, by Rust's name; this system without it
    #[arg(long)]
    pub target: Option<String>,
    /// Where the archive goes
    #[arg(long)]
    pub dir: PathBuf,
}

#[derive(Debug, Args)]
pub struct Sign {
    /// The directory with the archives
    #[arg(long)]
    pub dir: PathBuf,
    /// A file with a private key; without any, `COMMIT_STORY_SIGNING_KEYS` holds them
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
    /// Sign with the key that everybody has, for a rehearsal
    #[arg(long, conflicts_with = "key")]
    pub test_keys: bool,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The directory with the release's files
    #[arg(long)]
    pub dir: PathBuf,
    /// Trust the keys that everybody has, for a rehearsal, and no others
    #[arg(long)]
    pub test_keys: bool,
}

#[derive(Debug, Default, Args)]
pub struct Rehearse {
    /// The directory with the release's files; without it they are made here and signed with the test keys
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// The built program, where no files are given; without it it is built
    #[arg(long, value_name = "FILE", conflicts_with = "dir")]
    pub binary: Option<PathBuf>,
    /// A debug build that calls itself 0.0.1; without it it is built
    #[arg(long, value_name = "FILE")]
    pub previous: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make two keys, `online` and `spare`, in a directory outside the checkout
    New {
        /// The directory
        dir: PathBuf,
    },
    /// Put public keys into the checkout
    Adopt {
        /// The directory with `online.pub` and `spare.pub`
        dir: PathBuf,
        /// Only this one: `online` or `spare`
        #[arg(long)]
        only: Option<String>,
    },
    /// Replace one key by a new one, made in a directory outside the checkout
    Rotate {
        /// Which: `online` or `spare`
        name: String,
        /// The directory
        dir: PathBuf,
    },
    /// Check the public keys in the checkout
    Check,
}
