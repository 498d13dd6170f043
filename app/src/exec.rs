//! Command lines that a person wrote, run because something changed.
//!
//! The shell gets the line as it was written, and nothing else: the change is handed over in variables of the environment
//! and as a line of JSON on the standard input, so that no key or value can become a part of the command.

use std::io::{self, PipeReader, Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, after, bounded, never, select};
use keyglass_store::Change;

use crate::content::change_kind::ChangeKind;
use crate::content::change_line::change_line;
use crate::threads;

/// How long a command may take that nobody waits for.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Between two looks whether a command has ended that has closed its output, or shall be ended.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);
/// How long the output is waited for after the end, which others may hold open.
const OUTPUT_PATIENCE: Duration = Duration::from_millis(500);
/// Bytes at the end of the output that are kept.
const KEPT_OUTPUT: usize = 4096;
/// Characters of a line that is told.
const LINE_CHARS: usize = 200;

/// What a command is run for.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// The location of the database.
    pub location: String,
    /// The condition that became true, if one was waited for.
    pub condition: Option<String>,
    /// How many changes it is run for.
    pub changes: u64,
    /// The last of them.
    pub change: Change,
    /// When that was noticed, in milliseconds since the Unix epoch.
    pub at: i64,
}

impl Occasion {
    fn kind(&self) -> ChangeKind {
        ChangeKind::of(&self.change.before, self.change.after.as_ref(), self.at)
    }

    /// The line that the command gets on its standard input, as `keyglass watch --json` prints it.
    #[must_use]
    pub fn input(&self) -> String {
        let mut line = change_line(&self.change, self.kind(), self.at, None);
        line.push('\n');
        line
    }
}

/// A command line for the system's shell, with the variables of the occasion.
#[must_use]
pub fn command(line: &str, occasion: &Occasion) -> Command {
    let mut command = shell(line);
    command
        .env("KEYGLASS_DATABASE", &occasion.location)
        .env("KEYGLASS_KEY", occasion.change.key.to_string())
        .env("KEYGLASS_KIND", occasion.kind().word())
        .env("KEYGLASS_VERSIONSTAMP", occasion.change.versionstamp.to_string())
        .env("KEYGLASS_CHANGES", occasion.changes.to_string());
    match &occasion.condition {
        Some(condition) => command.env("KEYGLASS_CONDITION", condition),
        None => command.env_remove("KEYGLASS_CONDITION"),
    };
    command.stdin(Stdio::piped());
    command
}

#[cfg(not(windows))]
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

/// Not `cmd`, which puts variables into the line before it reads it.
#[cfg(windows)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("powershell");
    command
        .args(["-NoProfile", "-NonInteractive", "-Command"])
        .arg(line);
    command
}

/// Hands the change to a command that was started. One that does not read it is left alone.
pub fn hand_over(child: &mut Child, occasion: &Occasion) {
    if let Some(mut input) = child.stdin.take() {
        let _unread = input.write_all(occasion.input().as_bytes());
    }
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With this exit code.
    Exited(i32),
    /// By a signal.
    Killed,
    /// It was ended, because it took too long.
    TookTooLong,
    /// It was ended with the database.
    Stopped,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// The last line of its output.
    pub last_line: String,
}

impl Ran {
    /// Whether it did what it was to do.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.end == End::Exited(0)
    }

    /// How it ended and what it said last, as a clause.
    #[must_use]
    pub fn told(&self) -> String {
        let end = match self.end {
            End::Exited(code) => format!("exit code {code}"),
            End::Killed => "killed by a signal".to_owned(),
            End::TookTooLong => format!("ended after {} s", TIME_LIMIT.as_secs()),
            End::Stopped => "ended with the database".to_owned(),
        };
        match self.last_line.as_str() {
            "" => end,
            line => format!("{end}: {line}"),
        }
    }
}

/// Runs a command line and waits for its end, at most `limit`, and only until `stopped` is set.
///
/// # Errors
/// What the system refused.
pub fn run(line: &str, occasion: &Occasion, limit: Duration, stopped: &AtomicBool) -> io::Result<Ran> {
    let (output, written) = io::pipe()?;
    let mut command = command(line, occasion);
    command.stdout(written.try_clone()?).stderr(written);
    in_own_group(&mut command);
    let mut child = command.spawn()?;
    // It holds the ends of the pipe, too.
    drop(command);
    let tail = Arc::new(Mutex::new(Vec::new()));
    let ended = read_tail(output, Arc::clone(&tail))?;
    hand_over_aside(&mut child, occasion)?;
    let end = wait(&mut child, &ended, limit, stopped)?;
    let _over = ended.recv_timeout(OUTPUT_PATIENCE);
    let tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Ran {
        end,
        last_line: last_line(&tail),
    })
}

/// Hands the change over on a thread of its own: a command that never reads would hold up who waits for its end.
fn hand_over_aside(child: &mut Child, occasion: &Occasion) -> io::Result<()> {
    let (input, text) = (child.stdin.take(), occasion.input());
    let started = threads::spawn("command input", move || {
        if let Some(mut input) = input {
            let _unread = input.write_all(text.as_bytes());
        }
    });
    started.map(drop).map_err(|error| error.0)
}

/// Reads the output on a thread and keeps its end. The receiver hears when there is no more.
fn read_tail(mut output: PipeReader, tail: Arc<Mutex<Vec<u8>>>) -> io::Result<Receiver<()>> {
    let (over, ended) = bounded(1);
    let started = threads::spawn("command output", move || {
        let mut bytes = [0; KEPT_OUTPUT];
        while let Ok(read @ 1..) = output.read(&mut bytes) {
            let mut tail = tail.lock().unwrap_or_else(PoisonError::into_inner);
            tail.extend_from_slice(bytes.get(..read).unwrap_or_default());
            let too_many = tail.len().saturating_sub(KEPT_OUTPUT);
            tail.drain(..too_many);
        }
        let _gone = over.send(());
    });
    started.map(|_thread| ended).map_err(|error| error.0)
}

fn wait(child: &mut Child, ended: &Receiver<()>, limit: Duration, stopped: &AtomicBool) -> io::Result<End> {
    let over = after(limit);
    let mut ended = ended.clone();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(end_of(status));
        }
        let end = if stopped.load(Ordering::Acquire) {
            End::Stopped
        } else if over.try_recv().is_ok() {
            End::TookTooLong
        } else {
            select! {
                // Its end follows, mostly at once.
                recv(ended) -> _over => ended = never(),
                default(LOOK_INTERVAL) => {}
            }
            continue;
        };
        kill(child);
        child.wait()?;
        return Ok(end);
    }
}

fn end_of(status: ExitStatus) -> End {
    status.code().map_or(End::Killed, End::Exited)
}

/// So that it is ended with all that it has started.
#[cfg(unix)]
fn in_own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn in_own_group(_command: &mut Command) {}

#[cfg(unix)]
fn kill(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let _gone = kill_process_group(Pid::from_child(child), Signal::KILL);
}

#[cfg(not(unix))]
fn kill(child: &mut Child) {
    let _gone = child.kill();
}

/// The last line that says something, without what moves cursors.
fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines = text.lines().map(str::trim);
    let last = lines.rev().find(|line| !line.is_empty()).unwrap_or_default();
    let shown = last.chars().filter(|char| !char.is_control());
    shown.take(LINE_CHARS).collect()
}

#[cfg(test)]
mod tests;
