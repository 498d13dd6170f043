//! Writes what is kept between runs on a thread of its own, so that the window never waits for the disk.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::state::SavedState;
use crate::state_file::{self, Unreadable};
use crate::state_merge::{Patch, merge};
use crate::threads::{self, NoThread};

/// Hands changes to the thread. What was handed over is on the disk when this is dropped.
pub struct StateWriter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What went not as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteTrouble {
    /// Nothing was written, for the reason in this sentence. It is tried again with the next change.
    Failed(String),
    /// What stood there could not be read, and is kept beside it.
    Unreadable(Unreadable),
}

struct Shared {
    path: PathBuf,
    queue: Mutex<Queue>,
    woken: Condvar,
}

/// Changes that are not on the disk yet, oldest first.
#[derive(Default)]
struct Queue {
    waiting: Vec<Patch>,
    /// How many of them could not be written when it was tried last.
    failed: usize,
    ending: bool,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The changes that are to be written next; `None` at the end.
    fn next(&self) -> Option<Vec<Patch>> {
        let mut queue = self
            .woken
            .wait_while(self.queue(), |queue| {
                queue.waiting.len() == queue.failed && !queue.ending
            })
            .unwrap_or_else(PoisonError::into_inner);
        if queue.waiting.len() == queue.failed {
            return None;
        }
        let mut folded: Vec<Patch> = Vec::new();
        for patch in queue.waiting.drain(..) {
            match folded.last_mut() {
                Some(last) => match last.then(&patch) {
                    Some(both) => *last = both,
                    None => folded.push(patch),
                },
                None => folded.push(patch),
            }
        }
        queue.failed = 0;
        queue.waiting.clone_from(&folded);
        Some(folded)
    }
}

impl StateWriter {
    /// Starts the thread. `troubled` is told what went wrong.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub fn start(path: PathBuf, troubled: impl Fn(WriteTrouble) + Send + 'static) -> Result<Self, NoThread> {
        let shared = Arc::new(Shared {
            path,
            queue: Mutex::default(),
            woken: Condvar::new(),
        });
        let own = Arc::clone(&shared);
        let thread = threads::spawn("settings", move || {
            while let Some(patches) = own.next() {
                let written = state_file::apply(&patches, &own.path);
                let mut queue = own.queue();
                match &written {
                    Ok(_) => drop(queue.waiting.drain(..patches.len())),
                    // What was not written is written with the next change.
                    Err(_) => queue.failed = patches.len(),
                }
                drop(queue);
                match written {
                    Ok(None) => {}
                    Ok(Some(unreadable)) => troubled(WriteTrouble::Unreadable(unreadable)),
                    Err(error) => troubled(WriteTrouble::Failed(error)),
                }
            }
        })?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Writes a window's changes soon.
    pub fn write(&mut self, patch: Patch) {
        self.shared.queue().waiting.push(patch);
        self.shared.woken.notify_one();
    }

    /// What stands in the file as it will be once all that was handed over is written.
    #[must_use]
    pub fn look(&self) -> SavedState {
        // What is written meanwhile stays in the queue until it is let go, and putting it in twice changes nothing.
        let queue = self.shared.queue();
        let there = state_file::look(&self.shared.path);
        queue
            .waiting
            .iter()
            .fold(there, |there, patch| merge(patch, there))
    }

    /// Whether all that was handed over is on the disk, or was refused.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let queue = self.shared.queue();
        queue.waiting.len() == queue.failed
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }
}

impl Drop for StateWriter {
    fn drop(&mut self) {
        self.shared.queue().ending = true;
        self.shared.woken.notify_one();
        if let Some(thread) = self.thread.take() {
            // It ends as soon as it has written the last state. A panic there was told already.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::unbounded;

    use super::*;

    fn scaled(text_scale: f32) -> Arc<SavedState> {
        Arc::new(SavedState {
            text_scale,
            ..SavedState::default()
        })
    }

    fn from(base: &Arc<SavedState>, own: &Arc<SavedState>) -> Patch {
        Patch {
            base: Arc::clone(base),
            own: Arc::clone(own),
            open: Vec::new(),
        }
    }

    #[test]
    fn the_last_state_is_on_the_disk_when_the_writer_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let mut writer = StateWriter::start(path.clone(), |error| panic!("{error:?}")).unwrap();
        let mut base = Arc::new(SavedState::default());
        for number in 2..500_u16 {
            let own = scaled(f32::from(number));
            writer.write(from(&base, &own));
            assert_eq!(writer.look(), *own);
            base = own;
        }
        drop(writer);
        assert_eq!(state_file::look(&path), *scaled(499.0));
        // Nothing half-written stays beside it and its lock.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn windows_that_write_at_once_lose_nothing_of_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        std::thread::scope(|scope| {
            for window in 0..4 {
                let path = path.clone();
                scope.spawn(move || {
                    let mut writer = StateWriter::start(path, |error| panic!("{error:?}")).unwrap();
                    let mut base = Arc::new(SavedState::default());
                    for number in 0..25 {
                        let mut own = (*base).clone();
                        own.sessions
                            .entry(format!("{window} {number}"))
                            .or_default()
                            .watched = vec!["[1]".to_owned()];
                        own.open.push(format!("{window} {number}"));
                        let own = Arc::new(own);
                        writer.write(from(&base, &own));
                        base = own;
                    }
                });
            }
        });
        assert_eq!(state_file::look(&path).sessions.len(), 100);
    }

    #[test]
    fn a_state_that_cannot_be_written_is_told_and_written_with_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings").join("state.json");
        // A file where the folder should be.
        std::fs::write(folder.path().join("settings"), "").unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test takes all of it")]
        let (sender, errors) = unbounded();
        let mut writer = StateWriter::start(path.clone(), move |error| sender.send(error).unwrap()).unwrap();
        let (first, second) = (Arc::new(SavedState::default()), scaled(1.5));
        writer.write(from(&first, &second));
        let WriteTrouble::Failed(error) = errors.recv().unwrap() else {
            panic!("it was written");
        };
        assert!(
            error.starts_with("Keyglass could not keep its settings"),
            "{error}"
        );
        std::fs::remove_file(folder.path().join("settings")).unwrap();
        let mut third = (*second).clone();
        third.show_keys = false;
        let third = Arc::new(third);
        writer.write(from(&second, &third));
        drop(writer);
        assert_eq!(state_file::look(&path), *third);
    }
}
