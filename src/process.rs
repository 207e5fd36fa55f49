//! Child processes: run one with a deadline, start one that outlives us.
//!
//! In: a program with its arguments. Out: its output, or nothing at all for a detached one.
//! Never here: what the program is for. Every child is scrubbed of what git and assistants export to a hook.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
pub use std::process::Child;
pub use std::process::Command;
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::interrupt;

/// What git exports to hooks and what assistants export to their shells. A child that inherits the first works on the
/// wrong repository or index; one that inherits the second is taken for a part of the assistant's session.
fn is_marker(name: &str) -> bool {
    const EXACT: &[&str] = &[
        "CLAUDECODE",
        "CODEX_THREAD_ID",
        "CURSOR_AGENT",
        "CURSOR_CONVERSATION_ID",
        "CURSOR_TRACE_ID",
        "GEMINI_CLI",
        "OPENCODE",
        "COPILOT_CLI",
        "CLINE_ACTIVE",
        "AMP_CURRENT_THREAD_ID",
        "AGENT_THREAD_ID",
        "COPILOT_AGENT_SESSION_ID",
        "CODEX_SESSION_ID",
        "AI_AGENT",
        "AGENT",
    ];
    // The settings a developer or a test environment chose for git itself stay.
    const KEPT: &[&str] = &["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH"];
    EXACT.contains(&name) || name.starts_with("CLAUDE_CODE_") || (name.starts_with("GIT_") && !KEPT.contains(&name))
}

/// A command whose environment carries no marker of git's hook or of an assistant.
#[must_use]
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_marker) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether a program of this name is found where programs are looked for.
#[must_use]
pub fn is_on_path(name: &str) -> bool {
    on_path(name).is_some()
}

/// The program of this name that is found where programs are looked for.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let files = if cfg!(windows) { vec![format!("{name}.exe"), format!("{name}.cmd")] } else { vec![name.to_owned()] };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).filter(|dir| dir.is_absolute());
    dirs.flat_map(|dir| files.iter().map(move |file| dir.join(file)).collect::<Vec<_>>()).find(|file| file.is_file())
}

/// A git that talks to other machines: it keeps what the user has set for that.
#[must_use]
pub fn git_for_remotes() -> Command {
    const KEPT: &[&str] = &[
        "GIT_ALLOW_PROTOCOL",
        "GIT_ASKPASS",
        "GIT_PROXY_COMMAND",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSH_VARIANT",
        "GIT_SSL_CAINFO",
        "GIT_SSL_CAPATH",
        "GIT_SSL_CERT",
        "GIT_SSL_KEY",
        "GIT_SSL_NO_VERIFY",
        "GIT_TERMINAL_PROMPT",
    ];
    let mut git = command("git");
    git.envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(|name| KEPT.contains(&name))));
    git
}

/// What a finished child left.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// Whether it exited with 0.
    pub success: bool,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

/// Runs a child without input and kills it when `limit` has passed.
///
/// # Errors
/// The program cannot be started, or did not finish in time.
pub fn run(command: &mut Command, limit: Duration) -> Result<Finished> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {name}"))?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let started = Instant::now();
    let Some(status) =
        wait(&mut child, limit, || Ok::<(), std::io::Error>(())).with_context(|| format!("cannot wait for {name}"))?
    else {
        let _ = child.kill();
        let _ = child.wait();
        bail!("{name} did not finish within {limit:?}");
    };
    // A grandchild that inherited a pipe (a daemon that the child started) may keep it open for ever.
    let left = || limit.saturating_sub(started.elapsed());
    Ok(Finished {
        success: status.success(),
        stdout: stdout.recv_timeout(left()).unwrap_or_default(),
        stderr: stderr.recv_timeout(left()).unwrap_or_default(),
    })
}

/// Reads a pipe to its end on a thread of its own, so that a child that fills both pipes cannot block.
fn drain(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let _ = pipe.take(64 << 20).read_to_end(&mut bytes);
        }
        let _ = send.send(bytes);
    });
    receive
}

/// How much a child may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How long it may run.
    pub time: Duration,
    /// How many bytes it may write to its standard output.
    pub output: usize,
}

/// Why a child with bounds left nothing.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It could not be started.
    #[error("cannot be started: {0}")]
    Start(#[from] std::io::Error),
    /// It ran for too long, and was killed.
    #[error("did not end in time")]
    Time,
    /// It wrote too much, and was killed.
    #[error("wrote too much")]
    Output,
    /// We are to end; it was killed.
    #[error("was interrupted")]
    Interrupted,
}

