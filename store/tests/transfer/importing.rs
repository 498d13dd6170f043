//! What was exported comes back exactly, and what is no entry is told by its line.

use std::io::BufReader;
use std::ops::ControlFlow;

use crate::fixture::{NOW, contents, empty, everything, go_on, key, put};
use keyglass_store::transfer::{
    Existing, ExportOptions, Format, ImportOptions, ImportReport, TransferError, export, import,
};
use keyglass_store::{AtomicOperation, Database, EncodedKey, Encoding, KeyRange, StoredValue};

fn read(
    database: &dyn Database,
    text: &[u8],
    options: &ImportOptions,
) -> Result<ImportReport, TransferError> {
    // A small buffer makes lines end anywhere in it.
    import(
        database,
        &mut BufReader::with_capacity(61, text),
        options,
        &mut go_on,
    )
}

fn ndjson(database: &dyn Database) -> Vec<u8> {
    let options = ExportOptions {
        format: Format::Ndjson,
        ranges: vec![KeyRange::everything()],
        expired: false,
    };
    let mut text = Vec::new();
    export(database, &options, &mut text, &mut go_on).unwrap();
    text
}

fn line(name: &str, value: u32) -> String {
    format!(
        "{{\"key\":[{{\"type\":\"string\",\"value\":{name:?}}}],\"value\":{{\"type\":\"bigint\",\"value\":\"{value}\"}}}}\n"
    )
}

#[test]
fn every_entry_of_a_deno_file_comes_back_as_it_was() {
    let (_from_folder, from) = crate::fixture::shop();
    let (_to_folder, to) = empty();
    let text = ndjson(&from);
    let report = read(&to, &text, &ImportOptions::default()).unwrap();
    assert_eq!((report.stored, report.expiring, report.skipped), (1946, 62, 0));
    assert_eq!(report.errors.named, []);
    assert_eq!(report.bytes, text.len() as u64);
    assert!(report.complete);
    for (ours, deno) in contents(&to).iter().zip(contents(&from)) {
        assert_eq!((&ours.0, ours.2), (&deno.0, deno.2));
        // The version of V8's format in the header may differ, nothing else does.
        let header = if deno.1.encoding == Encoding::V8 { 2 } else { 0 };
        let rest = |value: &StoredValue| value.bytes.slice(header.min(value.bytes.len())..);
        assert_eq!(
            (ours.1.encoding, rest(&ours.1)),
            (deno.1.encoding, rest(&deno.1)),
            "{}",
            ours.0
        );
    }
    assert!(ndjson_without_stamps(&to) == ndjson_without_stamps(&from));
}

/// Entries of any bytes: keys that are none or have other bytes than Deno's, values that cannot be read.
fn odd_entries() -> Vec<(EncodedKey, StoredValue, Option<i64>)> {
    let value = |encoding, bytes: &[u8]| StoredValue {
        encoding: Encoding::from_number(encoding),
        bytes: bytes.to_vec().into(),
    };
    let keys: [&[u8]; 5] = [
        b"\x02a",
        b"\x05",
        // A bigint with a zero too many, NaN with a sign, and one with a payload.
        b"\x16\0\x05",
        b"\x21\0\x07\xff\xff\xff\xff\xff\xff",
        b"\x21\xff\xf8\0\0\0\0\0\x01",
    ];
    let values = [
        value(1, b"\xff\x0f\x22\x7f"),
        value(1, b"\xff\x0fN\0\0\0\0\0\0\xf0\x3f"),
        value(2, b"123"),
        value(0, b""),
        value(200, b"any"),
    ];
    let mut entries: Vec<_> = keys
        .iter()
        .zip(values)
        .map(|(key, value)| (EncodedKey::from_bytes(key.to_vec()), value, Some(i64::MAX - 1)))
        .collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    entries
}

