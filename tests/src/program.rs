//! Running programs: the built `keyglass`, in a home of its own, and whatever must end with the test.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crate::data::Desk;

/// The program as `cargo build` left it: beside the folder of the test binaries.
fn keyglass_path() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.ancestors().nth(2).unwrap().join("keyglass");
    assert!(
        path.exists(),
        "Keyglass is not built yet; `tests/run product` builds it and runs these tests: {}",
        path.display()
    );
    path
}

/// `keyglass` as a person without a display starts it, with an empty home.
pub(crate) fn keyglass(desk: &Desk) -> Command {
    let mut command = Command::new(keyglass_path());
    at_home(&mut command, desk);
    command
}

/// Gives a program an empty home, no display, and no session bus.
pub(crate) fn at_home(command: &mut Command, desk: &Desk) {
    let home = desk.path("home");
    std::fs::create_dir_all(&home).unwrap();
    command.env("HOME", &home);
    for variable in [
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
        "XDG_STATE_HOME",
    ] {
        let folder = home.join(variable.to_lowercase());
        std::fs::create_dir_all(&folder).unwrap();
        command.env(variable, folder);
    }
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    command
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null());
}

/// Runs a command to its end; fails with what it printed unless it succeeds.
pub(crate) fn stdout_of(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}",
        output.status,
        error_text(&output)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// What a program printed as errors.
pub(crate) fn error_text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A program that runs beside the test and is ended with it.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        #[expect(clippy::disallowed_methods, reason = "a program prints a few lines")]
        let (sender, lines) = mpsc::channel();
        #[expect(clippy::disallowed_methods, reason = "it ends with the program")]
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// The next line that it prints and that holds `text`.
    pub(crate) fn line_with(&self, text: &str, limit: Duration) -> String {
        let end = Instant::now() + limit;
        let mut before = Vec::new();
        loop {
            match self
                .lines
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => before.push(line),
                Err(error) => panic!("no line with {text} ({error}), only {before:#?}"),
            }
        }
    }

    /// Whether among the lines that it has printed and nobody has read is one that holds `text`.
    pub(crate) fn has_line_with(&self, text: &str) -> bool {
        self.lines.try_iter().any(|line| line.contains(text))
    }

    /// Ends it as `kill -9` does; returns what it printed and nobody has read.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.iter().collect()
    }

    /// Asks it to end, as a system does, and waits for that; it must end well.
    #[cfg(unix)]
    pub(crate) fn end(self) {
        self.signal("TERM");
        self.finish();
    }

    /// Sends it a signal, such as `TERM`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &process])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its own end.
    pub(crate) fn finish(mut self) {
        assert!(self.child.wait().unwrap().success());
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// How often its first thread, which draws the window, has waited and gone on.
    #[cfg(target_os = "linux")]
    pub(crate) fn wakes(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.unwrap().trim().parse().unwrap()
    }

    /// Processor time that it has used, all threads together, in hundredths of a second.
    #[cfg(target_os = "linux")]
    pub(crate) fn processor_ticks(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // The name may hold spaces; user and system time are the 12th and 13th field after it.
        let (_name, fields) = text.rsplit_once(')').unwrap();
        fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().unwrap())
            .sum()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Waits until `check` finds something, looking every few milliseconds; fails, naming `what`, after `limit`.
pub(crate) fn wait_for<T>(what: &str, limit: Duration, mut check: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(start.elapsed() < limit, "waited {limit:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