/// How much of the end of a child's standard error is kept, in bytes.
const COMPLAINTS: usize = 16 << 10;

/// How long the pipes of a child that has ended may stay open: a daemon that it started may hold them for ever.
const LINGER: Duration = Duration::from_secs(2);

/// Runs a child that reads `input`, in a process group of its own: if it exceeds its bounds, all that it started is
/// killed with it, and so it is when Ctrl-C, which does not reach that group, ends us. Of its standard error the end is
/// kept.
///
/// # Errors
/// The program cannot be started, or exceeds its bounds.
pub fn run_with_input(command: &mut Command, input: Vec<u8>, bounds: Bounds) -> Result<Finished, Broken> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let held = interrupt::hold().ok();
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(Broken::Start)?;
    if let Some(mut pipe) = child.stdin.take() {
        // A child that does not read to the end is no fault of ours: it says itself what is wrong.
        std::thread::spawn(move || pipe.write_all(&input));
    }
    let stdout = Kept::start(child.stdout.take(), bounds.output);
    let stderr = Kept::end(child.stderr.take(), COMPLAINTS);
    let watch = || match held.as_ref() {
        _ if stdout.is_too_long() => Err(Broken::Output),
        Some(held) if held.came() => Err(Broken::Interrupted),
        _ => Ok(()),
    };
    let status = wait(&mut child, bounds.time, watch).and_then(|status| status.ok_or(Broken::Time));
    let status = status.inspect_err(|_| kill_group(&mut child));
    if let Some(held) = held {
        held.go();
    }
    let status = status?;
    let closed = Instant::now() + LINGER;
    while !(stdout.is_closed() && stderr.is_closed()) && Instant::now() < closed {
        std::thread::sleep(Duration::from_millis(5));
    }
    if stdout.is_too_long() {
        return Err(Broken::Output);
    }
    Ok(Finished { success: status.success(), stdout: stdout.bytes(), stderr: stderr.bytes() })
}

