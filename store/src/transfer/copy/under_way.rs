//! Batches that are under way at the same time, each on a thread of its own, while further ones are gathered.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

/// What does batches, so many at once, in any order.
pub(super) struct UnderWay<Batch, Done> {
    at_once: usize,
    /// Both have room for all that is under way, so no thread waits to be heard.
    work: Sender<Batch>,
    done: Receiver<thread::Result<Done>>,
    num_under_way: usize,
}

impl<Batch: Send, Done: Send> UnderWay<Batch, Done> {
    /// Has `user` hand over batches, of which at most `at_once` are done at the same time. What is under way when the user
    /// ends is done before this returns.
    pub(super) fn with<Given>(
        at_once: usize,
        work: impl Fn(Batch) -> Done + Sync,
        user: impl FnOnce(Self) -> Given,
    ) -> Given {
        let work = &work;
        thread::scope(|scope| {
            let (handing, handed) = bounded::<Batch>(at_once);
            let (telling, told) = bounded(at_once);
            for _ in 0..at_once {
                let (handed, telling) = (handed.clone(), telling.clone());
                scope.spawn(move || {
                    for batch in handed {
                        let done = catch_unwind(AssertUnwindSafe(|| work(batch)));
                        // Nobody hears it whose user has ended.
                        let _heard = telling.send(done);
                    }
                });
            }
            user(Self {
                at_once,
                work: handing,
                done: told,
                num_under_way: 0,
            })
        })
    }

    /// Hands over a batch once there is room for it, and gives what has been done meanwhile.
    pub(super) fn add(&mut self, batch: Batch) -> Vec<Done> {
        let mut done = Vec::new();
        while self.num_under_way >= self.at_once
            && let Some(one) = self.next()
        {
            done.push(one);
        }
        while !self.done.is_empty()
            && let Some(one) = self.next()
        {
            done.push(one);
        }
        if self.work.send(batch).is_ok() {
            self.num_under_way += 1;
        }
        done
    }

    /// Waits for all that is under way.
    pub(super) fn finish(&mut self) -> Vec<Done> {
        std::iter::from_fn(|| self.next()).collect()
    }

    /// Waits for one of those that are under way.
    fn next(&mut self) -> Option<Done> {
        self.num_under_way = self.num_under_way.checked_sub(1)?;
        let done = self.done.recv().ok()?;
        Some(done.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn so_many_are_done_at_the_same_time_and_each_once() {
        // None of them ends before as many as may be are under way.
        let all_there = Barrier::new(4);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |number: usize| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            all_there.wait();
            now.fetch_sub(1, Ordering::SeqCst);
            number
        };
        let mut done = UnderWay::with(4, work, |mut under_way| {
            let mut done: Vec<usize> = (0..40).flat_map(|number| under_way.add(number)).collect();
            done.extend(under_way.finish());
            assert_eq!(under_way.finish(), Vec::<usize>::new());
            done
        });
        done.sort_unstable();
        assert_eq!(done, (0..40).collect::<Vec<_>>());
        assert_eq!(most.into_inner(), 4);
    }

    #[test]
    fn what_is_under_way_is_done_though_nobody_waits_for_it() {
        let num_done = AtomicUsize::new(0);
        let work = |_: usize| num_done.fetch_add(1, Ordering::SeqCst);
        UnderWay::with(2, work, |mut under_way| {
            under_way.add(1);
            under_way.add(2);
        });
        assert_eq!(num_done.into_inner(), 2);
    }
}
