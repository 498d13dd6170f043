use super::*;
use crate::errand::{Extent, ObservedChange, ReadError, Scan};
use crate::model::draft::parse_key;
use crate::model::panel::PanelModel as _;
use keyglass_store::database::{Before, Reading};
use keyglass_store::versionstamp::Versionstamp;
use keyglass_store::{DatabaseError, Entry, StoredValue};

fn key(number: u32) -> EncodedKey {
    parse_key(&format!("[{number}]")).unwrap()
}

fn row(number: u32) -> EntryRow {
    EntryRow::new(&Entry {
        key: key(number),
        value: StoredValue::from_value(&keyglass_store::value::Value::default()).unwrap(),
        versionstamp: Versionstamp::default(),
        expires_at: None,
    })
}

/// Whether a tail is asked for.
fn asks_for_tail(model: &mut EntriesModel) -> bool {
    let wants = model.take_wants();
    wants
        .iter()
        .any(|errand| matches!(errand, Errand::Read(Read::Tail { .. })))
}

fn shown(model: &EntriesModel) -> Vec<String> {
    (0..model.num_rows())
        .map(|at| {
            model
                .row(at)
                .map_or("not loaded".to_owned(), |row| row.key.to_string())
        })
        .collect()
}

#[test]
fn a_reversed_list_begins_with_the_last_rows_before_the_index_reaches_them() {
    let mut model = EntriesModel::new(Reading::Cheap);
    assert!(!asks_for_tail(&mut model));
    let listing = model.listing;
    model.apply_scan(listing, Ok(vec![(key(0), 2)]), Some(key(2)));
    model.set_query(Query {
        reverse: true,
        ..Query::default()
    });
    assert!(asks_for_tail(&mut model));
    assert_eq!(
        model.num_rows(),
        0,
        "not the rows in the middle that the index knows"
    );
    model.apply_tail(listing, Ok(vec![row(8), row(9)]));
    assert_eq!(shown(&model), ["[9]", "[8]"]);
    assert_eq!((model.row_of(&key(8)), model.row_of(&key(1))), (Some(1), None));
    assert!(!model.is_complete());

    // Another part of the index moves nothing.
    model.apply_scan(listing, Ok(vec![(key(2), 3)]), Some(key(5)));
    assert_eq!(shown(&model), ["[9]", "[8]"]);

    // A change among the last rows has them read again, one before them does not.
    let change = |number| ObservedChange {
        key: key(number),
        versionstamp: Versionstamp::from_counter(1),
        noticed_at: 0,
        before: Before::Unknown,
        after: None,
    };
    model.apply_change(&change(3));
    assert!(!asks_for_tail(&mut model));
    model.apply_change(&change(10));
    assert!(asks_for_tail(&mut model));

    // At the end of the scan all rows are there, and the last ones are read as others are.
    model.apply_scan(listing, Ok(vec![(key(5), 5)]), None);
    assert_eq!(model.num_rows(), 10);
    model.show(0..2);
    model.apply_segment(listing, key(5), Ok((5, Some((5..10).map(row).collect()))), 0);
    assert_eq!(shown(&model)[..2], ["[9]", "[8]"]);
    model.apply_tail(listing, Ok(vec![row(1)]));
    assert_eq!(model.num_rows(), 10, "a late answer changes nothing");
}

#[test]
fn a_limit_holds_for_the_last_rows_as_well() {
    let mut model = EntriesModel::new(Reading::Cheap);
    model.set_query(Query {
        reverse: true,
        limit: Some(1),
        ..Query::default()
    });
    model.apply_tail(model.listing, Ok(vec![row(8), row(9)]));
    assert_eq!(shown(&model), ["[9]"]);
}

/// The scans that are asked for: whether each is a repeat.
fn scans(model: &mut EntriesModel) -> Vec<bool> {
    let wants = model.take_wants().into_iter().filter_map(|errand| match errand {
        Errand::Scan(Scan::Table(table)) => Some(table.is_repeat),
        _ => None,
    });
    wants.collect()
}

/// The first keys of the segments whose rows are asked for.
fn asked(model: &mut EntriesModel) -> Vec<String> {
    let wants = model.take_wants().into_iter().filter_map(|errand| match errand {
        Errand::Read(Read::Segment {
            range, rows: true, ..
        }) => Some(range.start.to_string()),
        _ => None,
    });
    wants.collect()
}

/// A model of ten rows in two segments, all of them loaded.
fn loaded() -> EntriesModel {
    let mut model = EntriesModel::new(Reading::Cheap);
    let listing = model.listing;
    model.apply_scan(listing, Ok(vec![(key(0), 5), (key(5), 5)]), None);
    model.show(0..10);
    assert_eq!(asked(&mut model), ["[]", "[5]"]);
    model.apply_segment(
        listing,
        EncodedKey::default(),
        Ok((5, Some((0..5).map(row).collect()))),
        0,
    );
    model.apply_segment(listing, key(5), Ok((5, Some((5..10).map(row).collect()))), 0);
    model
}

