//! What a command that takes long tells meanwhile, and how fast it goes.

use std::io::{IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use clap::Args;
use keyglass_store::transfer::Progress;

use super::interrupt::Interrupt;

/// How long bytes are counted before it is told how many come in a second.
const MEASURED: Duration = Duration::from_millis(500);

/// A line on the terminal that counts.
pub(super) struct ProgressLine {
    shown: bool,
    terminal: bool,
    rate: Rate,
}

impl ProgressLine {
    pub(super) fn new() -> Self {
        Self {
            shown: false,
            terminal: std::io::stderr().is_terminal(),
            rate: Rate::default(),
        }
    }

    /// Tells how many entries are done.
    pub(super) fn show(&mut self, entries: u64) {
        self.tell(&format!("{entries} entries …"));
    }

    /// Tells how many entries are done, and how many bytes of keys and values go by in a second.
    pub(super) fn transferring(&mut self, now: Progress) {
        if !self.terminal {
            return;
        }
        let rate = self.rate.of(now.bytes, Instant::now());
        let rate = rate.map(|rate| format!(", {}/s", crate::format::bytes(rate)));
        self.tell(&format!("{} entries{} …", now.entries, rate.unwrap_or_default()));
    }

    fn tell(&mut self, text: &str) {
        if self.terminal {
            eprint_over(text);
            self.shown = true;
        }
    }

    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            eprint_over("");
        }
    }
}

/// Writes over the line that the cursor of the terminal is in.
fn eprint_over(text: &str) {
    let _written = write!(std::io::stderr(), "\r\x1b[2K{text}");
}

/// How many bytes go by in a second, as of late.
#[derive(Default)]
struct Rate {
    since: Option<(Instant, u64)>,
    told: Option<u64>,
}

impl Rate {
    /// Takes how many bytes there were in all at a moment.
    fn of(&mut self, bytes: u64, now: Instant) -> Option<u64> {
        let (since, before) = *self.since.get_or_insert((now, bytes));
        let passed = now.saturating_duration_since(since);
        if passed >= MEASURED {
            let milliseconds = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX).max(1);
            self.told = Some(bytes.saturating_sub(before).saturating_mul(1000) / milliseconds);
            self.since = Some((now, bytes));
        }
        self.told
    }
}

/// `--limit`: how fast a command may go.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Limit {
    /// Go no faster than so many bytes of keys and values a second, such as 2MB/s or 500KB/s
    #[arg(long = "limit", value_name = "RATE", value_parser = bytes_a_second)]
    bytes_a_second: Option<u64>,
}

impl Limit {
    /// Begins to count.
    pub(super) fn pace(self) -> Pace {
        Pace {
            bytes_a_second: self.bytes_a_second,
            begun: Instant::now(),
            before: 0,
        }
    }
}

/// Holds a command back that is to go no faster.
pub(super) struct Pace {
    bytes_a_second: Option<u64>,
    begun: Instant,
    before: u64,
}

impl Pace {
    /// Waits until so many bytes in all are no more than may be; breaks once the program was asked to end.
    pub(super) fn keep(&mut self, now: Progress, interrupt: &Interrupt) -> ControlFlow<()> {
        if let Some(limit) = self.bytes_a_second {
            if now.bytes < self.before {
                // Something else has begun.
                self.begun = Instant::now();
            }
            self.before = now.bytes;
            let due = due(now.bytes, limit);
            interrupt.wait_at_most(due.saturating_sub(self.begun.elapsed()));
        }
        interrupt.flow()
    }
}

/// When so many bytes may have gone by.
fn due(bytes: u64, limit: u64) -> Duration {
    let microseconds = u128::from(bytes) * 1_000_000 / u128::from(limit.max(1));
    Duration::from_micros(u64::try_from(microseconds).unwrap_or(u64::MAX))
}

/// Reads a rate.
///
/// # Errors
/// If it is none, as clap reports it.
fn bytes_a_second(text: &str) -> Result<u64, String> {
    let wrong = || "expected bytes a second, such as 2MB/s, 1.5MB/s or 800KB/s".to_owned();
    let text = text.trim();
    let text = text.strip_suffix("/s").unwrap_or(text).trim();
    let digits = text.trim_end_matches(char::is_alphabetic);
    let unit = text.get(digits.len()..).unwrap_or_default();
    let factor: u32 = match unit.to_ascii_lowercase().as_str() {
        // As sizes are told everywhere: in units of 1,024.
        "b" => 1,
        "kb" | "kib" => 1 << 10,
        "mb" | "mib" => 1 << 20,
        "gb" | "gib" => 1 << 30,
        _ => return Err(wrong()),
    };
    let number: f64 = digits.trim().parse().map_err(|_no_number| wrong())?;
    let bytes = number * f64::from(factor);
    if (1.0..1e18).contains(&bytes) {
        Ok(bytes as u64)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_of_bytes_with_its_unit() {
        for (text, bytes) in [
            ("2MB/s", 2 << 20),
            ("1.5MiB/s", 1_572_864),
            ("800 kB", 819_200),
            ("1 GiB/s", 1 << 30),
            ("512B/s", 512),
        ] {
            assert_eq!(bytes_a_second(text), Ok(bytes), "{text}");
        }
        for text in [
            "", "2", "MB/s", "-1MB/s", "0B/s", "2 MB/min", "NaNMB/s", "1e30GB/s",
        ] {
            assert!(bytes_a_second(text).is_err(), "{text}");
        }
    }

    #[test]
    fn bytes_may_go_by_when_their_time_has_come() {
        assert_eq!(due(3_000_000, 2_000_000), Duration::from_millis(1500));
        assert_eq!(due(0, 1), Duration::ZERO);
        assert_eq!(due(u64::MAX, 1), Duration::from_micros(u64::MAX));
    }

    #[test]
    fn a_rate_is_told_as_of_late() {
        let mut rate = Rate::default();
        let begun = Instant::now();
        let after = |milliseconds| begun + Duration::from_millis(milliseconds);
        assert_eq!(rate.of(100, begun), None);
        assert_eq!(rate.of(900, after(100)), None);
        assert_eq!(rate.of(1100, after(500)), Some(2000));
        assert_eq!(rate.of(9000, after(600)), Some(2000));
        assert_eq!(rate.of(5100, after(1500)), Some(4000));
    }
}
