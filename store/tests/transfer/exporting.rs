//! Exports hold every entry, in each of the forms, and files appear whole or not at all.

use std::fs;
use std::io;
use std::ops::ControlFlow;

use crate::fixture::{empty, go_on, key, put};
use keyglass_store::transfer::{
    ExportOptions, ExportReport, Format, Progress, TransferError, export, export_to_file,
};
use keyglass_store::value::literal;
use keyglass_store::{AtomicOperation, Database, EncodedKey, Encoding, KeyRange, StoredValue};
use serde_json::Value;

fn options(format: Format) -> ExportOptions {
    ExportOptions {
        format,
        ranges: vec![KeyRange::everything()],
        expired: false,
    }
}

fn exported(database: &dyn Database, format: Format) -> (String, ExportReport) {
    let mut text = Vec::new();
    let report = export(database, &options(format), &mut text, &mut go_on).unwrap();
    assert_eq!(report.bytes, text.len() as u64);
    assert!(report.complete);
    (String::from_utf8(text).unwrap(), report)
}

fn set(database: &dyn Database, at: &str, value: &str) {
    let value = StoredValue::from_value(&literal::parse(value).unwrap()).unwrap();
    database
        .commit(AtomicOperation::new().set(key(at), value))
        .unwrap();
}

#[test]
fn several_ranges_are_written_one_after_the_other() {
    let (_folder, database) = empty();
    for number in 0..600 {
        set(&database, &format!("[{number}]"), "1");
    }
    let range = |start: &str, end: &str| KeyRange {
        start: key(start),
        end: key(end),
    };
    let options = ExportOptions {
        format: Format::Ndjson,
        ranges: vec![
            range("[2]", "[2.5]"),
            range("[2.5]", "[3]"),
            range("[10]", "[590]"),
            KeyRange::only(&key("[599]")),
        ],
        expired: false,
    };
    let mut text = Vec::new();
    let report = export(&database, &options, &mut text, &mut go_on).unwrap();
    assert!(report.complete);
    let text = String::from_utf8(text).unwrap();
    let keys: Vec<u64> = text
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["key"][0]["value"]
                .to_string()
                .trim_matches('"')
                .parse()
                .unwrap()
        })
        .collect();
    assert_eq!(keys.len(), 582);
    assert_eq!((keys[0], keys[1], keys[580], keys[581]), (2, 10, 589, 599));
}

