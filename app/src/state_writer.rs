//! Writes what is kept between runs on a thread of its own, so that the window never waits for the disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, unbounded};

use crate::state::SavedState;

/// Hands states to the thread. What was handed over is on the disk when this is dropped.
pub struct StateWriter {
    sender: Option<Sender<SavedState>>,
    thread: Option<JoinHandle<()>>,
    handed: u64,
    written: Arc<AtomicU64>,
}

impl StateWriter {
    /// Starts the thread. `failed` is told why a state could not be written.
    ///
    /// # Errors
    /// A sentence, if the system refuses a thread.
    pub fn start(path: PathBuf, failed: impl Fn(String) + Send + 'static) -> Result<Self, String> {
        let (sender, states) = unbounded::<SavedState>();
        let written = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&written);
        let thread = std::thread::Builder::new()
            .name("keyglass settings".to_owned())
            .spawn(move || {
                while let Ok(mut state) = states.recv() {
                    let mut number = 1;
                    // Only the last one counts.
                    for newer in states.try_iter() {
                        state = newer;
                        number += 1;
                    }
                    if let Err(error) = state.save(&path) {
                        failed(error);
                    }
                    count.fetch_add(number, Ordering::Release);
                }
            })
            .map_err(|error| format!("The system refused to start a background thread ({error})"))?;
        Ok(Self {
            sender: Some(sender),
            thread: Some(thread),
            handed: 0,
            written,
        })
    }

    /// Writes a state soon, unless a newer one follows before.
    pub fn write(&mut self, state: SavedState) {
        if let Some(sender) = &self.sender
            && sender.send(state).is_ok()
        {
            self.handed += 1;
        }
    }

    /// Whether all that was handed over is on the disk.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.written.load(Ordering::Acquire) == self.handed
    }
}

impl Drop for StateWriter {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // It ends as soon as it has written the last state. A panic there was told already.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(text_scale: f32) -> SavedState {
        SavedState {
            text_scale,
            ..SavedState::default()
        }
    }

    #[test]
    fn the_last_state_is_on_the_disk_when_the_writer_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let mut writer = StateWriter::start(path.clone(), |error| panic!("{error}")).unwrap();
        for number in 0..500_u16 {
            writer.write(scaled(f32::from(number)));
        }
        drop(writer);
        assert_eq!(SavedState::load(&path), scaled(499.0));
        // Nothing half-written stays beside it.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_state_that_cannot_be_written_is_told_and_the_next_one_is_tried() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings").join("state.json");
        // A file where the folder should be.
        std::fs::write(folder.path().join("settings"), "").unwrap();
        let (sender, errors) = unbounded();
        let mut writer = StateWriter::start(path.clone(), move |error| sender.send(error).unwrap()).unwrap();
        writer.write(scaled(1.5));
        assert!(
            errors
                .recv()
                .unwrap()
                .starts_with("Keyglass could not keep its settings")
        );
        std::fs::remove_file(folder.path().join("settings")).unwrap();
        writer.write(scaled(2.0));
        drop(writer);
        assert_eq!(SavedState::load(&path), scaled(2.0));
    }
}
