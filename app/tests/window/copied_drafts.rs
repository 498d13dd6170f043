//! The code of a transaction that is copied compiles against the real API and does what the draft file does.

use std::error::Error;
use std::path::{Path, PathBuf};

use keyglass::content::copy::{DraftForm, copy_draft};
use keyglass_store::draft::{Draft, Due, Expiry, Step, code, file};
use keyglass_store::embedded::Store;
use keyglass_store::{Database, Entry, KeyRange, Kv, ReadRange, StoredValue};

use crate::harness::{commit, key, new_store, set};
use keyglass::model::draft::parse_value;

/// Every operation that all forms can say.
fn draft() -> Draft {
    let value = |text: &str| parse_value(text).unwrap();
    let message =
        |text: &str| StoredValue::v8(&keyglass_store::value::literal::parse(text).unwrap()).unwrap();
    let set = |at: &str, text: &str, expiry| Step::Set {
        key: key(at),
        value: value(text),
        expiry,
        is_versionstamped: false,
    };
    let steps = [
        Step::Check {
            key: key("['absent']"),
            versionstamp: None,
        },
        set(
            r#"["it's", 42n, u8[01 ff]]"#,
            "{tags: ['a', 1n], at: new Date(0)}",
            Expiry::Never,
        ),
        set("['cache']", "'x'", Expiry::After(86_400_000)),
        set("['late']", "'x'", Expiry::At(4_102_444_800_000)),
        Step::Set {
            key: key("['log']"),
            value: value("new Deno.KvU64(7n)"),
            expiry: Expiry::Never,
            is_versionstamped: true,
        },
        Step::Delete { key: key("['gone']") },
        Step::Sum {
            key: key("['visits']"),
            operand: value("new Deno.KvU64(2n)"),
            min: None,
            max: None,
            clamp: false,
        },
        Step::Sum {
            key: key("['balance']"),
            operand: value("-5n"),
            min: None,
            max: None,
            clamp: false,
        },
        Step::Min {
            key: key("['least']"),
            operand: value("new Deno.KvU64(3n)"),
        },
        Step::Max {
            key: key("['most']"),
            operand: value("new Deno.KvU64(3n)"),
        },
        Step::Enqueue {
            message: message("{mail: 'Ada'}"),
            due: Due::After(3_600_000),
            keys_if_undelivered: vec![key("['dead']")],
            backoff_schedule: Some(vec![100, 2000]),
        },
    ];
    Draft {
        name: None,
        rows: steps.into_iter().map(Into::into).collect(),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/window/copied")
}

#[test]
fn the_code_that_is_compiled_and_run_is_the_code_that_is_copied() {
    for (form, name, kept) in [
        (
            DraftForm::Deno,
            "draft.deno.ts",
            include_str!("copied/draft.deno.ts"),
        ),
        (
            DraftForm::Node,
            "draft.node.mjs",
            include_str!("copied/draft.node.mjs"),
        ),
        (DraftForm::Rust, "draft.rs", include_str!("copied/draft.rs")),
        (
            DraftForm::CommandLine,
            "draft.sh",
            include_str!("copied/draft.sh"),
        ),
        (
            DraftForm::File,
            "draft.ndjson",
            include_str!("copied/draft.ndjson"),
        ),
    ] {
        let copied = copy_draft(&draft(), form, "shop.sqlite3");
        // @deno/kv knows nothing of keys that end in a versionstamp.
        let left_out = usize::from(form == DraftForm::Node);
        assert_eq!(copied.left_out.len(), left_out, "{name}: {:?}", copied.left_out);
        let now = match form {
            DraftForm::Rust => format!("{{\n{}\n}}\n", copied.text),
            _ => copied.text,
        };
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(folder().join(name), &now).unwrap();
        } else {
            assert_eq!(now, kept, "run again with UPDATE_SNAPSHOTS=1");
        }
    }
}

#[test]
fn code_for_deno_that_was_copied_is_read_as_the_same_rows() {
    let copied = copy_draft(&draft(), DraftForm::Deno, "shop.sqlite3");
    let read = code::read(&copied.text);
    let check = "if (!result.ok) throw new Error(\"Nothing was committed, because a check does not hold\");";
    let [unread] = read.unread.as_slice() else {
        panic!("{:?}", read.unread);
    };
    assert!(check.starts_with(unread.text.trim_end_matches('…')), "{unread:?}");
    assert_eq!(read.rows, draft().rows);
}

#[test]
fn what_a_form_cannot_say_is_left_out_and_told() {
    let limited = Step::Sum {
        key: key("['n']"),
        operand: parse_value("1n").unwrap(),
        min: None,
        max: Some(parse_value("5n").unwrap()),
        clamp: true,
    };
    let draft = Draft {
        name: None,
        rows: vec![limited.into()],
    };
    for form in [DraftForm::Deno, DraftForm::Node, DraftForm::Rust] {
        let copied = copy_draft(&draft, form, "kv");
        assert_eq!(copied.left_out.len(), 1);
        assert!(
            copied.text.contains(&format!("// {}", copied.left_out[0])),
            "{}",
            copied.text
        );
    }
    let file = copy_draft(&draft, DraftForm::File, "kv").text;
    assert_eq!(file::parse(&file).unwrap(), draft);
}

fn standing(path: &Path) -> Store {
    let store = new_store(path);
    for (at, value) in [
        ("['gone']", "1"),
        ("['visits']", "new Deno.KvU64(40n)"),
        ("['balance']", "12n"),
        ("['least']", "new Deno.KvU64(9n)"),
        ("['most']", "new Deno.KvU64(9n)"),
    ] {
        commit(&store, set(at, value));
    }
    store
}

fn entries(database: &dyn Database) -> Vec<Entry> {
    let all = ReadRange {
        range: KeyRange::everything(),
        limit: 100,
        reverse: false,
    };
    database.snapshot().unwrap().read(&all).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "it is what a program of its own does, which has no other clock"
)]
fn commit_draft(kv: &Kv) -> Result<(), Box<dyn Error>> {
    include!("copied/draft.rs");
    Ok(())
}

#[test]
fn copied_rust_code_does_what_the_draft_does() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one.kg"), folder.path().join("other.kg"));
    drop(standing(&one));
    let kv = Kv::open(&one).unwrap();
    commit_draft(&kv).unwrap();
    let store = standing(&other);
    let operation = draft().operation(kv.database().clock().now(), |_| None).unwrap();
    store.commit(operation).unwrap();
    let shown = |database: &dyn Database| -> Vec<String> {
        let entries = entries(database).into_iter();
        let told = entries.map(|entry| {
            // The last part of a key in the log is the versionstamp, which each database gives by itself.
            let key = entry.key.to_string();
            let key = key.split(", \"0000").next().unwrap().to_owned();
            format!(
                "{key} {} {}",
                entry.value.decode().unwrap(),
                entry.expires_at.is_some()
            )
        });
        told.collect()
    };
    assert_eq!(shown(kv.database()), shown(&store));
    assert_eq!(kv.database().queue(10).unwrap().len(), 1);
}
