//! Standard output, and notes on standard error.

use std::fmt;
use std::io::{self, BufWriter, StdoutLock, Write};

use super::error::CommandError;

/// Standard output, buffered.
pub(super) struct Output(BufWriter<StdoutLock<'static>>);

impl Output {
    pub(super) fn new() -> Self {
        Self(BufWriter::new(io::stdout().lock()))
    }

    /// Prints a line.
    pub(super) fn line(&mut self, line: impl fmt::Display) -> Result<(), CommandError> {
        writeln!(self.0, "{line}").map_err(CommandError::Output)
    }

    /// Sends what was printed so far to the reader.
    pub(super) fn flush(&mut self) -> Result<(), CommandError> {
        self.0.flush().map_err(CommandError::Output)
    }

    /// Sends the rest.
    pub(super) fn finish(mut self) -> Result<(), CommandError> {
        self.flush()
    }

    /// Where a transfer writes.
    pub(super) fn writer(&mut self) -> &mut dyn Write {
        &mut self.0
    }
}

/// Tells the person something that is not part of the data.
pub(super) fn note(text: impl fmt::Display) {
    // A note that cannot be written is not worth failing for.
    let _written = writeln!(io::stderr(), "{text}");
}