#[test]
fn changes_that_nobody_names_have_rows_read_again_at_once_and_the_index_when_there_is_time() {
    let mut model = loaded();
    for _ in 0..3 {
        model.catch_up();
    }
    let listing = model.listing;
    assert_eq!(
        scans(&mut model),
        [true],
        "the index is built once, not begun anew each time"
    );
    assert_eq!(model.num_rows(), 10);
    model.show(5..10);
    assert_eq!(asked(&mut model), ["[5]"], "what is not shown is not read");
    model.show(5..10);
    assert!(asked(&mut model).is_empty(), "it is asked for once");

    let mut changed = row(7);
    changed.versionstamp = Versionstamp::from_counter(9);
    let rows = vec![row(5), row(6), changed, row(8), row(9)];
    model.apply_segment(listing, key(5), Ok((5, Some(rows))), 1000);
    let is_changed = |model: &EntriesModel, at| model.is_changed(model.row(at).unwrap());
    assert!(is_changed(&model, 7) && !is_changed(&model, 8));

    // The new index cuts the rows elsewhere. They stay until they have been read again, and then it is built once more,
    // since there were changes meanwhile.
    model.apply_scan(listing, Ok(vec![(key(0), 3), (key(3), 8)]), None);
    assert_eq!(scans(&mut model), [true]);
    assert_eq!(model.num_rows(), 11);
    assert_eq!(
        shown(&model)[..10],
        (0..10).map(|at| format!("[{at}]")).collect::<Vec<_>>()
    );
    model.show(0..11);
    assert_eq!(asked(&mut model), ["[]", "[3]"]);
    let listing = model.listing;
    model.apply_scan(listing, Ok(vec![(key(0), 3), (key(3), 8)]), None);
    assert!(scans(&mut model).is_empty() && model.is_complete());
}

#[test]
fn rows_that_were_asked_for_as_an_earlier_index_cuts_them_are_not_taken_for_those_of_a_new_one() {
    let mut model = loaded();
    model.catch_up();
    let listing = model.listing;
    assert_eq!(scans(&mut model), [true]);
    model.show(0..10);
    assert_eq!(asked(&mut model), ["[]", "[5]"]);
    // Another database took the place: all that was below 5 has gone.
    model.apply_scan(listing, Ok(vec![(key(7), 2)]), None);
    model.apply_segment(listing, EncodedKey::default(), Ok((0, Some(Vec::new()))), 0);
    model.apply_segment(listing, key(5), Ok((2, Some(vec![row(7), row(8)]))), 0);
    assert_eq!(model.num_rows(), 2);
    model.show(0..2);
    assert_eq!(asked(&mut model), ["[]"], "as the new index cuts them");
    let rows = Some(vec![row(7), row(8)]);
    model.apply_segment(listing, EncodedKey::default(), Ok((2, rows)), 0);
    assert_eq!(shown(&model), ["[7]", "[8]"]);
}

#[test]
fn what_a_person_asks_for_is_not_put_off() {
    let mut model = loaded();
    model.catch_up();
    assert_eq!(scans(&mut model), [true]);
    model.refresh();
    assert_eq!(scans(&mut model), [false]);
}

#[test]
fn a_scan_that_fails_leaves_what_was_there_and_is_tried_again_after_the_next_change() {
    let mut model = loaded();
    model.refresh();
    scans(&mut model);
    model.apply_scan(
        model.listing,
        Err(DatabaseError::Type("The disk is gone".to_owned()).into()),
        None,
    );
    assert_eq!(model.error.as_deref(), Some("The disk is gone"));
    assert_eq!(shown(&model).len(), 10);
    assert_eq!(shown(&model)[9], "[9]");
    model.catch_up();
    assert_eq!(scans(&mut model), [true]);
    assert_eq!(model.error, None);
}

#[test]
fn what_could_not_be_read_is_tried_again_a_few_times_and_told_until_then() {
    let mut model = loaded();
    let fail = |model: &mut EntriesModel| {
        let gone = || ReadError::from(DatabaseError::Type("The disk is gone".to_owned()));
        model.apply_segment(model.listing, key(5), Err(gone()), 0);
    };
    let mut now = 1000;
    let mut waits = Vec::new();
    loop {
        fail(&mut model);
        fail(&mut model);
        let Some(due) = model.wake(now) else {
            break;
        };
        assert!(scans(&mut model).is_empty());
        waits.push(due - now);
        now = due;
        model.wake(now);
        assert_eq!(scans(&mut model), [true]);
        assert_eq!(model.error.as_deref(), Some("The disk is gone"));
    }
    assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16_000]);
    model.apply_scan(model.listing, Ok(vec![(key(0), 10)]), None);
    assert_eq!(model.error, None);
    // After a change it is as if nothing had been.
    model.catch_up();
    fail(&mut model);
    assert_eq!(model.wake(now), Some(now + 500));
}