#[test]
fn entries_of_any_bytes_come_back_byte_for_byte() {
    let (_from_folder, from) = empty();
    let (_to_folder, to) = empty();
    for (key, value, expires_at) in odd_entries() {
        let set = AtomicOperation::new().set_expiring(key, value, expires_at);
        from.commit(set).unwrap();
    }
    assert!(contents(&from) == odd_entries());
    let report = read(&to, &ndjson(&from), &ImportOptions::default()).unwrap();
    assert_eq!((report.stored, report.errors.named.len()), (5, 0));
    assert!(contents(&to) == odd_entries());

    let options = ImportOptions {
        prefix: key(r#"["p"]"#),
        ..ImportOptions::default()
    };
    read(&to, &ndjson(&from), &options).unwrap();
    for (odd, value, _) in odd_entries() {
        let below = options.prefix.with_suffix(odd.as_bytes());
        assert_eq!(to.get(&below).unwrap().unwrap().value, value);
    }
}

fn ndjson_without_stamps(database: &dyn Database) -> String {
    let text = String::from_utf8(ndjson(database)).unwrap();
    let mut pieces = text.split("\"versionstamp\":\"");
    let first = pieces.next().unwrap().to_owned();
    pieces.fold(first, |text, piece| text + &piece[20..])
}

#[test]
fn keys_that_exist_are_kept_replaced_or_end_the_import() {
    let (_folder, database) = empty();
    put(&database, r#"["b"]"#, b"old");
    let text = [line("a", 1), line("b", 2), line("c", 3), line("a", 4)].concat();
    let value = |name: &str| {
        let entry = database.get(&key(name)).unwrap();
        entry.map(|entry| entry.value.decode().unwrap().to_string())
    };
    let with = |existing| ImportOptions {
        existing,
        ..ImportOptions::default()
    };
    let error = read(&database, text.as_bytes(), &with(Existing::Fail)).unwrap_err();
    assert!(matches!(error, TransferError::Exists { imported: 0, key: there } if there == key(r#"["b"]"#)));
    assert_eq!(value(r#"["a"]"#), None);

    let report = read(&database, text.as_bytes(), &with(Existing::Skip)).unwrap();
    assert_eq!((report.stored, report.skipped), (2, 2));
    assert_eq!(value(r#"["a"]"#).unwrap(), "1n");
    assert_ne!(value(r#"["b"]"#).unwrap(), "2n");

    let report = read(&database, text.as_bytes(), &with(Existing::Overwrite)).unwrap();
    assert_eq!((report.stored, report.skipped), (4, 0));
    assert_eq!(value(r#"["a"]"#).unwrap(), "4n");
    assert_eq!(value(r#"["b"]"#).unwrap(), "2n");
}

#[test]
fn a_dry_run_says_what_an_import_would_do() {
    let (_folder, database) = empty();
    put(&database, r#"["b"]"#, b"old");
    let mut text: String = (0..300).map(|n| line(&format!("k{n}"), n)).collect();
    text.push_str(&[line("b", 2), line("k0", 5), "nonsense\n".to_owned()].concat());
    for existing in [Existing::Skip, Existing::Overwrite] {
        let options = |dry_run| ImportOptions {
            existing,
            dry_run,
            ..ImportOptions::default()
        };
        let before = everything(&database);
        let dry = read(&database, text.as_bytes(), &options(true)).unwrap();
        assert_eq!(everything(&database), before);
        let done = read(&database, text.as_bytes(), &options(false)).unwrap();
        // Only a dry run, and an import with a journal, looks what is replaced: `b`, and then all from the round before.
        let overwritten = if existing == Existing::Overwrite { 302 } else { 0 };
        assert_eq!(dry, ImportReport { overwritten, ..done });
    }
}

#[test]
fn keys_can_be_put_under_a_prefix() {
    let (_folder, database) = empty();
    let options = ImportOptions {
        prefix: key(r#"["backup", 1]"#),
        ..ImportOptions::default()
    };
    read(&database, line("a", 1).as_bytes(), &options).unwrap();
    assert_eq!(everything(&database)[0].key.to_string(), r#"["backup", 1, "a"]"#);
}

#[test]
fn lines_that_cannot_be_stored_are_named_and_the_others_are_stored() {
    let (_folder, database) = empty();
    let long = "k".repeat(2100);
    let text = [
        "\u{feff}".to_owned() + &line("first", 1),
        "\r\n".to_owned(),
        "not json\n".to_owned(),
        line("second", 2).replace('\n', "\r\n"),
        "{\"key\":[],\"value\":{\"type\":\"null\",\"value\":null}}\n".to_owned(),
        line(&long, 3),
        format!("{}\n", "x".repeat(17 << 20)),
        line("last", 4).trim_end().to_owned(),
    ]
    .concat();
    let report = read(&database, text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!(report.stored, 3);
    assert_eq!(report.bytes, text.len() as u64);
    let lines: Vec<_> = report
        .errors
        .named
        .iter()
        .map(|remark| remark.line.unwrap())
        .collect();
    assert_eq!(lines, [3, 5, 6, 7]);
    let reason = |index: usize| report.errors.named[index].reason.as_str();
    assert_eq!(reason(1), "key cannot be empty");
    assert_eq!(reason(2), "Key too large for write (max 2048 bytes)");
    assert_eq!(reason(3), "it is longer than 16 MB");
    assert!(report.errors.named[2].key.is_some());
}

#[test]
fn a_line_with_a_bad_value_is_reported_with_its_key() {
    let (_folder, database) = empty();
    let options = ImportOptions {
        prefix: key(r#"["p"]"#),
        ..ImportOptions::default()
    };
    let text = line("a", 1).replace("bigint", "number");
    let report = read(&database, text.as_bytes(), &options).unwrap();
    let remark = &report.errors.named[0];
    assert_eq!(remark.line, Some(1));
    assert_eq!(remark.key, Some(key(r#"["p", "a"]"#)));
    assert_eq!(remark.reason, "This is no `value` of type number");
}

#[test]
fn bytes_that_are_not_utf8_are_no_entry() {
    let (_folder, database) = empty();
    let report = read(&database, b"\xff\xfe\n", &ImportOptions::default()).unwrap();
    assert_eq!(report.errors.named[0].reason, "it is not UTF-8");
    assert_eq!((report.stored, report.complete), (0, true));
}

#[test]
fn entries_that_have_expired_are_left_out() {
    let (_folder, database) = empty();
    let line = |name: &str, at: i64| line(name, 1).replace("}}\n", &format!("}},\"expireAt\":{at}}}\n"));
    let text = [line("gone", NOW), line("stays", NOW + 1)].concat();
    let report = read(&database, text.as_bytes(), &ImportOptions::default()).unwrap();
    assert_eq!((report.stored, report.expiring, report.expired), (1, 1, 1));
    assert_eq!(everything(&database)[0].expires_at, Some(NOW + 1));
}

#[test]
fn an_import_that_is_stopped_says_what_it_stored() {
    let (_folder, database) = empty();
    let text: String = (0..2000).map(|n| line(&n.to_string(), n)).collect();
    let mut calls = 0;
    let report = import(
        &database,
        &mut text.as_bytes(),
        &ImportOptions::default(),
        &mut |_| {
            calls += 1;
            if calls == 10 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    )
    .unwrap();
    assert!(!report.complete);
    assert!(report.stored > 0 && report.stored < 2000);
    assert_eq!(everything(&database).len() as u64, report.stored);
}

#[test]
fn a_database_that_cannot_be_written_refuses_the_import() {
    let (_folder, shop) = crate::fixture::shop();
    let error = read(&shop, line("a", 1).as_bytes(), &ImportOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with("The database is read-only: "));
}

#[test]
fn imports_at_the_same_time_store_each_key_once() {
    let (_folder, database) = empty();
    let text: String = (0..2000).map(|n| line(&n.to_string(), n)).collect();
    let reports: Vec<_> = std::thread::scope(|scope| {
        let start = || read(&database, text.as_bytes(), &ImportOptions::default()).unwrap();
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let stored: u64 = reports.iter().map(|report| report.stored).sum();
    let skipped: u64 = reports.iter().map(|report| report.skipped).sum();
    assert_eq!((stored, skipped), (2000, 4000));
}

/// Has a little at a time, and in between nothing for the moment.
struct Halting<'a> {
    rest: &'a [u8],
    has_halted: bool,
}

impl std::io::Read for Halting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.has_halted = !self.has_halted;
        if self.has_halted {
            return Err(std::io::ErrorKind::WouldBlock.into());
        }
        let length = buffer.len().min(self.rest.len());
        let (now, later) = self.rest.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.rest = later;
        Ok(length)
    }
}

#[test]
fn a_reader_that_has_nothing_at_the_moment_is_asked_again_unless_the_import_is_stopped() {
    let (_folder, database) = empty();
    let lines = [line("a", 1), "x".repeat(17 << 20), "\n".to_owned(), line("b", 2)].concat();
    let import_halting = |most: usize| {
        let halting = Halting {
            rest: lines.as_bytes(),
            has_halted: false,
        };
        let mut reader = BufReader::with_capacity(100_003, halting);
        let mut calls = 0;
        let options = ImportOptions::default();
        import(&database, &mut reader, &options, &mut |_| {
            calls += 1;
            if calls > most {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap()
    };
    let stopped = import_halting(3);
    assert!(!stopped.complete);
    assert_eq!(stopped.stored, 0);
    let report = import_halting(usize::MAX);
    assert!(report.complete);
    assert_eq!((report.stored, report.errors.count), (2, 1));
    assert_eq!(report.errors.named[0].line, Some(2));
    assert_eq!(report.bytes, lines.len() as u64);
}

#[test]
fn a_deno_file_is_written_in_smaller_commits_than_a_folder_because_its_programs_wait_for_each() {
    let commits = |database: &dyn Database| {
        let text: String = (0..1000).map(|n| line(&format!("k{n}"), n)).collect();
        let options = ImportOptions {
            existing: Existing::Overwrite,
            ..ImportOptions::default()
        };
        assert_eq!(read(database, text.as_bytes(), &options).unwrap().stored, 1000);
        let entries = everything(database).into_iter();
        let stamps: std::collections::BTreeSet<_> = entries.map(|entry| entry.versionstamp).collect();
        stamps.len()
    };
    let (_folder, store) = empty();
    assert_eq!(commits(&store), 1);
    let folder = tempfile::tempdir().unwrap();
    let file = keyglass_store::deno_file::DenoFile::create(&folder.path().join("kv")).unwrap();
    assert_eq!(commits(&file), 2);
}
