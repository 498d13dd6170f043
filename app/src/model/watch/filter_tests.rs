//! Which rows are shown, and what they are compared with.

use super::tests::{answer, changed, told, watching};
use super::*;
use crate::content::change_kind::ChangeKind;
use crate::content::field_changes::preview_text;
use crate::model::draft::{parse_key, parse_value};

#[test]
fn rows_are_filtered_by_kind_key_text_and_condition() {
    let mut watch = watching();
    for change in [
        changed("['users', 'ada']", "", "{name: 'Ada', credit: 1}", 1000, 1),
        changed("['users', 'bob']", "", "{name: 'Bob', credit: 9}", 2000, 2),
        changed(
            "['users', 'ada']",
            "{name: 'Ada', credit: 1}",
            "{name: 'Ada', credit: 7}",
            3000,
            3,
        ),
        changed("['stock']", "{credit: 2}", "", 4000, 4),
    ] {
        watch.apply_change(&change);
    }
    let mut shown = |filter: WatchFilter| {
        watch.set_filter(filter);
        (0..watch.num_shown())
            .filter_map(|row| Some(watch.newest(row)?.0))
            .collect::<Vec<_>>()
    };
    let filter = WatchFilter::default;
    assert_eq!(
        shown(WatchFilter {
            kind: Some(ChangeKind::Created),
            ..filter()
        }),
        [1, 0]
    );
    assert_eq!(
        shown(WatchFilter {
            key: "[\"users\"]".to_owned(),
            ..filter()
        }),
        [2, 1, 0]
    );
    assert_eq!(
        shown(WatchFilter {
            key: "ADA".to_owned(),
            ..filter()
        }),
        [2, 0]
    );
    assert_eq!(
        shown(WatchFilter {
            text: "bob".to_owned(),
            ..filter()
        }),
        [1]
    );
    assert_eq!(
        shown(WatchFilter {
            condition: "value.credit > 5".to_owned(),
            ..filter()
        }),
        [2, 1]
    );
    assert_eq!(shown(filter()), [3, 2, 1, 0]);
    watch.set_filter(WatchFilter {
        condition: "credit >".to_owned(),
        ..filter()
    });
    assert!(watch.filter_error().unwrap().contains("begins with value"));
    assert_eq!(watch.num_shown(), 0);
    // What comes later is looked at, too.
    watch.set_filter(WatchFilter {
        text: "eve".to_owned(),
        ..filter()
    });
    watch.apply_change(&changed("['users', 'eve']", "", "1", 5000, 5));
    assert_eq!(told(&mut watch), [r#"["users", "eve"] created + value: 1"#]);
    assert_eq!((watch.place_of(4), watch.place_of(2)), (0, 1));
}

#[test]
fn everything_that_changed_since_a_bookmark_is_a_row_for_each_key() {
    let mut watch = watching();
    watch.apply_change(&changed("[1]", "", "{a: 1, b: 1}", 1000, 1));
    watch.bookmark(1500);
    let (bookmark, name) = watch.opened_bookmark().unwrap();
    assert_eq!(name, "Bookmark 1");
    watch.name_bookmark(bookmark, "before the deploy".to_owned());
    watch.apply_change(&changed("[1]", "{a: 1, b: 1}", "{a: 2, b: 1}", 2000, 2));
    watch.apply_change(&changed("[2]", "", "1", 3000, 3));
    watch.apply_change(&changed("[1]", "{a: 2, b: 1}", "{a: 2, b: 3}", 4000, 4));
    watch.set_filter(WatchFilter {
        since: Some(bookmark),
        ..WatchFilter::default()
    });
    assert_eq!(
        told(&mut watch),
        [
            "[1] changed value.a: 1 → 2, value.b: 1 → 3",
            "[2] created + value: 1"
        ]
    );
    watch.apply_change(&changed("[2]", "1", "2", 5000, 5));
    assert_eq!(
        told(&mut watch),
        [
            "[2] created + value: 2",
            "[1] changed value.a: 1 → 2, value.b: 1 → 3"
        ]
    );
    let bookmarks: Vec<&str> = watch.bookmarks().map(|(_, name, _)| name).collect();
    assert_eq!(bookmarks, ["before the deploy"]);
}

#[test]
fn any_two_moments_of_a_key_are_compared() {
    let mut watch = watching();
    for number in 1..=4 {
        let (before, after) = (format!("{{a: {}}}", number - 1), format!("{{a: {number}}}"));
        watch.apply_change(&changed("[1]", &before, &after, number * 1000, number as u64));
    }
    watch.open(Some(3));
    let compared = |watch: &mut WatchModel| {
        answer(watch);
        watch.opened_difference().unwrap().fields[0].to_string()
    };
    assert_eq!(compared(&mut watch), "value.a: 3 → 4");
    let moments: Vec<u64> = watch.moments().into_iter().map(|(row, _)| row).collect();
    assert_eq!(moments, [2, 1, 0]);
    watch.compare_with(Some(0));
    assert_eq!(compared(&mut watch), "value.a: 1 → 4");
    assert_eq!(
        watch
            .newest_of(&parse_key("[1]").unwrap())
            .unwrap()
            .unwrap()
            .value,
        parse_value("{a: 4}").unwrap()
    );
}

#[test]
fn a_row_is_compared_again_when_further_changes_have_joined_it() {
    let mut watch = watching();
    for number in 1..=300 {
        watch.apply_change(&changed("[1]", "0", "1", 1000, number));
    }
    let last = watch.timeline().num_added() - 1;
    assert!(told(&mut watch)[0].contains("0 → 1"));
    watch.apply_change(&changed("[1]", "1", "7", 1001, 301));
    // What was known is shown until the rest is.
    assert!(preview_text(watch.difference(last).unwrap().fields[0].after.as_ref().unwrap()).contains('1'));
    assert!(told(&mut watch)[0].contains("0 → 7"));
}

#[test]
fn each_change_is_looked_at_once_however_often_the_window_is_drawn() {
    let mut watch = watching();
    for number in 0..TIMELINE_ROWS as u64 {
        let key = format!("[{number}]");
        watch.apply_change(&changed(&key, "", "{stock: 4}", 10 * number as i64, number + 1));
    }
    watch.set_filter(WatchFilter {
        condition: "value.stock < 5".to_owned(),
        ..WatchFilter::default()
    });
    let mut frames = 1;
    while watch.sift() {
        frames += 1;
    }
    assert!(frames > 1, "a frame looks at a part of them");
    assert_eq!(watch.num_shown(), TIMELINE_ROWS as u64);
    assert_eq!(watch.sieve.evaluations(), TIMELINE_ROWS as u64);
    for _ in 0..1000 {
        assert!(!watch.sift());
    }
    assert_eq!(watch.sieve.evaluations(), TIMELINE_ROWS as u64);
    // Only what is new is looked at.
    watch.apply_change(&changed("['new']", "", "{stock: 1}", 200_000, 20_000));
    watch.sift();
    assert_eq!(watch.sieve.evaluations(), TIMELINE_ROWS as u64 + 1);
}
