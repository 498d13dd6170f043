//! Ctrl+C and SIGTERM while a command is at work: it stops in order and says what it did.

use std::io::{self, BufRead, ErrorKind, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, select};

use crate::threads::{self, NoThread};

/// Bytes that are read of stdin at once.
const CHUNK: usize = 1 << 16;
/// Chunks that are read ahead.
const AHEAD: usize = 4;

/// Whether the person or the system has asked the program to end.
pub(super) struct Interrupt {
    asked: Arc<AtomicBool>,
    /// Is told so once.
    told: Receiver<()>,
}

impl Interrupt {
    /// Listens from now on. Where there is no such signal, or it cannot be heard, the program ends as any other.
    pub(super) fn listen() -> Self {
        let asked = Arc::new(AtomicBool::new(false));
        let (tell, told) = bounded(1);
        let heard = Arc::clone(&asked);
        let _handled = ctrlc::set_handler(move || {
            heard.store(true, Ordering::Release);
            let _told_before = tell.try_send(());
        });
        Self { asked, told }
    }

    /// Breaks once the program was asked to end.
    pub(super) fn flow(&self) -> ControlFlow<()> {
        if self.asked.load(Ordering::Acquire) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Waits until the program is asked to end; no time at all where that cannot be heard.
    pub(super) fn wait(&self) {
        let _asked = self.told.recv();
    }

    /// Waits so long, or until the program is asked to end.
    pub(super) fn wait_at_most(&self, length: Duration) {
        if !length.is_zero() && self.flow().is_continue() {
            let _asked_or_time = self.told.recv_timeout(length);
        }
    }

    /// Standard input, of which nothing may come for a long time: a read fails with [`ErrorKind::WouldBlock`] once the
    /// program was asked to end.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub(super) fn stdin(&self) -> Result<Stdin, NoThread> {
        let (sender, chunks) = bounded(AHEAD);
        // It is left waiting when the program ends.
        threads::spawn("stdin", move || read_ahead(&sender))?;
        Ok(Stdin {
            chunks,
            told: self.told.clone(),
            chunk: Vec::new(),
            used: 0,
        })
    }
}

/// Reads stdin to its end, as far ahead as there is room.
fn read_ahead(sender: &Sender<io::Result<Vec<u8>>>) {
    let mut stdin = io::stdin().lock();
    loop {
        let mut chunk = vec![0; CHUNK];
        let read = match stdin.read(&mut chunk) {
            Ok(0) => return,
            Ok(length) => {
                chunk.truncate(length);
                Ok(chunk)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = read.is_err();
        if sender.send(read).is_err() || failed {
            return;
        }
    }
}

/// See [`Interrupt::stdin`].
pub(super) struct Stdin {
    chunks: Receiver<io::Result<Vec<u8>>>,
    told: Receiver<()>,
    chunk: Vec<u8>,
    used: usize,
}

impl BufRead for Stdin {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used >= self.chunk.len() {
            select! {
                recv(self.chunks) -> chunk => {
                    // Without a sender all was read.
                    self.chunk = chunk.unwrap_or_else(|_end| Ok(Vec::new()))?;
                    self.used = 0;
                }
                recv(self.told) -> _asked => return Err(ErrorKind::WouldBlock.into()),
            }
        }
        Ok(self.chunk.get(self.used..).unwrap_or_default())
    }

    fn consume(&mut self, bytes: usize) {
        self.used += bytes;
    }
}

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}
