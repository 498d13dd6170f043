//! What drafts are: rows that are edited and undone, kept, named, looked at before the commit, and rebased.

use keyglass_store::StoredValue;
use keyglass_store::draft::{Due, Expiry, Step};

use super::tests::{KEY, entry, holding, states};
use super::*;
use crate::errand::ForEntries;
use crate::model::draft::{parse_key, parse_value};

fn texts(draft: &TransactionDraft) -> Vec<(OperationKind, String, String)> {
    let rows = draft.rows.iter();
    rows.map(|row| (row.kind, row.texts.key.clone(), row.texts.value.clone()))
        .collect()
}

#[test]
fn every_edit_of_the_rows_is_undone_and_done_again_and_letters_are_one_edit() {
    let mut draft = TransactionDraft::default();
    let first = draft.add(OperationKind::Set, KEY.to_owned(), "1".to_owned());
    let seen = |draft: &TransactionDraft| {
        (
            texts(draft),
            draft.rows.iter().map(|row| row.choices).collect::<Vec<_>>(),
        )
    };
    let mut states = vec![seen(&TransactionDraft::default()), seen(&draft)];
    type Edit = Box<dyn Fn(&mut TransactionDraft)>;
    let mut edits: Vec<Edit> = vec![
        Box::new(move |draft| draft.duplicate(first)),
        Box::new(move |draft| draft.move_to(first, 1)),
        Box::new(move |draft| {
            for text in ["2", "22", "222"] {
                let texts = RowTexts {
                    value: text.to_owned(),
                    ..draft.row(first).unwrap().texts.clone()
                };
                draft.type_in(first, texts);
            }
        }),
        Box::new(move |draft| {
            let choices = RowChoices {
                is_off: true,
                ..RowChoices::default()
            };
            draft.choose(first, choices);
        }),
        Box::new(move |draft| draft.remove(first)),
        Box::new(TransactionDraft::clear),
    ];
    for edit in edits.drain(..) {
        edit(&mut draft);
        states.push(seen(&draft));
    }
    for state in states.iter().rev().skip(1) {
        draft.step_back(false);
        assert_eq!(seen(&draft), *state);
    }
    assert_eq!(draft.can_step(), (false, true));
    for state in &states[1..] {
        draft.step_back(true);
        assert_eq!(seen(&draft), *state);
    }
    assert_eq!(draft.can_step(), (true, false));
}

#[test]
fn what_is_switched_off_is_kept_and_not_committed() {
    let mut draft = TransactionDraft::default();
    let wrong = draft.add(OperationKind::Set, "[".to_owned(), String::new());
    draft.add(OperationKind::Delete, KEY.to_owned(), String::new());
    assert!(draft.operation(0).is_err());
    let off = RowChoices {
        is_off: true,
        ..RowChoices::default()
    };
    draft.choose(wrong, off);
    let expected = AtomicOperation::new().delete(parse_key(KEY).unwrap());
    assert_eq!(draft.operation(0), Ok(expected));
    assert_eq!(draft.meter().mutations, 1);
    let only = draft.rows[1].id;
    draft.choose(only, off);
    assert_eq!(draft.operation(0), Err(TransactionError::AllOff));
}