#[test]
fn an_entry_that_is_written_again_takes_its_row_without_a_look_at_the_database() {
    let entry = |number, stamp| Entry {
        key: key(number),
        value: StoredValue::from_value(&keyglass_store::value::Value::default()).unwrap(),
        versionstamp: Versionstamp::from_counter(stamp),
        expires_at: None,
    };
    let change = |number, before, after| ObservedChange {
        key: key(number),
        versionstamp: Versionstamp::from_counter(1),
        noticed_at: 0,
        before,
        after,
    };
    let stamp = |model: &EntriesModel, at| model.row(at).unwrap().versionstamp.counter();
    let asks = |model: &mut EntriesModel| {
        model.show(0..10);
        asked(model)
    };
    let mut model = loaded();
    for (number, before) in [(7, Before::Entry(entry(7, 1))), (2, Before::Unknown)] {
        model.apply_change(&change(number, before, Some(entry(number, 9))));
        assert_eq!(stamp(&model, u64::from(number)), 9);
        assert!(model.is_changed(model.row(u64::from(number)).unwrap()));
    }
    assert_eq!(asks(&mut model), Vec::<String>::new());
    // What is told late does not take the place of what is newer.
    model.apply_change(&change(7, Before::Entry(entry(7, 1)), Some(entry(7, 3))));
    assert_eq!(stamp(&model, 7), 9);
    assert_eq!(asks(&mut model), Vec::<String>::new());

    // A row that comes or goes has its segment read again, and so has one of which nobody knows whether it was there.
    for (before, after) in [
        (Before::Absent, Some(entry(70, 10))),
        (Before::Entry(entry(7, 9)), None),
        (Before::Unknown, Some(entry(70, 10))),
    ] {
        let mut model = loaded();
        let number = if after.is_some() { 70 } else { 7 };
        model.apply_change(&change(number, before, after));
        assert_eq!(asks(&mut model), ["[5]"]);
        // What is being read now may be older than a change: it is read once more.
        model.apply_change(&change(8, Before::Entry(entry(8, 1)), Some(entry(8, 11))));
        assert_eq!(stamp(&model, 8), 0);
        let rows = Some((5..10).map(row).collect());
        model.apply_segment(model.listing, key(5), Ok((5, rows)), 0);
        assert_eq!(asks(&mut model), ["[5]"]);
    }
}

/// The ranges that are to be indexed, and how much of each.
fn parts_asked(model: &mut EntriesModel) -> Vec<(EncodedKey, Extent)> {
    let wants = model.take_wants().into_iter();
    wants
        .filter_map(|errand| match errand {
            Errand::Scan(Scan::Table(table)) => Some((table.range.start, table.extent)),
            _ => None,
        })
        .collect()
}

#[test]
fn where_reading_is_paid_for_the_table_is_read_as_far_as_it_is_looked_at_and_on_only_when_asked() {
    let mut model = EntriesModel::new(Reading::Metered);
    let start = Query::default().range().start;
    assert_eq!(parts_asked(&mut model), [(start, Extent::Page)]);
    let listing = model.listing;
    model.show(0..0);
    assert_eq!(parts_asked(&mut model), [], "it is being read");
    model.apply_scan(listing, Ok(vec![(key(0), 256)]), Some(key(256)));
    model.show(0..40);
    assert_eq!(parts_asked(&mut model), [], "what is on screen is known");
    model.show(180..220);
    assert_eq!(parts_asked(&mut model), [(key(256), Extent::Page)]);
    model.read_all();
    assert_eq!(parts_asked(&mut model), [], "the page comes first");
    model.apply_scan(listing, Ok(vec![(key(256), 256)]), Some(key(512)));
    assert_eq!(parts_asked(&mut model), [(key(512), Extent::Whole)]);
    assert!(!model.reads_by_pages() && !model.is_complete());
    model.apply_scan(listing, Ok(vec![(key(512), 256)]), Some(key(768)));
    assert_eq!(parts_asked(&mut model), [], "the rest comes by itself");
    model.apply_scan(listing, Ok(vec![(key(768), 256)]), None);
    assert!(model.is_complete());
    assert_eq!(model.num_rows(), 1024);
    // Changes that nobody names do not make it read everything once more.
    model.catch_up();
    assert_eq!(parts_asked(&mut model), []);
}

#[test]
fn where_reading_is_paid_for_a_refresh_reads_as_far_as_was_looked_at() {
    let mut model = EntriesModel::new(Reading::Metered);
    let listing = model.listing;
    model.apply_scan(listing, Ok(vec![(key(0), 256)]), Some(key(256)));
    model.show(180..220);
    model.apply_scan(listing, Ok(vec![(key(256), 256)]), Some(key(512)));
    model.show(300..340);
    assert_eq!(parts_asked(&mut model).len(), 2);
    model.refresh();
    let listing = model.listing;
    model.apply_scan(listing, Ok(vec![(key(1), 256)]), Some(key(257)));
    assert_eq!(model.num_rows(), 512, "what was known stays on screen");
    parts_asked(&mut model);
    model.show(300..340);
    assert_eq!(parts_asked(&mut model), [(key(257), Extent::Page)]);
    model.apply_scan(listing, Ok(vec![(key(257), 255)]), Some(key(513)));
    assert_eq!(model.num_rows(), 511);
}
