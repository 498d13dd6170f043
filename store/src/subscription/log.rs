//! A log, of which a slow reader loses the oldest items.

use super::{Sender, Subscription, Wakes, channel};

/// A log of which so many items and so many bytes wait for the reader; older ones make room for newer ones, but the
/// newest always waits, however large. `dropped` is called as for [`feed`](super::feed). The items have to tell by
/// themselves that some are missing, as by their numbers.
pub fn log<T>(
    items: usize,
    bytes: usize,
    dropped: impl FnOnce() + Send + Sync + 'static,
) -> (LogSender<T>, Subscription<T>) {
    let (sender, reader) = channel(dropped);
    let sender = LogSender { sender, items, bytes };
    (sender, reader)
}

/// The writer's end of a log; dropping it ends the subscription.
pub struct LogSender<T> {
    sender: Sender<T>,
    items: usize,
    bytes: usize,
}

impl<T> LogSender<T> {
    /// Adds an item of so many bytes; never blocks.
    pub fn send(&self, item: T, bytes: usize, wakes: &mut Wakes) {
        self.sender.change(wakes, |state| {
            state.push(item, bytes);
            while state.waiting.len() > 1 && (state.waiting.len() > self.items || state.bytes > self.bytes) {
                let _oldest = state.pop();
            }
        });
    }

    /// Whether somebody reads.
    #[must_use]
    pub fn has_reader(&self) -> bool {
        self.sender.has_reader()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_items_wait_within_both_bounds() {
        let (sender, reader) = log(3, 100, || {});
        for item in 0..5 {
            sender.send(item, 10, &mut Wakes::default());
        }
        assert_eq!(reader.try_iter().collect::<Vec<_>>(), [2, 3, 4]);
        for (item, bytes) in [(5, 60), (6, 30), (7, 20)] {
            sender.send(item, bytes, &mut Wakes::default());
        }
        assert_eq!(reader.try_iter().collect::<Vec<_>>(), [6, 7]);
        sender.send(8, 10, &mut Wakes::default());
        sender.send(9, 1000, &mut Wakes::default());
        assert_eq!(reader.try_iter().collect::<Vec<_>>(), [9]);
        drop(reader);
        assert!(!sender.has_reader());
    }
}
