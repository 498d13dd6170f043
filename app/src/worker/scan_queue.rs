//! What the scanner has to do, in which order, and when it rests.

use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::Asked;
use crate::errand::{Count, Scan, ScanTable};
use crate::outstanding::UnderWay;

/// Doing again what a change has outdated may take one part in this many of the time, so that a database of millions
/// that changes all the time is not read all the time.
const DUTY: u32 = 10;

/// What waits.
pub(super) struct ScanQueue {
    asked: Receiver<Asked<Scan>>,
    /// What was asked for since nothing waited.
    under_way: Vec<UnderWay>,
    /// Only the newest one: the listing that asked for an earlier one is not shown any more.
    table: Option<ScanTable>,
    /// The newest one comes first, since it is what has come on screen.
    counts: Vec<Count>,
    rests_until: Option<Instant>,
}

impl ScanQueue {
    pub(super) fn new(asked: Receiver<Asked<Scan>>) -> Self {
        Self {
            asked,
            under_way: Vec::new(),
            table: None,
            counts: Vec::new(),
            rests_until: None,
        }
    }

    /// Waits for the next thing to do; `None` when nobody can ask any more.
    pub(super) fn next(&mut self) -> Option<Scan> {
        loop {
            self.take_asked();
            let rests = self
                .rests_until
                .map(|until| until.saturating_duration_since(Instant::now()));
            let rests = rests.filter(|rest| !rest.is_zero());
            if let Some(work) = self.take(rests.is_none()) {
                return Some(work);
            }
            let asked = match rests {
                Some(rest) if self.table.is_some() || !self.counts.is_empty() => {
                    match self.asked.recv_timeout(rest) {
                        Ok(asked) => asked,
                        Err(crossbeam_channel::RecvTimeoutError::Timeout) => continue,
                        Err(crossbeam_channel::RecvTimeoutError::Disconnected) => return None,
                    }
                }
                _ => {
                    self.under_way.clear();
                    self.asked.recv().ok()?
                }
            };
            self.put(asked);
        }
    }

    /// Takes in what was asked for meanwhile.
    pub(super) fn take_asked(&mut self) {
        while let Ok(asked) = self.asked.try_recv() {
            self.put(asked);
        }
    }

    /// A count that somebody waits for and that shall not wait for a repeated scan.
    pub(super) fn take_urgent_count(&mut self) -> Option<Count> {
        self.take_asked();
        let at = self.counts.iter().rposition(|count| !count.is_repeat)?;
        Some(self.counts.remove(at))
    }

    /// Whether something should come before the count that runs.
    pub(super) fn is_more_urgent_than(&mut self, count: &Count) -> bool {
        self.take_asked();
        let scan = self.table.as_ref().is_some_and(|scan| !scan.is_repeat);
        scan || (count.is_repeat && self.counts.iter().any(|count| !count.is_repeat))
    }

    /// Puts back a count that gave way to something more urgent.
    pub(super) fn put_back(&mut self, count: Count) {
        self.counts.insert(0, count);
    }

    /// Rests from repeating things after one that took this long.
    pub(super) fn rest_after(&mut self, took: Duration) {
        self.rests_until = Some(Instant::now() + took * (DUTY - 1));
    }

    fn put(&mut self, asked: Asked<Scan>) {
        let Asked { errand, under_way } = asked;
        self.under_way.push(under_way);
        match errand {
            Scan::Table(table) => self.table = Some(table),
            Scan::Count(count) => {
                self.counts.retain(|other| other.prefix != count.prefix);
                self.counts.push(count);
            }
        }
    }