/// Rows of every operation with all that can be said of them.
fn everything() -> Vec<Step> {
    let key = || parse_key(KEY).unwrap();
    let value = |text: &str| parse_value(text).unwrap();
    let v8 = |text: &str| StoredValue::v8(&keyglass_store::value::literal::parse(text).unwrap()).unwrap();
    vec![
        Step::Check {
            key: key(),
            versionstamp: Some(Versionstamp::from_counter(4)),
        },
        Step::Check {
            key: key(),
            versionstamp: None,
        },
        Step::Set {
            key: key(),
            value: value("&1 {me: *1}"),
            expiry: Expiry::Keep,
            is_versionstamped: false,
        },
        Step::Set {
            key: key(),
            value: value("1"),
            expiry: Expiry::After(1500),
            is_versionstamped: false,
        },
        Step::Set {
            key: key(),
            value: value("1"),
            expiry: Expiry::At(77),
            is_versionstamped: true,
        },
        Step::Delete { key: key() },
        Step::Sum {
            key: key(),
            operand: v8("5n"),
            min: Some(v8("-1n")),
            max: Some(v8("9n")),
            clamp: true,
        },
        Step::Min {
            key: key(),
            operand: value("new Deno.KvU64(1n)"),
        },
        Step::Max {
            key: key(),
            operand: value("new Deno.KvU64(1n)"),
        },
        Step::Enqueue {
            message: v8("new Uint8Array([1])"),
            due: Due::After(61_000),
            keys_if_undelivered: vec![key(), parse_key("['dead']").unwrap()],
            backoff_schedule: Some(vec![100, 60_000]),
        },
        Step::Enqueue {
            message: v8("1"),
            due: Due::Now,
            keys_if_undelivered: Vec::new(),
            backoff_schedule: Some(Vec::new()),
        },
    ]
}

#[test]
fn every_operation_becomes_a_row_that_says_the_same_and_is_kept_between_runs() {
    let mut draft = TransactionDraft::default();
    draft.add_steps(everything());
    let steps = |draft: &TransactionDraft| -> Vec<Step> {
        draft.rows.iter().map(|row| row.step().unwrap().clone()).collect()
    };
    assert_eq!(steps(&draft), everything());
    draft.begin_draft(Some("Refund"));
    draft.add(OperationKind::Set, "[unfinished".to_owned(), "{".to_owned());
    let mut saved = SavedSession::default();
    draft.keep(&mut saved);
    let json = serde_json::to_string(&saved).unwrap();
    let mut restored = TransactionDraft::default();
    restored.restore(&serde_json::from_str(&json).unwrap());
    assert_eq!((restored.name(), texts(&restored)), ("Refund", texts(&draft)));
    restored.show_draft("Draft 1");
    assert_eq!(steps(&restored), everything());
    assert_eq!(restored.others().collect::<Vec<_>>(), [("Refund", 1)]);
    // A file says the same, too.
    let file = keyglass_store::draft::file::print(&restored.to_draft());
    let mut loaded = TransactionDraft::default();
    loaded.add_rows(keyglass_store::draft::file::parse(&file).unwrap().rows);
    assert_eq!(steps(&loaded), everything());
}

#[test]
fn drafts_have_names_of_their_own_and_none_is_lost() {
    let mut draft = TransactionDraft::default();
    draft.add(OperationKind::Delete, KEY.to_owned(), String::new());
    draft.begin_draft(None);
    assert_eq!(draft.name(), "Draft 2");
    draft.rename_draft("Draft 1");
    assert_eq!(draft.name(), "Draft 1 1");
    draft.rename_draft("  Second ");
    assert_eq!(draft.name(), "Second");
    draft.show_draft("Draft 1");
    assert_eq!((draft.rows.len(), draft.others().count()), (1, 1));
    draft.remove_draft();
    assert_eq!(
        (draft.name(), draft.rows.len(), draft.others().count()),
        ("Second", 0, 0)
    );
}

