use keyglass_store::limits::Limits;
use keyglass_store::transfer::compare::{Aspects, CompareReport};
use keyglass_store::{Before, MutationKind, Versionstamp};

use super::*;
use crate::errand::CompareChoice;
use crate::model::draft::{parse_key, parse_value};

fn entry(key: &str, value: &str, expires_at: Option<i64>) -> Entry {
    Entry {
        key: parse_key(key).unwrap(),
        value: parse_value(value).unwrap(),
        versionstamp: Versionstamp::from_counter(7),
        expires_at,
    }
}

fn changed(key: &str, [old, new]: [&str; 2], [old_at, new_at]: [Option<i64>; 2]) -> Difference {
    let (before, after) = (entry(key, old, old_at), entry(key, new, new_at));
    let aspects = Aspects::between(&before, &after);
    Difference::Changed {
        before,
        after,
        aspects,
    }
}

fn compared(tells_expiry: [bool; 2]) -> ComparisonModel {
    let differences = [
        Difference::Removed(entry(r#"["a"]"#, "1", None)),
        Difference::Added(entry(r#"["b"]"#, "2", None)),
        changed(r#"["c"]"#, ["{x: 1}", "{x: 2}"], [Some(9000), None]),
        changed(r#"["d"]"#, ["4", "4"], [None, Some(9000)]),
    ];
    let mut model = ComparisonModel::default();
    model.begin(ComparisonPlan {
        choice: CompareChoice {
            location: "/other.kg".to_owned(),
            prefix: EncodedKey::default(),
        },
        name: "other".to_owned(),
        other: None,
    });
    model.started(1);
    let compared = ComparedDatabases {
        report: CompareReport {
            same: 5,
            added: 1,
            removed: 1,
            changed: 2,
            values: 1,
            expiries: 2,
            complete: true,
            ..CompareReport::default()
        },
        expiry_only: 1,
        differences: differences.map(Arc::new).to_vec(),
        tells_expiry,
    };
    model.apply(1, Ok(compared));
    model
}

fn key_at(model: &ComparisonModel, row: usize) -> String {
    key_of(model.row(row).unwrap()).to_string()
}

#[test]
fn differences_are_shown_by_kind_and_by_text_and_what_is_not_shown_is_not_selected() {
    let mut model = compared([true; 2]);
    assert_eq!(model.num_shown(), 4);
    model.select_all();
    assert_eq!(model.num_selected(), 4);
    model.show_kind(Some(DifferenceKind::Expiry));
    assert_eq!((model.num_shown(), model.num_selected()), (1, 1));
    assert_eq!(key_at(&model, 0), r#"["d"]"#);
    model.show_kind(None);
    model.show_text("C");
    assert_eq!((model.num_shown(), model.num_selected()), (1, 0));
    assert_eq!(key_at(&model, 0), r#"["c"]"#);
}

#[test]
fn what_is_taken_is_checked_against_what_was_compared() {
    let mut model = compared([true; 2]);
    model.select_all();
    let prepared = model.operation(Direction::TakeFromThere, &Limits::DENO);
    assert_eq!((prepared.taken, prepared.left), (4, 0));
    let checks: Vec<_> = prepared.operation.checks.iter().collect();
    assert_eq!(checks.len(), 4);
    assert_eq!(checks[0].versionstamp, Some(Versionstamp::from_counter(7)));
    assert_eq!(checks[1].versionstamp, None, "nothing stands under it here");
    let kinds: Vec<_> = prepared.operation.mutations.iter().map(|row| &row.kind).collect();
    assert!(matches!(kinds[0], MutationKind::Delete));
    assert!(matches!(kinds[2], MutationKind::Set { expires_at: None, .. }));
    let put = model.operation(Direction::PutThere, &Limits::DENO);
    assert_eq!(put.operation.checks[0].versionstamp, None);
    assert!(matches!(put.operation.mutations[1].kind, MutationKind::Delete));
}

#[test]
fn an_expiry_that_the_other_side_does_not_tell_is_kept() {
    let mut model = compared([true, false]);
    model.select(2, false, false);
    let prepared = model.operation(Direction::TakeFromThere, &Limits::DENO);
    let kind = &prepared.operation.mutations[0].kind;
    assert!(matches!(
        kind,
        MutationKind::Set {
            expires_at: Some(9000),
            ..
        }
    ));
}

#[test]
fn only_as_much_is_taken_as_one_commit_takes() {
    let mut model = compared([true; 2]);
    model.select_all();
    let limits = Limits {
        checks: 3,
        ..Limits::DENO
    };
    let prepared = model.operation(Direction::TakeFromThere, &limits);
    assert_eq!((prepared.taken, prepared.left), (3, 1));
}

#[test]
fn rows_are_selected_alone_up_to_another_and_besides_others() {
    let mut model = compared([true; 2]);
    model.select(1, false, false);
    model.select(3, true, false);
    assert_eq!(model.num_selected(), 3);
    model.select(0, false, true);
    assert_eq!(model.num_selected(), 4);
    model.select(2, false, false);
    assert_eq!((model.num_selected(), model.current()), (1, Some(2)));
    let (_, detail) = model.detail().unwrap();
    assert_eq!(detail.fields.fields[0].path, "value.x");
}

#[test]
fn a_key_that_changes_here_is_told_as_changed_since_it_was_compared() {
    let mut model = compared([true; 2]);
    let mut change = |key: &str| {
        model.take_change(&ObservedChange {
            noticed_at: 1,
            key: parse_key(key).unwrap(),
            versionstamp: Versionstamp::from_counter(8),
            before: Before::Unknown,
            after: None,
        });
        (model.num_changed(), model.is_outdated())
    };
    assert_eq!(change(r#"["c"]"#), (1, false));
    assert_eq!(change(r#"["new"]"#), (1, true));
}

#[test]
fn what_another_job_finds_is_not_taken() {
    let mut model = compared([true; 2]);
    let plan = model.plan().unwrap().clone();
    model.begin(plan);
    model.started(2);
    model.apply(1, Err(JobError::Unexplained));
    assert_eq!(model.job(), Some(2));
}

#[test]
fn only_what_differs_in_nothing_else_is_of_the_expiry_alone() {
    for (value, encoding, kind) in [
        (ValueAspect::Same, false, DifferenceKind::Expiry),
        (ValueAspect::Same, true, DifferenceKind::Value),
        (ValueAspect::Form, false, DifferenceKind::Value),
        (ValueAspect::Value, false, DifferenceKind::Value),
    ] {
        let aspects = Aspects {
            value,
            encoding,
            expiry: true,
        };
        let (before, after) = (entry(r#"["a"]"#, "1", None), entry(r#"["a"]"#, "1", Some(9)));
        let difference = Difference::Changed {
            before,
            after,
            aspects,
        };
        assert_eq!(DifferenceKind::of(&difference), kind);
    }
}
