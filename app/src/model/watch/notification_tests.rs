use keyglass_store::value::literal;
use keyglass_store::{EncodedKey, Entry, Key, KeyRange, StoredValue, Versionstamp};

use super::*;
use crate::exec::{End, Ran};

fn key(text: &str) -> EncodedKey {
    text.parse::<Key>().unwrap().encode().unwrap()
}

fn change(text: &str) -> Change {
    let value = literal::parse("{stock: 4}").unwrap();
    Change {
        key: key(text),
        versionstamp: Versionstamp::from_counter(1),
        before: Before::Absent,
        after: Some(Entry {
            key: key(text),
            value: StoredValue::from_value(&value).unwrap(),
            versionstamp: Versionstamp::from_counter(1),
            expires_at: None,
        }),
    }
}

/// A watch of `["stock"]` that notifies so.
fn notifying(choice: NotificationChoice) -> Notifications {
    let mut notifications = Notifications::default();
    let target = Target::Below(key(r#"["stock"]"#));
    notifications.set(&target, r#"["stock"]"#.to_owned(), Some(choice));
    notifications
}

fn judged(notifications: &mut Notifications) -> Vec<Judged> {
    let mut wants = notifications.take_wants().into_iter();
    let judged = wants.find_map(|errand| match errand {
        Errand::Notify(Notify::Judge(judged)) => Some(judged),
        _ => None,
    });
    judged.unwrap_or_default()
}

/// Has all that waits found true, at a moment.
fn find_true(notifications: &mut Notifications, now: i64) {
    let judged = judged(notifications);
    let last = judged.last().unwrap().clone();
    let verdict = Verdict {
        watch: last.watch,
        changes: judged.len() as u64,
        last: last.change,
        at: last.at,
        differences: "+ value: {stock: 4}".to_owned(),
    };
    notifications.take_verdicts(&[verdict], now);
}

fn summaries(notifications: &mut Notifications, now: i64) -> Vec<String> {
    let told = notifications.take_told(now).into_iter();
    told.map(|told| told.summary).collect()
}

#[test]
fn a_burst_is_one_notification_with_a_count_and_the_next_comes_ten_seconds_later() {
    let mut notifications = notifying(NotificationChoice::default());
    notifications.take_change(&change(r#"["other"]"#), 0);
    assert!(judged(&mut notifications).is_empty());
    for _ in 0..200 {
        notifications.take_change(&change(r#"["stock", "rope"]"#), 0);
    }
    find_true(&mut notifications, 0);
    assert!(summaries(&mut notifications, 999).is_empty());
    assert_eq!(notifications.wake("", 400), Some(600));
    let told = r#"200 changes of ["stock"], the last of ["stock", "rope"]"#;
    assert_eq!(summaries(&mut notifications, 1000), [told]);
    notifications.take_change(&change(r#"["stock", "bow"]"#), 1500);
    find_true(&mut notifications, 1500);
    assert_eq!(notifications.wake("", 3000), Some(8000));
    assert!(summaries(&mut notifications, 10_999).is_empty());
    assert_eq!(
        summaries(&mut notifications, 11_000),
        [r#"["stock", "bow"] was created"#]
    );
    assert_eq!(notifications.wake("", 11_000), None);
}

#[test]
fn a_clock_that_was_set_back_holds_nothing_up_for_long() {
    let mut notifications = notifying(NotificationChoice::default());
    notifications.take_change(&change(r#"["stock", "rope"]"#), 0);
    find_true(&mut notifications, 1_000_000);
    assert_eq!(notifications.wake("", 0), Some(10_000));
}

#[test]
fn what_waits_to_be_looked_at_is_bounded_and_what_is_left_out_is_said() {
    let mut notifications = notifying(NotificationChoice::default());
    for _ in 0..=WAITING {
        notifications.take_change(&change(r#"["stock", "rope"]"#), 0);
    }
    assert_eq!(notifications.waiting.len(), WAITING);
    find_true(&mut notifications, 0);
    let told = summaries(&mut notifications, 1000);
    assert!(
        told[0].ends_with("came faster than they could be looked at"),
        "{told:?}"
    );
    // So is what the database did not name.
    notifications.take_change(&change(r#"["stock", "rope"]"#), 0);
    find_true(&mut notifications, 1000);
    let missed = KeyRange::everything();
    notifications.miss(|target| target.ranges().iter().all(|range| range.start >= missed.start));
    let told = summaries(&mut notifications, 20_000);
    assert!(told[0].contains("; further changes"), "{told:?}");
}

#[test]
fn a_condition_is_looked_at_by_a_thread_one_batch_after_the_other() {
    let condition = "value.stock < 5".to_owned();
    let mut notifications = notifying(NotificationChoice {
        condition,
        ..NotificationChoice::default()
    });
    notifications.take_change(&change(r#"["stock", "rope"]"#), 0);
    let first = judged(&mut notifications);
    assert_eq!(
        first[0].condition.as_ref().unwrap().to_string(),
        "value.stock < 5"
    );
    notifications.take_change(&change(r#"["stock", "bow"]"#), 0);
    assert!(judged(&mut notifications).is_empty());
    notifications.take_verdicts(&[], 0);
    find_true(&mut notifications, 0);
    let told = r#"["stock", "bow"]: value.stock < 5 has become true"#;
    assert_eq!(summaries(&mut notifications, 1000), [told]);
}

#[test]
fn a_command_runs_once_at_a_time_and_a_failure_is_told() {
    let mut notifications = notifying(NotificationChoice {
        notice: false,
        command: "false".to_owned(),
        ..NotificationChoice::default()
    });
    let run = |notifications: &mut Notifications, now: i64| {
        notifications.take_change(&change(r#"["stock", "rope"]"#), now);
        find_true(notifications, now);
        notifications.wake("shop.kg", now + 1000);
        let wants = notifications.take_wants();
        wants.into_iter().find_map(|errand| match errand {
            Errand::Notify(Notify::Run { line, occasion, .. }) => Some((line, occasion)),
            _ => None,
        })
    };
    let (line, occasion) = run(&mut notifications, 0).unwrap();
    assert_eq!((line.as_str(), occasion.location.as_str()), ("false", "shop.kg"));
    // It runs, so that what comes meanwhile waits.
    assert!(run(&mut notifications, 20_000).is_none());
    let ran = Ran {
        end: End::Exited(1),
        last_line: "no".to_owned(),
    };
    notifications.take_ran(1, Ok(ran));
    let failed = r#"The command of the watch ["stock"] failed: exit code 1: no"#;
    assert_eq!(notifications.take_failed(), [failed]);
    notifications.wake("shop.kg", 40_000);
    assert_eq!(notifications.take_wants().len(), 1);
    assert!(summaries(&mut notifications, 60_000).is_empty());
}