#[test]
fn ndjson_is_one_typed_entry_a_line() {
    let (_folder, database) = empty();
    set(&database, r#"["users", 1n]"#, "{big: 100n}");
    let value = StoredValue::from_value(&literal::parse("true").unwrap()).unwrap();
    let expires = 4_000_000_000_000;
    let operation = AtomicOperation::new().set_expiring(key(r#"["x"]"#), value, Some(expires));
    database.commit(operation).unwrap();
    let (text, report) = exported(&database, Format::Ndjson);
    let stamp = |at: &str| database.get(&key(at)).unwrap().unwrap().versionstamp;
    assert_eq!(
        text,
        format!(
            "{{\"key\":[{{\"type\":\"string\",\"value\":\"users\"}},{{\"type\":\"bigint\",\"value\":\"1\"}}],\
             \"value\":{{\"type\":\"object\",\"value\":{{\"big\":{{\"type\":\"bigint\",\"value\":\"100\"}}}}}},\
             \"versionstamp\":\"{}\"}}\n\
             {{\"key\":[{{\"type\":\"string\",\"value\":\"x\"}}],\"value\":{{\"type\":\"boolean\",\"value\":true}},\
             \"versionstamp\":\"{}\",\"expireAt\":{expires}}}\n",
            stamp(r#"["users", 1n]"#),
            stamp(r#"["x"]"#),
        )
    );
    assert_eq!(
        (report.entries, report.lossy.count, report.unreadable.count),
        (2, 0, 0)
    );
}

#[test]
fn json_and_javascript_are_one_array() {
    let (_folder, database) = empty();
    assert_eq!(exported(&database, Format::Json).0, "[]\n");
    assert_eq!(exported(&database, Format::Js).0, "[]\n");
    set(&database, r#"["a", 1]"#, r#"{name: "Ada", tags: ["x", null]}"#);
    set(&database, r#"[u8[01 ff], 2n]"#, "5n");
    let (bytes, a) = (key("[u8[01 ff], 2n]"), key(r#"["a", 1]"#));
    let stamp = |key: &EncodedKey| database.get(key).unwrap().unwrap().versionstamp;
    let (text, report) = exported(&database, Format::Json);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json[0]["key"][1]["value"], "2");
    assert_eq!(json[0]["value"]["type"], "bigint");
    assert_eq!(json[1]["key"], serde_json::json!(["a", 1]));
    assert_eq!(
        json[1]["value"],
        serde_json::json!({"name": "Ada", "tags": ["x", null]})
    );
    assert_eq!(json[1]["versionstamp"], stamp(&a).to_string());
    assert_eq!(report.entries, 2);

    let (text, _) = exported(&database, Format::Js);
    assert_eq!(
        text,
        format!(
            "[\n{{key: [new Uint8Array([1, 255]), 2n], value: 5n, versionstamp: \"{}\"}},\n\
             {{key: [\"a\", 1], value: {{name: \"Ada\", tags: [\"x\", null]}}, versionstamp: \"{}\"}}\n]\n",
            stamp(&bytes),
            stamp(&a),
        )
    );
}

#[test]
fn what_a_form_cannot_hold_or_nobody_can_read_is_reported() {
    let (_folder, database) = empty();
    set(&database, r#"["hole"]"#, "[1, , 3]");
    set(&database, r#"["self"]"#, "&1 {self: *1}");
    let broken = StoredValue {
        encoding: Encoding::V8,
        bytes: vec![0xff, 0x0f, 0x22, 0x7f].into(),
    };
    database
        .commit(AtomicOperation::new().set(key(r#"["broken"]"#), broken))
        .unwrap();
    let no_key = EncodedKey::from_bytes(vec![0x02, b'a']);
    put(&database, r#"["fine"]"#, b"1");
    let operation = AtomicOperation::new().set(no_key.clone(), crate::fixture::bytes(b"1"));
    database.commit(operation).unwrap();

    let (text, report) = exported(&database, Format::Ndjson);
    assert_eq!(text.lines().count(), 5);
    assert!(text.starts_with(r#"{"key":[{"type":"Uint8Array","value":"AmE","byteLength":2}],"#));
    assert!(text.contains(r#""keyBytes":"AmE""#));
    assert!(text.contains(r#"{"key":[{"type":"string","value":"broken"}],"value":{"type":"Uint8Array","#));
    assert!(text.contains(r#""valueEncoding":1,"valueBytes":"_w8ifw""#));
    assert_eq!((report.entries, report.lossy.count, report.raw), (5, 2, 2));
    assert_eq!(report.lossy.named[0].reason, "it has a hole in an array");
    let unreadable: Vec<_> = report
        .unreadable
        .named
        .iter()
        .map(|remark| remark.key.clone().unwrap())
        .collect();
    assert_eq!(unreadable, [no_key, key(r#"["broken"]"#)]);

    let (text, report) = exported(&database, Format::Json);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json[0]["key"][0]["type"], "Uint8Array");
    assert_eq!(json[0]["unreadable"], report.unreadable.named[0].reason);
    assert_eq!(json[1]["value"]["type"], "Uint8Array");
    assert_eq!(json[1]["unreadable"], report.unreadable.named[1].reason);
    assert_eq!(
        (report.entries, report.lossy.count, report.unreadable.count),
        (5, 2, 2)
    );

    let (text, report) = exported(&database, Format::Js);
    assert!(text.contains("{key: [\"broken\"], value: new Uint8Array([255, 15, 34, 127]), versionstamp: "));
    assert!(text.contains("[1, , 3]"));
    let cycle = "(() => {const a = {}; Object.assign(a, {self: a}); return a;})()";
    assert!(text.contains(&format!(r#"{{key: ["self"], value: {cycle}, versionstamp: "#)));
    assert_eq!(
        (report.entries, report.lossy.count, report.unreadable.count),
        (5, 0, 2)
    );
}

#[test]
fn an_object_in_two_places_is_written_in_both_and_nothing_else_becomes_undefined() {
    let (_folder, database) = empty();
    set(
        &database,
        r#"["user"]"#,
        "{createdAt: &1 new Date(0), updatedAt: *1}",
    );
    set(
        &database,
        r#"["file"]"#,
        "{blob: host({type: 'Blob', size: 3}), none: null}",
    );
    set(&database, r#"["plain"]"#, "{a: &1 {b: 1}, c: *1}");

    let (text, report) = exported(&database, Format::Js);
    let date = r#"new Date("1970-01-01T00:00:00.000Z")"#;
    assert!(
        text.contains(&format!("{{createdAt: {date}, updatedAt: {date}}}")),
        "{text}"
    );
    assert!(text.contains("blob: Symbol(\"Blob: "), "{text}");
    assert!(
        !text.contains("undefined") && !text.contains('&') && !text.contains('*'),
        "{text}"
    );
    assert_eq!(report.lossy.count, 3);
    let reason = |number: usize| report.lossy.named[number].reason.as_str();
    assert_eq!(reason(0), "it has a host object of Deno's");
    assert_eq!(
        reason(1),
        "it has an object in several places, which become several objects"
    );

    let (text, _) = exported(&database, Format::Json);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json[0]["value"]["value"]["blob"]["type"], "host");
    assert_eq!(
        json[1]["value"],
        serde_json::json!({"a": {"b": 1}, "c": {"b": 1}})
    );
    let dates = &json[2]["value"]["value"];
    assert_eq!(dates["createdAt"], dates["updatedAt"]);

    // The interchange form has the stored bytes beside it.
    let (text, _) = exported(&database, Format::Ndjson);
    for line in text.lines() {
        let line = keyglass_store::entry::json::parse_entry_line(line).unwrap();
        assert_eq!(line.value, database.get(&line.key).unwrap().unwrap().value);
    }
}

#[test]
fn progress_is_told_and_can_stop_the_export() {
    let (_folder, database) = empty();
    for n in 0..600 {
        put(&database, &format!("[{n}]"), b"");
    }
    let mut seen: Vec<Progress> = Vec::new();
    let mut text = Vec::new();
    let report = export(&database, &options(Format::Ndjson), &mut text, &mut |progress| {
        seen.push(progress);
        if progress.entries > 300 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .unwrap();
    assert!(!report.complete);
    assert!(seen.is_sorted_by(|a, b| a.entries < b.entries && a.bytes < b.bytes));
    assert_eq!(seen.last().unwrap().entries, report.entries);
    assert!(report.entries < 600);
    assert_eq!(
        String::from_utf8(text).unwrap().lines().count() as u64,
        report.entries
    );
}

#[test]
fn an_export_is_of_one_moment() {
    let (_folder, database) = empty();
    for n in 0..600 {
        put(&database, &format!("[{n}]"), b"");
    }
    let mut text = Vec::new();
    export(&database, &options(Format::Ndjson), &mut text, &mut |_| {
        put(&database, "[599]", b"changed meanwhile");
        put(&database, "[600]", b"added meanwhile");
        ControlFlow::Continue(())
    })
    .unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.lines().count(), 600);
    assert!(
        text.lines()
            .all(|line| line.contains(r#""value":"","byteLength":0"#))
    );
}

/// A disk that is full after so many bytes.
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(bytes.len())
            .ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_output_that_fails_ends_the_export_with_its_error() {
    let (_folder, database) = empty();
    put(&database, r#"["a"]"#, b"1");
    let result = export(&database, &options(Format::Json), &mut Full(10), &mut go_on);
    assert!(matches!(result, Err(TransferError::Write(error)) if error.kind() == io::ErrorKind::StorageFull));
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let (folder, database) = empty();
    for n in 0..600 {
        put(&database, &format!("[{n}]"), b"");
    }
    let path = folder.path().join("export.ndjson");
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let stopped = export_to_file(&database, &options(Format::Ndjson), &path, &mut |_| {
        assert!(!path.exists());
        ControlFlow::Break(())
    });
    assert!(!stopped.unwrap().complete);
    assert_eq!(names(), ["kv"]);

    export_to_file(&database, &options(Format::Ndjson), &path, &mut go_on).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 600);

    let stop = &mut |_| ControlFlow::Break(());
    export_to_file(&database, &options(Format::Json), &path, stop).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 600);
    assert_eq!(names(), ["export.ndjson", "kv"]);

    let nowhere = folder.path().join("missing/export.ndjson");
    let error = export_to_file(&database, &options(Format::Ndjson), &nowhere, &mut go_on).unwrap_err();
    assert!(error.to_string().ends_with(&format!("): {}", nowhere.display())));
}

#[cfg(unix)]
#[test]
fn a_file_has_the_permissions_of_any_other_and_keeps_those_it_had() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, database) = empty();
    let path = folder.path().join("export.json");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let write = |path| export_to_file(&database, &options(Format::Json), path, &mut go_on).unwrap();
    let plain = folder.path().join("plain");
    fs::write(&plain, "").unwrap();
    write(&path);
    assert_eq!(mode(&path), mode(&plain));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    write(&path);
    assert_eq!(mode(&path), 0o600);

    let link = folder.path().join("link");
    std::os::unix::fs::symlink("export.json", &link).unwrap();
    put(&database, r#"["a"]"#, b"1");
    write(&link);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&path).unwrap().len() > 3);
    write(std::path::Path::new("/dev/null"));
}