    fn take(&mut self, with_repeats: bool) -> Option<Scan> {
        if let Some(table) = self.table.take_if(|table| !table.is_repeat) {
            return Some(Scan::Table(table));
        }
        if let Some(at) = self.counts.iter().rposition(|count| !count.is_repeat) {
            return Some(Scan::Count(self.counts.remove(at)));
        }
        if !with_repeats {
            return None;
        }
        let table = self.table.take().map(Scan::Table);
        table.or_else(|| self.counts.pop().map(Scan::Count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errand::Extent;
    use crate::outstanding::Outstanding;
    use crossbeam_channel::Sender;
    use keyglass_store::key::{EncodedKey, KeyRange};

    fn queue() -> (Sender<Asked<Scan>>, ScanQueue) {
        #[expect(clippy::disallowed_methods, reason = "a test takes all of it")]
        let (sender, receiver) = crossbeam_channel::unbounded();
        (sender, ScanQueue::new(receiver))
    }

    fn asked(errand: Scan) -> Asked<Scan> {
        Asked {
            errand,
            under_way: Outstanding::default().begin(),
        }
    }

    fn scan(listing: u64, is_repeat: bool) -> Asked<Scan> {
        asked(Scan::Table(ScanTable {
            listing,
            prefix: EncodedKey::default(),
            range: KeyRange::everything(),
            is_repeat,
            extent: Extent::Whole,
        }))
    }

    fn count(name: &'static [u8], is_repeat: bool) -> Asked<Scan> {
        asked(Scan::Count(Count {
            prefix: EncodedKey::from_bytes(name),
            is_repeat,
        }))
    }

    /// `scan 3` or `count a`.
    fn next(queue: &mut ScanQueue) -> String {
        match queue.next().unwrap() {
            Scan::Table(table) => format!("scan {}", table.listing),
            Scan::Count(count) => format!("count {}", String::from_utf8_lossy(count.prefix.as_bytes())),
        }
    }

    #[test]
    fn what_somebody_waits_for_comes_before_what_is_done_again() {
        let (sender, mut queue) = queue();
        for asked in [
            scan(1, true),
            count(b"a", true),
            count(b"b", false),
            count(b"c", false),
        ] {
            sender.send(asked).unwrap();
        }
        let order: Vec<String> = (0..4).map(|_| next(&mut queue)).collect();
        assert_eq!(order, ["count c", "count b", "scan 1", "count a"]);
    }

    #[test]
    fn of_several_scans_and_of_counts_of_one_prefix_only_the_newest_is_done() {
        let (sender, mut queue) = queue();
        for asked in [
            scan(1, false),
            scan(2, true),
            count(b"a", true),
            count(b"a", false),
        ] {
            sender.send(asked).unwrap();
        }
        drop(sender);
        assert_eq!(next(&mut queue), "count a");
        assert_eq!(next(&mut queue), "scan 2");
        assert!(queue.next().is_none());
    }

    #[test]
    fn things_are_not_done_again_while_it_rests_and_others_are() {
        let (sender, mut queue) = queue();
        let begun = Instant::now();
        queue.rest_after(Duration::from_millis(30));
        sender.send(scan(1, true)).unwrap();
        sender.send(count(b"a", false)).unwrap();
        assert_eq!(next(&mut queue), "count a");
        assert_eq!(next(&mut queue), "scan 1");
        assert!(
            begun.elapsed() >= Duration::from_millis(270),
            "nine parts of rest to one of work"
        );
    }

    #[test]
    fn a_count_gives_way_to_what_is_more_urgent_and_is_done_after_it() {
        let (sender, mut queue) = queue();
        let [once, again] = [false, true].map(|is_repeat| Count {
            prefix: EncodedKey::from_bytes(&b"a"[..]),
            is_repeat,
        });
        sender.send(count(b"b", false)).unwrap();
        assert!(queue.is_more_urgent_than(&again) && !queue.is_more_urgent_than(&once));
        sender.send(scan(1, true)).unwrap();
        assert!(
            !queue.is_more_urgent_than(&once),
            "a scan that is repeated can wait"
        );
        queue.put_back(again);
        assert_eq!(queue.take_urgent_count().unwrap().prefix.as_bytes(), b"b");
        assert!(queue.take_urgent_count().is_none());
        sender.send(scan(2, false)).unwrap();
        assert!(queue.is_more_urgent_than(&once));
        assert_eq!(next(&mut queue), "scan 2");
        assert_eq!(next(&mut queue), "count a");
    }
}
