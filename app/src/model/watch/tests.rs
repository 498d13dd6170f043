//! What is noted of changes, and what is said of those that are missing.

use std::ops::Range;

use keyglass_store::key::KeyRange;
use keyglass_store::{StoredValue, Versionstamp};
use proptest::prelude::*;

use super::*;
use crate::content::key_set::KeySet;
use crate::errand::{Compared, Look};
use crate::model::draft::{parse_key, parse_value};
use crate::model::notices::Notices;

fn change(key: &str) -> ObservedChange {
    let key = parse_key(key).unwrap();
    let after = Entry {
        key: key.clone(),
        value: parse_value("2").unwrap(),
        versionstamp: Versionstamp::from_counter(9),
        expires_at: None,
    };
    ObservedChange {
        noticed_at: 5,
        key,
        versionstamp: Versionstamp::from_counter(9),
        before: Before::Absent,
        after: Some(after),
    }
}

#[test]
fn only_what_is_watched_is_noted() {
    let mut watch = WatchModel::default();
    watch.apply_change(&change(r#"["a", 1]"#));
    assert!(watch.rows().is_empty());
    watch.add(parse_key(r#"["a"]"#).unwrap());
    watch.add(parse_key(r#"["a"]"#).unwrap());
    watch.apply_change(&change(r#"["a", 1]"#));
    watch.apply_change(&change(r#"["ab"]"#));
    assert_eq!(watch.watched().len(), 1);
    assert_eq!(watch.events().count(), 1);
    assert_eq!(
        watch.events().next().unwrap().versionstamp,
        Versionstamp::from_counter(9)
    );
}

#[test]
fn selected_keys_are_watched_as_one() {
    let mut watch = WatchModel::default();
    let mut keys = KeySet::only(&parse_key(r#"["a"]"#).unwrap());
    keys.insert(KeyRange {
        start: parse_key("[1]").unwrap(),
        end: parse_key("[9]").unwrap(),
    });
    let target = Target::Selected(keys);
    watch.add_all(target.clone(), Some(12));
    watch.add_all(target.clone(), None);
    assert_eq!(watch.watched().len(), 1);
    assert_eq!(watch.watched()[0].name(), "12 entries");
    for key in [r#"["a"]"#, "[5]", r#"["a", 1]"#, "[10]"] {
        watch.apply_change(&change(key));
    }
    assert_eq!(watch.events().count(), 2);
    watch.remove(&target);
    assert!(watch.watched().is_empty());
}

#[test]
fn what_is_followed_of_a_selection_is_all_of_it_in_few_ranges() {
    let ranges = |numbers: Range<u32>| {
        let mut keys = KeySet::default();
        for number in numbers {
            keys.insert(KeyRange::only(&parse_key(&format!("[{number}]")).unwrap()));
        }
        let watched = Watched {
            target: Target::Selected(keys),
            entries: None,
        };
        watched.ranges()
    };
    assert_eq!(ranges(0..10).len(), 10);
    let all = KeyRange {
        start: parse_key("[0]").unwrap(),
        end: parse_key("[11]").unwrap().with_suffix(&[0]),
    };
    assert_eq!(ranges(0..12), [all]);
}

/// A change from one value to another at a moment, by the commit of that number; an empty text is no entry.
pub(super) fn changed(key: &str, before: &str, after: &str, noticed_at: i64, commit: u64) -> ObservedChange {
    let key = parse_key(key).unwrap();
    let entry = |text: &str, commit| {
        (!text.is_empty()).then(|| Entry {
            key: key.clone(),
            value: parse_value(text).unwrap(),
            versionstamp: Versionstamp::from_counter(commit),
            expires_at: None,
        })
    };
    ObservedChange {
        noticed_at,
        versionstamp: Versionstamp::from_counter(commit),
        before: entry(before, commit - 1).map_or(Before::Absent, Before::Entry),
        after: entry(after, commit),
        key,
    }
}

pub(super) fn watching() -> WatchModel {
    let mut watch = WatchModel::default();
    watch.add(EncodedKey::default());
    watch
}

/// Answers what the model asks until it asks no more.
pub(super) fn answer(watch: &mut WatchModel) {
    let mut notices = Notices::default();
    while let Some(errand) = watch.take_wants().pop() {
        let Errand::Look(Look::Differences(compared)) = errand else {
            panic!("{errand:?}");
        };
        assert!(watch.take_wants().is_empty(), "one at a time");
        let answer = Answer::Differences(compared.iter().map(Compared::differences).collect());
        let mut telling = Telling {
            notices: &mut notices,
            now: 0,
        };
        assert!(watch.take_answer(answer, &mut telling).is_none());
    }
}

/// What the rows that are shown tell, newest first.
pub(super) fn told(watch: &mut WatchModel) -> Vec<String> {
    while watch.sift() {}
    watch.show(0..watch.num_shown());
    answer(watch);
    let rows = (0..watch.num_shown()).filter_map(|row| watch.newest(row));
    rows.map(|(number, row)| match row {
        TimelineRow::Change(event) => {
            let fields = &watch.difference(number).unwrap().fields;
            let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
            format!(
                "{} {} {}",
                event.key,
                watch.kind(number, event).word(),
                fields.join(", ")
            )
        }
        TimelineRow::Bookmark { name, .. } => name.clone(),
        TimelineRow::Missing { .. } => row.sentence().unwrap(),
    })
    .collect()
}

#[test]
fn rows_tell_what_changed_and_of_what_kind_it_was() {
    let mut watch = watching();
    for change in [
        changed("[1]", "", "{name: 'Ada', credit: 20}", 1000, 1),
        changed(
            "[1]",
            "{name: 'Ada', credit: 20}",
            "{name: 'Ada', credit: 25}",
            2500,
            2,
        ),
        changed("[1]", "{name: 'Ada', credit: 25}", "", 3000, 3),
        changed("[1]", "", "{name: 'Ada', credit: 25}", 4000, 4),
    ] {
        watch.apply_change(&change);
    }
    let mut expires = changed("[2]", "1", "", 5000, 5);
    if let Before::Entry(entry) = &mut expires.before {
        entry.expires_at = Some(4999);
    }
    watch.apply_change(&expires);
    let mut unknown = changed("[3]", "", "1", 6000, 6);
    unknown.before = Before::Unknown;
    watch.apply_change(&unknown);
    assert_eq!(
        told(&mut watch),
        [
            "[3] set + value: 1",
            "[2] expired - value: 1",
            r#"[1] restored + value: {name: "Ada", credit: 25}"#,
            r#"[1] deleted - value: {name: "Ada", credit: 25}"#,
            "[1] changed value.credit: 20 → 25",
            r#"[1] created + value: {name: "Ada", credit: 20}"#,
        ]
    );
    let second = watch.events().nth(1).unwrap();
    assert_eq!((second.previous, second.growth()), (Some((0, 1000)), Some(0)));
    assert_eq!(watch.events().last().unwrap().growth(), None);
}

#[test]
fn changes_wait_while_it_is_paused_and_none_is_lost() {
    let mut watch = watching();
    watch.pause(true);
    watch.apply_change(&changed("[1]", "", "1", 1000, 1));
    watch.miss_in(&untold(KeyRange::everything(), Some(7)), 1500);
    watch.apply_change(&changed("[1]", "1", "2", 2000, 2));
    assert_eq!((watch.rows().len(), watch.waiting()), (0, (2, 0)));
    watch.pause(false);
    assert_eq!(
        told(&mut watch),
        [
            "[1] changed value: 1 → 2",
            "7 changes were missed here",
            "[1] created + value: 1"
        ]
    );
    assert_eq!(watch.waiting(), (0, 0));
}

#[test]
fn what_finds_no_room_to_wait_is_counted_where_it_is_missing() {
    let mut watch = watching();
    watch.pause(true);
    for number in 1..=HELD_CHANGES as u64 + 5 {
        watch.apply_change(&changed("[1]", "", "1", number as i64 * 1000, number));
    }
    assert_eq!(watch.waiting(), (HELD_CHANGES as u64 + 5, 5));
    watch.pause(false);
    let last = watch.rows().back().unwrap().sentence().unwrap();
    assert_eq!(last, "5 changes were missed here");
    watch.pause(true);
    let large = StoredValue::from_value(&keyglass_store::Value::from("x".repeat(1 << 20))).unwrap();
    let mut change = changed("[1]", "", "1", 1, 1);
    if let Some(entry) = &mut change.after {
        entry.value = large;
    }
    (0..40).for_each(|_| watch.apply_change(&change));
    let (waiting, missed) = watch.waiting();
    assert!(
        waiting == 40 && missed >= 40 - (HELD_BYTES >> 20) as u64,
        "{missed}"
    );
}

#[test]
fn a_burst_is_summed_up_by_key_and_counted_within_bounds() {
    let mut watch = watching();
    for number in 1..=50_000 {
        let key = format!("[{}]", number % 10);
        watch.apply_change(&changed(
            &key,
            "0",
            &number.to_string(),
            7000 + number as i64 / 100,
            number,
        ));
    }
    let sum: u64 = watch.rows().iter().map(TimelineRow::changes).sum();
    assert_eq!(sum + watch.num_older(), 50_000);
    assert!(watch.rows().len() < 400, "{}", watch.rows().len());
    let newest = watch
        .events()
        .find(|event| event.versionstamp == Versionstamp::from_counter(50_000));
    assert!(newest.unwrap().changes > 1000);
    // A row between is not passed by.
    watch.miss_in(&untold(KeyRange::everything(), Some(1)), 7500);
    watch.apply_change(&changed("[1]", "0", "1", 7501, 60_000));
    assert_eq!(watch.events().last().unwrap().changes, 1);
}

#[test]
fn large_values_are_kept_within_bytes_and_those_let_go_are_counted() {
    let mut watch = watching();
    let value = |letter: char| format!("'{}'", letter.to_string().repeat(64 << 10));
    let (one, other) = (value('a'), value('b'));
    for number in 1..=1500 {
        watch.apply_change(&changed("[1]", &one, &other, number as i64 * 1000, number));
    }
    assert!(watch.timeline().bytes() <= TIMELINE_BYTES);
    assert_eq!(watch.rows().len() as u64 + watch.num_older(), 1500);
    assert!(watch.rows().len() > 300, "{}", watch.rows().len());
}

#[test]
fn a_timeline_that_was_written_down_is_looked_at_as_it_was() {
    let mut watch = watching();
    watch.apply_change(&changed("[1]", "", "1", 1000, 1));
    watch.bookmark(1500);
    watch.apply_change(&changed("[1]", "1", "", 2000, 2));
    watch.miss_in(&untold(KeyRange::everything(), Some(3)), 2500);
    let (rows, lines) = (told(&mut watch), watch.shown_lines());
    watch.clear();
    watch.take_recording(LoadedTimeline {
        name: "a.ndjson".to_owned(),
        lines,
        older: 2,
        unread: 0,
        first_unread: None,
    });
    assert_eq!(told(&mut watch), rows);
    assert_eq!(
        (watch.num_older(), watch.recording().unwrap().name.as_str()),
        (2, "a.ndjson")
    );
    // What happens goes on behind it.
    watch.apply_change(&changed("[2]", "", "1", 3000, 3));
    assert_eq!(told(&mut watch), rows);
    watch.close_recording();
    assert_eq!(told(&mut watch), ["[2] created + value: 1"]);
}

#[test]
fn the_plot_has_every_change_in_its_stretch_of_time() {
    let mut watch = watching();
    for number in 0..1000 {
        watch.apply_change(&changed("[1]", "", "1", 5000 + number * 1000, number as u64 + 1));
    }
    let rates = ChangeRates::of(watch.timeline());
    assert!(rates.bars.len() <= BARS && rates.step % 1000 == 0);
    assert_eq!(rates.bars.iter().map(|(changes, _)| changes).sum::<u64>(), 1000);
    assert_eq!((rates.begins_at, rates.most()), (5000, rates.step as u64 / 1000));
    assert_eq!(rates.bars[1].1, Some(rates.step as u64 / 1000));
    assert_eq!(ChangeRates::of(&Timeline::default()), ChangeRates::default());
}

proptest! {
    #[test]
    fn every_change_is_shown_or_counted_whatever_happens(steps in prop::collection::vec((0u8..12, 0i64..3, 0u8..4), 0..1500)) {
        let mut watch = watching();
        let (mut expected, mut now, mut commit) = (0, 0, 1);
        for (step, passed, key) in steps {
            now += passed * 400;
            commit += 1;
            match step {
                0 => watch.pause(!watch.is_paused()),
                1 => {
                    watch.miss_in(&untold(KeyRange::everything(), Some(3)), now);
                    expected += 3;
                }
                2 => watch.bookmark(now),
                _ => {
                    watch.apply_change(&changed(&format!("[{key}]"), "", "1", now, commit));
                    expected += 1;
                }
            }
        }
        watch.pause(false);
        let sum: u64 = watch.rows().iter().map(TimelineRow::changes).sum();
        prop_assert_eq!(sum + watch.num_older(), expected);
        let bytes: usize = watch.events().map(|event| event.bytes).sum();
        prop_assert_eq!(bytes, watch.timeline().bytes());
    }
}

fn untold(range: KeyRange, missed: Option<u64>) -> Untold {
    Untold {
        range,
        missed,
        after: 0,
    }
}

#[test]
fn changes_that_nobody_named_leave_one_row_between_those_around_them() {
    let mut watch = WatchModel::default();
    let all = |missed| untold(KeyRange::everything(), missed);
    watch.miss_in(&all(None), 1);
    assert!(watch.rows().is_empty());
    watch.add(EncodedKey::default());
    watch.apply_change(&change(r#"["a"]"#));
    watch.miss_in(&all(None), 2);
    watch.miss_in(&all(None), 3);
    let may_be = "Changes came faster than they could be told, so some may be missing here";
    assert_eq!(watch.rows()[1].sentence().unwrap(), may_be);
    watch.miss_in(&all(Some(1)), 4);
    watch.apply_change(&change(r#"["a"]"#));
    assert_eq!(watch.rows().len(), 3);
    assert_eq!(
        watch.rows()[1].sentence().unwrap(),
        "1 change was missed here, and there may be more"
    );
}

#[test]
fn how_many_changes_were_missed_is_said_and_whether_others_are_among_them() {
    let range = |text: &str| KeyRange::at_and_below(&parse_key(text).unwrap());
    let mut watch = WatchModel::default();
    watch.add(parse_key(r#"["a"]"#).unwrap());
    watch.miss_in(&untold(range(r#"["b"]"#), Some(7)), 1);
    assert!(watch.rows().is_empty(), "nothing there is watched");
    watch.miss_in(&untold(range(r#"["a", 1]"#), Some(1200)), 2);
    assert_eq!(
        watch.rows()[0].sentence().unwrap(),
        "1,200 changes were missed here"
    );
    watch.miss_in(&untold(KeyRange::everything(), Some(300)), 3);
    assert_eq!(
        watch.rows()[0].sentence().unwrap(),
        "1,500 changes were missed here, perhaps also of keys that are not watched"
    );
}

#[test]
fn a_delete_has_the_commit_that_made_it() {
    let mut watch = WatchModel::default();
    watch.add(EncodedKey::default());
    let mut deleted = change(r#"["a"]"#);
    deleted.after = None;
    watch.apply_change(&deleted);
    let event = watch.events().next().unwrap();
    assert_eq!(event.after, None);
    assert_eq!(event.versionstamp, Versionstamp::from_counter(9));
}

#[test]
fn changes_that_are_no_longer_kept_are_counted() {
    let mut watch = watching();
    for number in 0..TIMELINE_ROWS as i64 + 3 {
        let mut change = change(r#"["a"]"#);
        change.noticed_at = number * 1000;
        watch.apply_change(&change);
    }
    assert_eq!(watch.events().count(), TIMELINE_ROWS);
    assert_eq!(watch.num_older(), 3);
    assert_eq!(watch.timeline().num_added(), TIMELINE_ROWS as u64 + 3);
    watch.clear();
    assert_eq!((watch.num_older(), watch.rows().len()), (0, 0));
}
