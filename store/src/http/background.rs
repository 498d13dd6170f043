//! The thread on which a database's requests are under way.

use std::io;
use std::thread::JoinHandle;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// A thread for what is asked of the other side. What is under way there ends when this is dropped.
pub(crate) struct Background {
    handle: Handle,
    /// Ends the thread when it is dropped.
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// The thread has ended, and nothing is done there any more.
#[derive(Debug, thiserror::Error)]
#[error("it was let go")]
pub(crate) struct Ended;

impl Background {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system has none.
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .thread_name(name)
            .build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with the database that it belongs to"
        )]
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let _ended = runtime.block_on(ended);
            // The system may still look for a name, which nobody waits for.
            runtime.shutdown_background();
        })?;
        Ok(Self {
            handle,
            end: Some(end),
            thread: Some(thread),
        })
    }

    /// A way to have something done there.
    pub(crate) fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

/// Waits for what is done on the thread.
///
/// # Errors
/// If the thread ends before.
pub(crate) fn wait_on<T: Send + 'static>(
    handle: &Handle,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Ended> {
    let (done, waiting) = crossbeam_channel::bounded(1);
    handle.spawn(async move {
        let _somebody_waits = done.send(work.await);
    });
    waiting.recv().map_err(|_ended| Ended)
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.end.take());
        let Some(thread) = self.thread.take() else { return };
        // One that is woken on that thread may be the last who uses this.
        if thread.thread().id() != std::thread::current().id() {
            let _ended = thread.join();
        }
    }
}
