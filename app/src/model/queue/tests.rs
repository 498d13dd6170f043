use std::collections::BTreeMap;

use keyglass_store::value::Value;
use keyglass_store::{Enqueue, StoredValue};

use super::*;
use crate::model::notices::Notices;

/// A queue that is read without a database: the due times of its messages, and their names.
#[derive(Default)]
struct Waiting(BTreeMap<(i64, String), QueueMessage>);

impl Waiting {
    fn of(times: Range<i64>) -> Self {
        let mut waiting = Self::default();
        times.for_each(|due_at| waiting.add(due_at, "0"));
        waiting
    }

    fn add(&mut self, due_at: i64, id: &str) {
        let payload = StoredValue::from_value(&Value::from(true)).unwrap().bytes;
        let enqueue = Enqueue {
            payload,
            due_at,
            keys_if_undelivered: Vec::new(),
            backoff_schedule: None,
        };
        let message = QueueMessage {
            id: id.to_owned(),
            payload: enqueue.payload,
            due_at,
            running: false,
            keys_if_undelivered: Vec::new(),
            backoff_schedule: Vec::new(),
        };
        self.0.insert((due_at, id.to_owned()), message);
    }

    /// Answers as a reader does that holds no more than a page.
    fn read(&self, stretch: &QueueStretch) -> QueueRead {
        let place = |place: &QueuePlace| (place.due_at, place.id.clone());
        let messages = self.0.iter().filter(|(at, _)| {
            stretch.after.as_ref().is_none_or(|after| **at > place(after))
                && stretch.until.as_ref().is_none_or(|until| **at <= place(until))
        });
        let messages: Vec<&QueueMessage> = messages.map(|(_, message)| message).collect();
        let wanted = messages.len().min(stretch.skip + QUEUE_PAGE);
        let mut read = QueueRead {
            is_end: messages.len() <= wanted
                && (stretch.until.is_some() || messages.len() < stretch.skip + QUEUE_PAGE),
            ..QueueRead::default()
        };
        let mut after = stretch.after.clone();
        for page in messages[..wanted].chunks(QUEUE_PAGE) {
            read.pages.push((after.clone(), page.len()));
            after = page.last().map(|last| last.place());
            read.messages = page.iter().map(|message| (*message).clone()).collect();
        }
        read
    }

