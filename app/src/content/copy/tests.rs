use keyglass_store::Versionstamp;

use super::*;
use crate::model::draft::{parse_key, parse_value};

fn entry(key: &str, value: &str, expires_at: Option<i64>) -> Entry {
    Entry {
        key: parse_key(key).unwrap(),
        value: parse_value(value).unwrap(),
        versionstamp: Versionstamp::from_counter(1),
        expires_at,
    }
}

fn copied(form: CopyForm, entries: &[Entry]) -> String {
    let mut writer = CopyWriter::new(form, "my shop.kg".to_owned(), 2);
    for entry in entries {
        writer.add(entry).unwrap();
    }
    writer.finish().text
}

fn both() -> [Entry; 2] {
    [
        entry(r#"["it's", 42n, u8[01 ff]]"#, "{a: 1}", Some(5)),
        entry(r#"["b"]"#, "'x'", None),
    ]
}

#[test]
fn one_entry_is_one_expression_and_several_are_a_list() {
    let both = both();
    assert_eq!(copied(CopyForm::Key, &both[1..]), r#"["b"]"#);
    assert_eq!(
        copied(CopyForm::Key, &both),
        "[\n  [\"it's\", 42n, new Uint8Array([1, 255])],\n  [\"b\"],\n]"
    );
    assert_eq!(copied(CopyForm::Value, &both), "[\n  {a: 1},\n  \"x\",\n]");
    assert_eq!(
        copied(CopyForm::Entry, &both[..1]),
        r#"{key: ["it's", 42n, new Uint8Array([1, 255])], value: {a: 1}, expireAt: 5}"#
    );
}

#[test]
fn json_is_json() {
    let both = both();
    for form in [CopyForm::KeyJson, CopyForm::ValueJson] {
        let list: serde_json::Value = serde_json::from_str(&copied(form, &both)).unwrap();
        assert_eq!(list.as_array().unwrap().len(), 2);
    }
    let lines = copied(CopyForm::EntryJson, &both);
    assert_eq!(lines.lines().count(), 2);
    for line in lines.lines() {
        keyglass_store::entry::json::parse_entry_line(line).unwrap();
    }
}

#[test]
fn entries_are_copied_as_code_that_can_run() {
    let both = both();
    assert_eq!(
        copied(CopyForm::DenoCode, &both),
        "await kv.set([\"it's\", 42n, new Uint8Array([1, 255])], {a: 1}, { expireIn: Math.max(0, 5 - Date.now()) });\n\
         await kv.set([\"b\"], \"x\");\n"
    );
    assert_eq!(
        copied(CopyForm::CommandLine, &both),
        "keyglass set 'my shop.kg' '[\"it'\\''s\", 42n, new Uint8Array([1, 255])]' '{a: 1}' --expire-in 3ms\n\
         keyglass set 'my shop.kg' '[\"b\"]' '\"x\"'\n"
    );
    assert_eq!(copied(CopyForm::RustCode, &both[1..]), r#"kv.set(["b"], "x")?;"#);
}

#[test]
fn a_value_that_is_too_long_for_a_command_is_its_input() {
    let long = entry(r#"["a"]"#, &format!("new Uint8Array({})", 60_000), None);
    let text = copied(CopyForm::CommandLine, &[long]);
    assert!(text.len() < 200);
    let numbers = vec!["200"; 50_000].join(", ");
    let long = entry(r#"["a"]"#, &format!("new Uint8Array([{numbers}])"), Some(2));
    let text = copied(CopyForm::CommandLine, &[long]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        r#"keyglass set 'my shop.kg' '["a"]' - --expire-in 0ms <<'VALUE'"#
    );
    assert_eq!(lines[1], format!("new Uint8Array([{numbers}])"));
    assert_eq!(lines[2], "VALUE");
}

#[test]
fn what_has_no_such_form_is_left_out_with_the_reason() {
    let mut broken = entry(r#"["c"]"#, "1", None);
    broken.value.bytes = vec![0xff, 0x0f, 0x7f].into();
    let mut keyless = entry(r#"["a"]"#, "1", None);
    keyless.key = EncodedKey::from_bytes(vec![2, b'a']);
    let entries = [keyless, broken, entry(r#"["b"]"#, "1", None)];
    let mut writer = CopyWriter::new(CopyForm::DenoCode, String::new(), 0);
    for entry in &entries {
        writer.add(entry).unwrap();
    }
    let copied = writer.finish();
    assert_eq!(copied.entries, 1);
    assert_eq!(copied.left_out.as_ref().unwrap().0, 2);
    let lines: Vec<&str> = copied.text.lines().collect();
    assert!(lines[0].starts_with("// "), "{}", lines[0]);
    assert!(lines[1].starts_with(r#"// ["c"]: "#), "{}", lines[1]);
    assert_eq!(lines[2], r#"await kv.set(["b"], 1);"#);
}

#[test]
fn cycles_are_built_and_what_stands_in_two_places_is_written_in_both() {
    let cycle = entry(r#"["a"]"#, "&1 {self: *1}", None);
    let dates = entry(r#"["b"]"#, "{a: &1 new Date(0), b: *1}", None);
    let file = entry(r#"["c"]"#, "[host({type: 'File', name: 'x'})]", None);
    assert_eq!(
        copied(CopyForm::DenoCode, &[cycle]),
        "await kv.set([\"a\"], (() => {const a = {}; Object.assign(a, {self: a}); return a;})());"
    );
    let date = r#"new Date("1970-01-01T00:00:00.000Z")"#;
    for form in [
        CopyForm::Value,
        CopyForm::Entry,
        CopyForm::ValueRust,
        CopyForm::CommandLine,
    ] {
        let text = copied(form, std::slice::from_ref(&dates));
        assert!(text.contains(&format!("{{a: {date}, b: {date}}}")), "{text}");
    }
    assert!(copied(CopyForm::DenoCode, &[file]).contains("Symbol(\"File: an object"));
}

#[test]
fn more_than_is_sensibly_pasted_is_refused() {
    let small = entry(r#"["a"]"#, "1", None);
    let mut writer = CopyWriter::new(CopyForm::Key, String::new(), 0);
    for _ in 0..COPY_ENTRIES {
        writer.add(&small).unwrap();
    }
    assert_eq!(writer.add(&small), Err(TooLarge::Entries));
    let large = entry(r#"["a"]"#, &format!("'{}'", "x".repeat(60_000)), None);
    let mut writer = CopyWriter::new(CopyForm::Value, String::new(), 0);
    let refused = (0..200).find_map(|_| writer.add(&large).err());
    assert_eq!(refused, Some(TooLarge::Text));
}

#[test]
fn what_a_form_does_not_tell_of_a_value_is_counted() {
    let dates = entry(r#"["b"]"#, "{a: &1 new Date(0), b: *1}", None);
    let cycle = entry(r#"["a"]"#, "&1 {self: *1}", None);
    let file = entry(r#"["c"]"#, "[host({type: 'File', name: 'x'})]", None);
    let entries = [dates, cycle, file];
    let counted = |form| {
        let mut writer = CopyWriter::new(form, String::new(), 0);
        entries.iter().for_each(|entry| writer.add(entry).unwrap());
        let copied = writer.finish();
        (copied.parted, copied.placeholders)
    };
    for (form, expected) in [
        (CopyForm::Value, (1, 1)),
        (CopyForm::DenoCode, (1, 1)),
        (CopyForm::ValueJson, (1, 0)),
        (CopyForm::RustCode, (1, 0)),
        (CopyForm::EntryJson, (0, 0)),
        (CopyForm::Key, (0, 0)),
    ] {
        assert_eq!(counted(form), expected, "{form:?}");
    }
}
