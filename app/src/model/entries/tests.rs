use super::*;
use crate::model::draft::parse_key;
use keyglass_store::database::Before;
use keyglass_store::versionstamp::Versionstamp;
use keyglass_store::{Entry, StoredValue};

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

/// The view and the prefix of the tail that is asked for.
fn asks_for_tail(model: &mut EntriesModel) -> bool {
    let wants = model.take_wants();
    wants
        .iter()
        .any(|request| matches!(request, Request::Tail { .. }))
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
    let mut model = EntriesModel::new();
    assert!(!asks_for_tail(&mut model));
    let view = model.view;
    model.apply_scan(view, Ok(vec![(key(0), 2)]), Some(key(2)));
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
    model.apply_tail(view, Ok(vec![row(8), row(9)]));
    assert_eq!(shown(&model), ["[9]", "[8]"]);
    assert_eq!((model.row_of(&key(8)), model.row_of(&key(1))), (Some(1), None));
    assert!(!model.is_complete());

    // Another part of the index moves nothing.
    model.apply_scan(view, Ok(vec![(key(2), 3)]), Some(key(5)));
    assert_eq!(shown(&model), ["[9]", "[8]"]);

    // A change among the last rows has them read again, one before them does not.
    let change = |number| ObservedChange {
        key: key(number),
        noticed_at: 0,
        before: Before::Unknown,
        after: None,
    };
    model.apply_change(&change(3));
    assert!(!asks_for_tail(&mut model));
    model.apply_change(&change(10));
    assert!(asks_for_tail(&mut model));

    // At the end of the scan all rows are there, and the last ones are read as others are.
    model.apply_scan(view, Ok(vec![(key(5), 5)]), None);
    assert_eq!(model.num_rows(), 10);
    model.show(0..2);
    model.apply_segment(view, key(5), Ok((5, Some((5..10).map(row).collect()))));
    assert_eq!(shown(&model)[..2], ["[9]", "[8]"]);
    model.apply_tail(view, Ok(vec![row(1)]));
    assert_eq!(model.num_rows(), 10, "a late answer changes nothing");
}

#[test]
fn a_limit_holds_for_the_last_rows_as_well() {
    let mut model = EntriesModel::new();
    model.set_query(Query {
        reverse: true,
        limit: Some(1),
        ..Query::default()
    });
    model.apply_tail(model.view, Ok(vec![row(8), row(9)]));
    assert_eq!(shown(&model), ["[9]"]);
}