    /// Gives the model what it asks for until it asks for nothing more; how often that was.
    fn serve(&self, queue: &mut QueueModel) -> usize {
        let mut reads = 0;
        while let Some(errand) = queue.take_wants().pop() {
            let Errand::Read(Read::Queue(stretch)) = errand else {
                panic!("{errand:?}");
            };
            assert!(queue.take_wants().is_empty(), "one at a time");
            let read = Ok(self.read(&stretch));
            let mut notices = Notices::default();
            let mut telling = Telling {
                notices: &mut notices,
                now: 0,
            };
            assert!(
                queue
                    .take_answer(Answer::Queue { stretch, read }, &mut telling)
                    .is_none()
            );
            reads += 1;
            assert!(reads < 1000, "it never has enough");
        }
        reads
    }

    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

fn shown() -> QueueModel {
    let mut queue = QueueModel::new(true);
    queue.set_shown(Middle::Queue);
    queue
}

/// The due times of rows.
fn times(queue: &QueueModel, rows: Range<u64>) -> Vec<i64> {
    rows.map(|row| queue.message(row).unwrap().due_at).collect()
}

fn held(queue: &QueueModel) -> usize {
    queue.pages.iter().map(|page| page.messages.len()).sum()
}

#[test]
fn the_queue_is_read_when_it_is_shown_and_not_from_a_database_that_cannot_tell() {
    let mut queue = QueueModel::new(true);
    assert!(queue.take_wants().is_empty());
    queue.set_shown(Middle::Queue);
    assert_eq!(queue.take_wants().len(), 1);
    let mut unknown = QueueModel::new(false);
    unknown.set_shown(Middle::Queue);
    unknown.refresh();
    assert!(unknown.take_wants().is_empty());
    let mut empty = shown();
    empty.take_queue(0);
    assert!(empty.take_wants().is_empty(), "there is nothing to read");
}

#[test]
fn a_hundred_thousand_messages_are_scrolled_through_and_a_few_pages_are_held() {
    let waiting = Waiting::of(0..100_000);
    let mut queue = shown();
    queue.take_queue(waiting.len());
    assert_eq!(waiting.serve(&mut queue), 1, "only the first page is read");
    assert_eq!((queue.num_rows(), held(&queue)), (100_000, QUEUE_PAGE));
    queue.show(99_950..100_000);
    assert!(waiting.serve(&mut queue) < 40);
    assert_eq!(
        times(&queue, 99_950..100_000),
        (99_950..100_000).collect::<Vec<_>>()
    );
    assert!(held(&queue) <= 2 * QUEUE_PAGE, "{}", held(&queue));
    for start in (0..100_000).step_by(7_777) {
        queue.show(start..start + 150);
        assert!(waiting.serve(&mut queue) <= 3);
        let expected: Vec<i64> = (start as i64..).take(150).collect();
        assert_eq!(times(&queue, start..start + 150), expected);
        assert!(held(&queue) <= 6 * QUEUE_PAGE, "{}", held(&queue));
    }
}

#[test]
fn what_changes_while_the_queue_is_read_is_read_after_that() {
    let mut waiting = Waiting::of(0..10);
    let mut queue = shown();
    queue.take_queue(10);
    let Some(Errand::Read(Read::Queue(stretch))) = queue.take_wants().pop() else {
        panic!("nothing is asked for");
    };
    let read = Ok(waiting.read(&stretch));
    waiting.0.pop_first();
    waiting.add(20, "0");
    queue.take_queue(10);
    let mut notices = Notices::default();
    let mut telling = Telling {
        notices: &mut notices,
        now: 0,
    };
    queue.take_answer(Answer::Queue { stretch, read }, &mut telling);
    assert_eq!(waiting.serve(&mut queue), 1);
    assert_eq!(times(&queue, 0..10), (1..10).chain([20]).collect::<Vec<_>>());
}

#[test]
fn without_a_number_the_queue_grows_as_somebody_scrolls() {
    let waiting = Waiting::of(0..250);
    let mut queue = shown();
    waiting.serve(&mut queue);
    assert_eq!(queue.count(), None);
    while queue.count().is_none() {
        let end = queue.num_rows();
        queue.show(end.saturating_sub(20)..end + 20);
        waiting.serve(&mut queue);
    }
    assert_eq!((queue.count(), queue.num_rows()), (Some(250), 250));
}

#[test]
fn what_comes_and_goes_is_seen_on_screen_and_behind_it() {
    let mut waiting = Waiting::of(0..300);
    let mut queue = shown();
    queue.take_queue(300);
    queue.show(0..300);
    waiting.serve(&mut queue);
    queue.show(120..140);
    // The first page goes, many come in the middle and one at the end.
    waiting.0.retain(|(due_at, _), _| *due_at >= 100);
    for number in 0..400 {
        waiting.add(150, &format!("{number:03}"));
    }
    waiting.add(1000, "0");
    queue.take_queue(waiting.len());
    for start in [0, 120, 300, 580, 0] {
        queue.show(start..start + 40);
        waiting.serve(&mut queue);
    }
    for _ in 0..3 {
        for start in (0..queue.num_rows()).step_by(50) {
            queue.show(start..start + 50);
            waiting.serve(&mut queue);
            let rows = start..(start + 50).min(queue.num_rows());
            assert!(rows.clone().all(|row| queue.message(row).is_some()), "{rows:?}");
        }
    }
    assert_eq!(queue.num_rows(), waiting.len());
    queue.show(0..waiting.len());
    waiting.serve(&mut queue);
    let all: Vec<i64> = waiting.0.keys().map(|(due_at, _)| *due_at).collect();
    assert_eq!(times(&queue, 0..waiting.len()), all);
    // All is delivered.
    waiting.0.clear();
    queue.take_queue(0);
    waiting.serve(&mut queue);
    assert_eq!((queue.num_rows(), queue.count()), (0, Some(0)));
    waiting.add(7, "0");
    queue.take_queue(1);
    waiting.serve(&mut queue);
    assert_eq!(times(&queue, 0..1), [7]);
}

#[test]
fn a_filter_is_looked_for_once_and_again_when_the_queue_has_changed() {
    let mut queue = shown();
    queue.take_queue(3);
    let filter = |text: &str| QueueFilter {
        text: text.to_owned(),
        ..QueueFilter::default()
    };
    let waiting = Waiting::of(0..3);
    let answer = |queue: &mut QueueModel, filter: &QueueFilter, found: usize| {
        let found = QueueFound {
            messages: waiting.0.values().take(found).cloned().collect(),
            looked_at: 3,
            is_whole: true,
        };
        let mut notices = Notices::default();
        let mut telling = Telling {
            notices: &mut notices,
            now: 0,
        };
        let filter = filter.clone();
        queue.take_answer(
            Answer::MessagesFound {
                filter,
                found: Ok(found),
            },
            &mut telling,
        );
    };
    let asks = |queue: &mut QueueModel| {
        matches!(
            queue.take_wants().pop(),
            Some(Errand::Read(Read::FindMessages(_)))
        )
    };
    queue.set_filter(filter("a"));
    assert!(asks(&mut queue) && !asks(&mut queue), "one at a time");
    // Another one is typed meanwhile: what was found of the first is nothing.
    queue.set_filter(filter("ab"));
    answer(&mut queue, &filter("a"), 3);
    assert_eq!((queue.num_rows(), queue.found()), (0, None));
    assert!(asks(&mut queue));
    answer(&mut queue, &filter("ab"), 2);
    assert_eq!((queue.num_rows(), asks(&mut queue)), (2, false));
    assert!(queue.message(1).is_some() && queue.message(2).is_none());
    queue.take_queue(2);
    assert!(asks(&mut queue));
    assert_eq!(queue.num_rows(), 2, "what was found stays until then");
    // What changes while it is looked for is looked for after that.
    queue.take_queue(1);
    answer(&mut queue, &filter("ab"), 1);
    assert!(asks(&mut queue));
    let wrong = QueueFilter {
        condition: "to = 1".to_owned(),
        ..QueueFilter::default()
    };
    queue.set_filter(wrong);
    assert!(queue.filter_error().is_some());
    answer(&mut queue, &filter("ab"), 1);
    assert!(queue.take_wants().is_empty() && queue.num_rows() == 0);
    queue.set_filter(QueueFilter::default());
    waiting.serve(&mut queue);
    assert_eq!(queue.num_rows(), 3);
}