/// Waits for a child's end, `None` when it takes longer than `limit`; gives up as soon as `watch` does.
fn wait<E: From<std::io::Error>>(
    child: &mut Child,
    limit: Duration,
    watch: impl Fn() -> Result<(), E>,
) -> Result<Option<ExitStatus>, E> {
    let started = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        watch()?;
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() > limit {
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Kills a child and what it started, as far as the system can say what that is.
fn kill_group(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// What is read of a pipe, on a thread of its own.
struct Kept {
    bytes: Arc<Mutex<Vec<u8>>>,
    most: usize,
    reading: JoinHandle<()>,
}

impl Kept {
    /// Reads until there is one byte more than `most`.
    fn start(pipe: Option<impl Read + Send + 'static>, most: usize) -> Self {
        Self::of(pipe, most, move |kept| kept.len() <= most)
    }

    /// Reads to the end, and keeps the last `most` bytes, or up to twice as many.
    fn end(pipe: Option<impl Read + Send + 'static>, most: usize) -> Self {
        Self::of(pipe, most, move |kept| {
            if kept.len() > 2 * most {
                kept.drain(..kept.len() - most);
            }
            true
        })
    }

    fn of(
        pipe: Option<impl Read + Send + 'static>,
        most: usize,
        mut goes_on: impl FnMut(&mut Vec<u8>) -> bool + Send + 'static,
    ) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        let reading = std::thread::spawn(move || {
            let Some(mut pipe) = pipe else { return };
            let mut chunk = vec![0; 8 << 10];
            while let Ok(count @ 1..) = pipe.read(&mut chunk) {
                let mut kept = shared.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&chunk[..count]);
                if !goes_on(&mut kept) {
                    return;
                }
            }
        });
        Self { bytes, most, reading }
    }

    fn is_closed(&self) -> bool {
        self.reading.is_finished()
    }

    fn is_too_long(&self) -> bool {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).len() > self.most
    }

    fn bytes(&self) -> Vec<u8> {
        std::mem::take(&mut self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Starts a child that nobody waits for.
///
/// All three streams lie on the null device: a child that kept git's output open would make every program that reads
/// git through a pipe wait for it. So would one that kept what else was open around git, a script's `9>lock` or the `3` of
/// a test runner: a shell closes that. The directory is left, so that it can be removed or unmounted meanwhile. The child
/// itself calls [`leave_session`] first.
///
/// # Errors
/// The program cannot be started.
pub fn detach(program: &Path, args: &[&OsStr], dir: &Path) -> Result<()> {
    const CLOSING: &str = "exec \"$0\" \"$@\" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-";
    let start = |mut command: Command| {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.args(args).current_dir(dir).spawn()
    };
    let mut shell = command("/bin/sh");
    shell.args([OsStr::new("-c"), OsStr::new(CLOSING), program.as_os_str()]);
    let started = if cfg!(unix) { start(shell).or_else(|_| start(command(program))) } else { start(command(program)) };
    started.map(drop).with_context(|| format!("cannot start {}", program.display()))
}

/// Starts a program that reads our output and shows it on the terminal that is ours as well. `line` is what the user has
/// configured: a program with its arguments, or anything a shell understands. `variables` hold where they are not set.
///
/// # Errors
/// The program cannot be started.
pub fn pager(line: &str, variables: &[(&str, &str)]) -> std::io::Result<Child> {
    let mut words = line.split_whitespace();
    // git asks the same before it calls a shell.
    let mut pager = if cfg!(unix) && line.contains(|c: char| "|&;<>()$`\\\"'*?[#~=%".contains(c)) {
        let mut shell = command("sh");
        shell.args(["-c", line]);
        shell
    } else {
        let mut pager = command(words.next().unwrap_or_default());
        pager.args(words);
        pager
    };
    pager.envs(variables.iter().copied()).stdin(Stdio::piped()).spawn()
}

/// Shows a file with the program that the desktop has for its kind, which nobody waits for.
///
/// # Errors
/// There is no desktop's opener here, or it cannot be started.
pub fn open(file: &Path) -> Result<()> {
    let candidates: &[&str] = if cfg!(target_os = "macos") {
        &["open"]
    } else if cfg!(windows) {
        &["explorer"]
    } else {
        &["xdg-open", "wslview"]
    };
    let Some(opener) = candidates.iter().find(|name| is_on_path(name)) else {
        bail!("cannot open {}: there is no {} here", file.display(), candidates.join(" or "));
    };
    detach(Path::new(opener), &[file.as_os_str()], file.parent().unwrap_or(Path::new(".")))
}

/// Leaves the terminal's session, so that closing the terminal does not end this process.
pub fn leave_session() {
    // Already a session leader: nothing to leave.
    #[cfg(unix)]
    let _ = rustix::process::setsid();
}

/// Lets every other process go first.
pub fn give_way() {
    #[cfg(unix)]
    let _ = rustix::process::nice(10);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_git_and_assistants_are_told_from_settings() {
        for name in [
            "GIT_DIR",
            "GIT_INDEX_FILE",
            "GIT_AUTHOR_DATE",
            "CLAUDECODE",
            "CLAUDE_CODE_SESSION_ID",
            "COPILOT_AGENT_SESSION_ID",
        ] {
            assert!(is_marker(name), "{name}");
        }
        for name in ["GIT_CONFIG_GLOBAL", "GITHUB_TOKEN", "HOME", "CLAUDE_CONFIG_DIR"] {
            assert!(!is_marker(name), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_child_reads_its_input_and_keeps_its_bounds() {
        let bounds = Bounds { time: Duration::from_secs(20), output: 100_000 };
        let shell = |script: &str, bounds| run_with_input(command("sh").args(["-c", script]), b"in".to_vec(), bounds);
        let finished = shell("cat; echo complaint >&2; exit 3", bounds).expect("it ran");
        assert_eq!((finished.success, &*finished.stdout, &*finished.stderr), (false, &b"in"[..], &b"complaint\n"[..]));
        // A child that never reads and one that keeps a daemon on its pipes are no trouble.
        assert!(shell("exit 0", bounds).expect("it ran").success);
        assert_eq!(shell("echo out; sleep 600 & exit 0", bounds).expect("it ran").stdout, b"out\n");
        assert!(matches!(shell("yes", bounds), Err(Broken::Output)));
        let short = Bounds { time: Duration::from_millis(30), ..bounds };
        assert!(matches!(shell("sleep 600", short), Err(Broken::Time)));
        let missing = run_with_input(&mut command("/no/such/program"), Vec::new(), bounds);
        assert!(matches!(missing, Err(Broken::Start(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_child_that_does_not_end_is_killed() {
        let error = run(command("sleep").arg("30"), Duration::from_millis(30)).unwrap_err();
        assert!(error.to_string().contains("did not finish"), "{error}");
    }
}
