//! The program that commits: Deno, or this bench itself with a folder of our own open.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::Outcome;

/// A program that is told by lines what to commit. Ended when this is dropped.
pub struct Program {
    child: Child,
    /// `None` only while it is being ended.
    tell: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts a command that understands the lines that `program.ts` tells of.
    pub fn start(command: &mut Command) -> Outcome<Self> {
        let name = command.get_program().display().to_string();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name} cannot be started ({error})"))?;
        let (Some(tell), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("The program has no standard input or output".into());
        };
        Ok(Self {
            child,
            tell: Some(tell),
            answers: BufReader::new(answers).lines(),
        })
    }

    /// Starts Deno on a file.
    pub fn deno(deno: &Path, file: &Path) -> Outcome<Self> {
        Self::start(
            Command::new(deno)
                .args(["run", "--quiet", "--allow-all", "--unstable-kv"])
                .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/live/program.ts"))
                .arg(file),
        )
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to do something and begins to wait.
    pub fn tell(&mut self, line: &str) -> Outcome<()> {
        let tell = self.tell.as_mut().ok_or("The program has ended")?;
        writeln!(tell, "{line}")?;
        Ok(tell.flush()?)
    }

    /// Its answer.
    pub fn answer(&mut self) -> Outcome<String> {
        let answer = self.answers.next();
        Ok(answer.ok_or("The program that commits has ended early")??)
    }

    /// Tells it to do something and waits until it is done.
    pub fn ask(&mut self, line: &str) -> Outcome<String> {
        self.tell(line)?;
        self.answer()
    }

    /// Has it close what it has open, and waits for its end.
    pub fn close(mut self) -> Outcome<()> {
        self.tell = None;
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("The program that commits has ended with {status}").into())
        }
    }

    /// Lets it commit at a rate, 0 being as fast as it can; the commits a second that it reached.
    pub fn run(&mut self, rate: u32, time: Duration) -> Outcome<f64> {
        Ok(self.ask(&format!("run {rate} {}", time.as_secs_f64()))?.parse()?)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.tell = None;
        let _ended = self.child.kill();
        let _collected = self.child.wait();
    }
}
