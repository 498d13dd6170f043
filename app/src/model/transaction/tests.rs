//! What becomes of a transaction that is written, edited and committed.

use keyglass_store::FailedCheck;
use keyglass_store::limits::Limits;

use super::*;
use crate::errand::Read;
use crate::model::draft::{parse_key, parse_value};

pub(super) fn entry(key: &str, counter: u64) -> Entry {
    Entry {
        key: parse_key(key).unwrap(),
        value: parse_value("1").unwrap(),
        versionstamp: Versionstamp::from_counter(counter),
        expires_at: Some(99),
    }
}

#[test]
fn rows_become_an_operation_in_their_order_and_a_set_keeps_the_expiry() {
    let mut draft = TransactionDraft::default();
    let a = parse_key(r#"["a"]"#).unwrap();
    draft.add_check(&a, Some(Versionstamp::from_counter(4)));
    draft.add(OperationKind::Set, r#"["a"]"#.to_owned(), "{x: 1}".to_owned());
    draft.add(OperationKind::Delete, r#"["b"]"#.to_owned(), String::new());
    draft.apply_states(vec![(a.clone(), Some(entry(r#"["a"]"#, 4)))]);
    let expected = AtomicOperation::new()
        .check(a.clone(), Some(Versionstamp::from_counter(4)))
        .set_expiring(a, parse_value("{x: 1}").unwrap(), Some(99))
        .delete(parse_key(r#"["b"]"#).unwrap());
    assert_eq!(draft.operation(0), Ok(expected));
    assert_eq!(draft.meter().checks, 1);
    assert_eq!(draft.meter().mutations, 2);
}

#[test]
fn a_check_shows_whether_it_holds_and_can_be_rebased() {
    let mut draft = TransactionDraft::default();
    let a = parse_key(r#"["a"]"#).unwrap();
    draft.add_check(&a, Some(Versionstamp::from_counter(4)));
    assert_eq!(draft.check_state(&draft.rows[0]), CheckState::Unknown);
    assert!(matches!(&draft.take_wants()[..], [Errand::Read(Read::States { keys })] if *keys == [a.clone()]));
    draft.begin_commit(1);
    draft.apply_conflict(
        1,
        vec![FailedCheck {
            index: 0,
            current: Some(entry(r#"["a"]"#, 5)),
        }],
    );
    assert_eq!(draft.failed, [draft.rows[0].id]);
    assert_eq!(draft.check_state(&draft.rows[0]), CheckState::Fails);
    let shown = draft.failed_rows();
    assert_eq!((shown.len(), shown[0].seen.clone()), (1, None));
    draft.rebase(&shown);
    assert_eq!(draft.check_state(&draft.rows[0]), CheckState::Passes);
    assert!(draft.failed.is_empty());
}

#[test]
fn a_row_that_cannot_be_committed_is_named() {
    let mut draft = TransactionDraft::default();
    draft.add(OperationKind::Delete, r#"["a"]"#.to_owned(), String::new());
    draft.add(OperationKind::Min, r#"["a"]"#.to_owned(), "1".to_owned());
    assert_eq!(
        draft.operation(0).unwrap_err().to_string(),
        "Row 2 (min): min takes a KvU64, such as new Deno.KvU64(1n)"
    );
}

#[test]
fn rows_move_and_go() {
    let mut draft = TransactionDraft::default();
    let first = draft.add(OperationKind::Delete, r#"["a"]"#.to_owned(), String::new());
    let second = draft.add(OperationKind::Delete, r#"["b"]"#.to_owned(), String::new());
    draft.shift(first, true);
    draft.shift(first, true);
    assert_eq!(
        draft.rows.iter().map(|row| row.id).collect::<Vec<_>>(),
        [second, first]
    );
    draft.remove(second);
    assert_eq!(draft.rows.len(), 1);
}

pub(super) const KEY: &str = r#"["a"]"#;

pub(super) fn states(entry: Option<Entry>) -> Vec<(EncodedKey, Option<Entry>)> {
    vec![(parse_key(KEY).unwrap(), entry)]
}

pub(super) fn holding(value: &str) -> Entry {
    Entry {
        value: parse_value(value).unwrap(),
        ..entry(KEY, 1)
    }
}

#[test]
fn a_set_waits_until_it_is_known_whether_there_is_an_expiry_to_keep() {
    let mut draft = TransactionDraft::default();
    draft.add(OperationKind::Set, KEY.to_owned(), "1".to_owned());
    assert!(!draft.is_known());
    let refused = draft.operation(0).unwrap_err().to_string();
    assert!(
        refused.starts_with("Row 1 (set): it is not known yet"),
        "{refused}"
    );
    draft.wait();
    assert!(draft.is_committing());
    assert_eq!(draft.ends_waiting(), Ok(false));
    draft.apply_states(states(Some(entry(KEY, 1))));
    assert_eq!(draft.ends_waiting(), Ok(true));
    let mutations = draft.operation(0).unwrap().mutations;
    assert!(matches!(
        mutations[0].kind,
        keyglass_store::MutationKind::Set {
            expires_at: Some(99),
            ..
        }
    ));
    assert_eq!(draft.ends_waiting(), Ok(false));
}

#[test]
fn what_was_edited_while_its_commit_waited_is_not_committed() {
    let mut draft = TransactionDraft::default();
    draft.add(OperationKind::Set, KEY.to_owned(), "1".to_owned());
    draft.wait();
    draft.rows[0].texts.value = "2".to_owned();
    draft.rows[0].parse(&Limits::DENO);
    draft.edited();
    draft.apply_states(states(None));
    assert_eq!(draft.ends_waiting(), Err(TransactionError::Edited));
    assert!(!draft.is_committing());
}

#[test]
fn what_was_committed_is_armed_by_an_edit_and_then_expects_what_it_left_itself() {
    let other = r#"["other"]"#;
    let seen = Some(Versionstamp::from_counter(4));
    let mut draft = TransactionDraft::default();
    for key in [KEY, other, r#"["gone"]"#] {
        draft.add_check(&parse_key(key).unwrap(), seen);
    }
    draft.add(OperationKind::Sum, KEY.to_owned(), "1n".to_owned());
    draft.add(OperationKind::Delete, r#"["gone"]"#.to_owned(), String::new());
    draft.begin_commit(1);
    assert!(draft.is_committing());
    let stamp = Versionstamp::from_counter(9);
    draft.apply_committed(1, stamp);
    assert_eq!((draft.committed(), draft.is_committing()), (Some(stamp), false));
    // Nothing changes before it is wanted.
    assert_eq!(draft.rows[0].choices.versionstamp, seen);
    draft.edited();
    assert_eq!(draft.committed(), None);
    let expected: Vec<_> = draft.rows[..3]
        .iter()
        .map(|row| row.choices.versionstamp)
        .collect();
    assert_eq!(expected, [Some(stamp), seen, None]);
}

#[test]
fn a_conflict_marks_the_rows_that_were_sent_and_no_others() {
    let mut draft = TransactionDraft::default();
    let keys: Vec<EncodedKey> = [r#"["a"]"#, r#"["b"]"#, r#"["c"]"#]
        .iter()
        .map(|key| parse_key(key).unwrap())
        .collect();
    for key in &keys {
        draft.add_check(key, None);
    }
    let ids: Vec<u64> = draft.rows.iter().map(|row| row.id).collect();
    draft.begin_commit(1);
    // While the commit runs the first row goes, another one comes first, and the last one is changed.
    draft.remove(ids[0]);
    draft.shift(ids[2], false);
    draft.rows[0].texts.key = r#"["d"]"#.to_owned();
    draft.rows[0].parse(&Limits::DENO);
    draft.edited();
    let failed = |index, key: &str| FailedCheck {
        index,
        current: Some(entry(key, 5)),
    };
    draft.apply_conflict(
        1,
        vec![
            failed(0, r#"["a"]"#),
            failed(1, r#"["b"]"#),
            failed(2, r#"["c"]"#),
        ],
    );
    assert_eq!(draft.failed, [ids[1]]);
}

#[test]
fn a_type_that_does_not_fit_is_told_in_its_row_before_the_commit() {
    let mut draft = TransactionDraft::default();
    draft.add(OperationKind::Sum, KEY.to_owned(), "1".to_owned());
    draft.add(OperationKind::Sum, KEY.to_owned(), "'a'".to_owned());
    let problems = |draft: &TransactionDraft| -> Vec<Option<String>> {
        let problems = draft.problems().into_iter();
        problems
            .map(|problem| problem.map(|problem| problem.to_string()))
            .collect()
    };
    // What stands under the key is not known yet.
    assert_eq!(problems(&draft)[0], None);
    assert_eq!(
        problems(&draft)[1].as_deref(),
        Some("sum takes a KvU64, a bigint or a number, such as new Deno.KvU64(1n)")
    );
    draft.rows.pop();
    draft.apply_states(states(Some(holding("new Deno.KvU64(7n)"))));
    let told = "Cannot sum KvU64 with Number";
    assert_eq!(problems(&draft), [Some(told.to_owned())]);
    assert_eq!(
        draft.operation(0).unwrap_err().to_string(),
        format!("Row 1 (sum): {told}")
    );
    draft.apply_states(states(Some(holding("7"))));
    assert_eq!(problems(&draft), [None]);
    draft.apply_states(states(Some(holding("'seven'"))));
    assert_eq!(problems(&draft), [Some("unsupported value type".to_owned())]);
    // A row sees what those before it leave.
    draft.add(OperationKind::Set, KEY.to_owned(), "1n".to_owned());
    draft.add(OperationKind::Sum, KEY.to_owned(), "2n".to_owned());
    draft.add(OperationKind::Sum, KEY.to_owned(), "2".to_owned());
    assert_eq!(
        problems(&draft)[1..],
        [None, None, Some("Cannot sum BigInt with Number".to_owned())]
    );
}

#[test]
fn the_meter_counts_what_deno_counts() {
    let mut draft = TransactionDraft::default();
    let key = format!("['{}']", "k".repeat(2000));
    for _ in 0..40 {
        draft.add(OperationKind::Set, key.clone(), "1".to_owned());
    }
    draft.add(OperationKind::Delete, key.clone(), String::new());
    draft.add_check(&parse_key(&key).unwrap(), None);
    draft.apply_states(vec![(parse_key(&key).unwrap(), None)]);
    let meter = draft.meter();
    assert_eq!(meter.key_bytes, 40 * 2002);
    assert_eq!(meter.bytes, draft.operation(0).unwrap().size());
    assert!(meter.key_bytes <= meter.limits.commit_key_bytes);
    draft.add(OperationKind::Sum, key, "1".to_owned());
    assert!(draft.meter().key_bytes > Limits::DENO.commit_key_bytes);
    assert_eq!(
        draft.operation(0).unwrap_err().to_string(),
        "Total key size too large (max 81920 bytes)"
    );
    draft.rows.remove(0);
    draft.rows[0].kind = OperationKind::Delete;
    draft.rows[0].parse(&Limits::DENO);
    draft.edited();
    assert!(draft.operation(0).is_ok());
}
