//! Drafts and what becomes of them.

use keyglass_store::limits::Limits;
use keyglass_store::{AtomicOperation, Entry};

use crate::content::row::LoadedEntry;
use crate::model::draft::{ExpiryDraft, parse_key, parse_value};
use crate::model::key_draft::KeyDraft;
use keyglass_store::Versionstamp;

use super::*;

fn loaded(code: &str, counter: u64, expires_at: Option<i64>) -> LoadedEntry {
    LoadedEntry::new(Entry {
        key: parse_key(r#"["a"]"#).unwrap(),
        value: parse_value(code).unwrap(),
        versionstamp: Versionstamp::from_counter(counter),
        expires_at,
    })
}

fn panel(loaded: LoadedEntry) -> EntryPanel {
    EntryPanel {
        shown: Shown::Entry(Box::new(loaded)),
        ..EntryPanel::default()
    }
}

#[test]
fn a_save_checks_what_was_seen_and_keeps_the_expiry() {
    let mut panel = panel(loaded("1", 7, Some(5000)));
    let draft = panel.draft_of_shown().unwrap();
    assert!(!draft.is_changed());
    draft.text = "2".to_owned();
    draft.parse();
    let key = parse_key(r#"["a"]"#).unwrap();
    let expected = AtomicOperation::new()
        .check(key.clone(), Some(Versionstamp::from_counter(7)))
        .set_expiring(key, parse_value("2").unwrap(), Some(5000));
    assert_eq!(draft.operation(0), Ok(expected));
}

#[test]
fn an_unchanged_value_is_stored_as_its_original_bytes() {
    let mut entry = loaded("1.5", 7, None).entry;
    // Written by a newer V8, with a header that Keyglass would not write.
    entry.value.bytes = [&[0xff, 0x10], entry.value.bytes.get(2..).unwrap()]
        .concat()
        .into();
    let mut panel = panel(LoadedEntry::new(entry.clone()));
    let draft = panel.draft_of_shown().unwrap();
    draft.expiry = ExpiryDraft::After(1000);
    let operation = draft.operation(10).unwrap();
    assert_eq!(
        operation,
        AtomicOperation::new()
            .check(entry.key.clone(), Some(entry.versionstamp))
            .set_expiring(entry.key, entry.value, Some(1010))
    );
}

#[test]
fn a_change_from_outside_leaves_the_text_being_edited_alone() {
    let mut panel = panel(loaded("1", 7, None));
    let draft = panel.draft_of_shown().unwrap();
    draft.text = "{mine: 1}".to_owned();
    draft.parse();
    let key = parse_key(r#"["a"]"#).unwrap();
    panel.apply_entry(&key, Ok(Some(Box::new(loaded("2", 8, None)))));
    let draft = panel.draft(&key).unwrap();
    assert_eq!(draft.text, "{mine: 1}");
    assert!(draft.outside.is_some());
    // Saving would still check the version that was seen.
    assert_eq!(
        draft.operation(0).unwrap().checks.first().unwrap().versionstamp,
        Some(Versionstamp::from_counter(7))
    );
    let draft = panel.draft_of_shown().unwrap();
    draft.rebase();
    assert_eq!(
        draft.operation(0).unwrap().checks.first().unwrap().versionstamp,
        Some(Versionstamp::from_counter(8))
    );
    assert_eq!(draft.text, "{mine: 1}");
}

#[test]
fn an_untouched_draft_follows_the_entry() {
    let mut panel = panel(loaded("1", 7, None));
    panel.draft_of_shown();
    let key = parse_key(r#"["a"]"#).unwrap();
    panel.apply_entry(&key, Ok(Some(Box::new(loaded("2", 8, None)))));
    assert_eq!(panel.draft_of_shown().unwrap().text, "2");
}

#[test]
fn a_new_entry_must_not_exist_yet() {
    let mut draft = Draft::new_entry(KeyDraft::of_text(r#"["b", 1]"#), Limits::DENO);
    assert!(draft.operation(0).is_err());
    draft.text = "true".to_owned();
    draft.parse();
    let operation = draft.operation(0).unwrap();
    assert_eq!(operation.checks.first().unwrap().versionstamp, None);
    draft.key_draft = KeyDraft::default();
    assert_eq!(draft.operation(0).unwrap_err().to_string(), "key cannot be empty");
}

#[test]
fn a_text_that_is_no_value_says_why() {
    assert!(parse_value("{a: }").is_err());
    for (limits, limit) in [
        (Limits::DENO, 65_536),
        (
            Limits {
                value_bytes: 1000,
                ..Limits::DENO
            },
            1000,
        ),
    ] {
        let mut draft = Draft::new_entry(KeyDraft::of_text("[1]"), limits);
        draft.text = format!("'{}'", "x".repeat(limit));
        draft.parse();
        let expected = format!("Value too large (max {limit} bytes)");
        assert_eq!(draft.problem().unwrap().to_string(), expected);
        assert_eq!(draft.operation(0).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_new_entry_waits_while_another_one_is_looked_at() {
    let key = parse_key(r#"["a"]"#).unwrap();
    let mut panel = panel(loaded("1", 7, None));
    panel.begin_new_entry(Draft::new_entry(KeyDraft::of_text(r#"["b"]"#), Limits::DENO));
    panel.new_entry.as_mut().unwrap().text = "half done".to_owned();
    panel.select(key.clone());
    assert!(panel.new_entry.is_none());
    assert_eq!(panel.num_changed(), 1);
    panel.begin_new_entry(Draft::new_entry(KeyDraft::of_text("[]"), Limits::DENO));
    assert_eq!(panel.new_entry.as_ref().unwrap().text, "half done");
    // One that was only begun is not kept.
    panel.revert();
    panel.begin_new_entry(Draft::new_entry(KeyDraft::of_text("[]"), Limits::DENO));
    panel.select(key);
    assert_eq!(panel.num_changed(), 0);
}

#[test]
fn a_text_that_was_only_looked_at_leaves_nothing_behind() {
    let mut panel = panel(loaded("1", 7, None));
    assert!(panel.draft_of_shown().is_some());
    panel.select(parse_key(r#"["b"]"#).unwrap());
    assert!(panel.draft(&parse_key(r#"["a"]"#).unwrap()).is_none());
    panel.shown = Shown::Entry(Box::new(loaded("1", 7, None)));
    panel.draft_of_shown().unwrap().text = "2".to_owned();
    panel.select(parse_key(r#"["b"]"#).unwrap());
    assert!(panel.draft(&parse_key(r#"["a"]"#).unwrap()).is_some());
}
