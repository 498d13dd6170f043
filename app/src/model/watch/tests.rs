//! What is noted of changes, and what is said of those that are missing.

use super::*;
use crate::content::key_set::KeySet;
use crate::model::draft::{parse_key, parse_value};

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
    let ranges = |numbers: std::ops::Range<u32>| {
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

#[test]
fn a_paused_timeline_counts_what_it_misses() {
    let mut watch = WatchModel::default();
    watch.add(EncodedKey::default());
    watch.paused = true;
    watch.apply_change(&change(r#"["a"]"#));
    watch.apply_change(&change(r#"["a"]"#));
    assert_eq!(watch.events().count(), 0);
    assert_eq!(watch.missed, 2);
    watch.paused = false;
    watch.apply_change(&change(r#"["a"]"#));
    // The row stands where they are missing.
    assert_eq!(watch.rows()[0].sentence().unwrap(), "2 changes were missed here");
    assert!(watch.rows()[1].change().is_some());
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
    assert_eq!(event.after, WatchValue::Absent);
    assert_eq!(event.versionstamp, Versionstamp::from_counter(9));
}

#[test]
fn changes_that_are_no_longer_kept_are_counted() {
    let mut watch = WatchModel::default();
    watch.add(EncodedKey::default());
    for _ in 0..TIMELINE_LIMIT + 3 {
        watch.apply_change(&change(r#"["a"]"#));
    }
    assert_eq!(watch.events().count(), TIMELINE_LIMIT);
    assert_eq!(watch.num_older(), 3);
    assert_eq!(watch.num_added(), TIMELINE_LIMIT as u64 + 3);
    watch.clear();
    assert_eq!((watch.num_older(), watch.rows().len()), (0, 0));
}