#[test]
fn the_outlook_says_what_each_row_does_in_its_turn() {
    let mut draft = TransactionDraft::default();
    draft.add_check(&parse_key(KEY).unwrap(), Some(Versionstamp::from_counter(1)));
    draft.add(
        OperationKind::Set,
        KEY.to_owned(),
        "{credit: 25, name: 'Ada'}".to_owned(),
    );
    draft.add(OperationKind::Delete, KEY.to_owned(), String::new());
    draft.add(OperationKind::Sum, r#"["n"]"#.to_owned(), "2n".to_owned());
    let first = draft.rows[0].id;
    assert_eq!(*draft.outlook(0).of_row(first), RowOutlook::Unknown);
    let mut there = states(Some(holding("{credit: 20, name: 'Ada'}")));
    there.push((parse_key(r#"["n"]"#).unwrap(), Some(entry(r#"["n"]"#, 3))));
    there[1].1.as_mut().unwrap().value = parse_value("5n").unwrap();
    draft.apply_states(there);
    let ids: Vec<u64> = draft.rows.iter().map(|row| row.id).collect();
    let outlook = draft.outlook(0).clone();
    assert_eq!(*outlook.of_row(ids[0]), RowOutlook::Passes);
    let effect = |id: u64| match outlook.of_row(id) {
        RowOutlook::Effect(effect) => (**effect).clone(),
        other => panic!("{other:?}"),
    };
    let set = effect(ids[1]);
    assert_eq!(set.fields, ["credit: 20 → 25"]);
    assert_eq!(
        (set.turn, set.expired_before, set.expires_at),
        ((1, 2), Some(99), Some(99))
    );
    let delete = effect(ids[2]);
    assert_eq!((delete.turn, delete.after), ((2, 2), Some(None)));
    let text = |preview: &Option<Option<keyglass_store::value::literal::Preview>>| -> String {
        let spans = &preview.as_ref().unwrap().as_ref().unwrap().spans;
        spans.iter().map(|(_, text)| text.as_str()).collect()
    };
    let sum = effect(ids[3]);
    assert_eq!(
        (text(&sum.before), text(&sum.after)),
        ("5n".to_owned(), "7n".to_owned())
    );
}

#[test]
fn a_rebase_takes_the_stamps_that_were_shown_and_leaves_what_was_typed() {
    let mut draft = TransactionDraft::default();
    let key = parse_key(KEY).unwrap();
    draft.add_check(&key, Some(Versionstamp::from_counter(1)));
    draft.add(OperationKind::Set, KEY.to_owned(), "'mine'".to_owned());
    draft.apply_states(states(Some(holding("'seen'"))));
    assert!(draft.failed_rows().is_empty());
    let mut now = holding("'theirs'");
    now.versionstamp = Versionstamp::from_counter(5);
    draft.apply_states(states(Some(now.clone())));
    let shown = draft.failed_rows();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].seen, Some(Some(holding("'seen'"))));
    assert_eq!(
        (shown[0].now.clone(), shown[0].mine.clone()),
        (Some(now.clone()), Some(parse_value("'mine'").unwrap()))
    );
    // It changes once more before what was shown is taken: that is not taken unseen.
    let mut later = now.clone();
    later.versionstamp = Versionstamp::from_counter(6);
    draft.apply_states(states(Some(later)));
    draft.rebase(&shown);
    assert_eq!(
        draft.rows[0].choices.versionstamp,
        Some(Versionstamp::from_counter(5))
    );
    assert_eq!(draft.check_state(&draft.rows[0]), CheckState::Fails);
    assert_eq!(draft.rows[1].texts.value, "'mine'");
    assert_eq!(draft.failed_rows()[0].seen, Some(Some(now)));
}

#[test]
fn bytes_that_have_no_literal_stay_as_they_are() {
    let broken = StoredValue {
        encoding: keyglass_store::Encoding::Unknown(9),
        bytes: vec![1, 2].into(),
    };
    let mut draft = TransactionDraft::default();
    let was = Entry {
        value: broken.clone(),
        ..holding("1")
    };
    draft.add_entries(&[was], ForEntries::Set);
    draft.apply_states(states(None));
    let mut saved = SavedSession::default();
    draft.keep(&mut saved);
    let mut restored = TransactionDraft::default();
    restored.restore(&saved);
    assert_eq!(restored.rows[1].value(), Some(&broken));
    let id = restored.rows[1].id;
    let texts = RowTexts {
        value: "2".to_owned(),
        ..restored.rows[1].texts.clone()
    };
    restored.type_in(id, texts);
    assert_eq!(restored.rows[1].value(), Some(&parse_value("2").unwrap()));
}
