//! Entries as the lines of an export, and what stands beside the typed form where that cannot tell all.

use keyglass_store::entry::json::{entry_line, parse_entry_line};
use keyglass_store::value::literal::parse;
use keyglass_store::{EncodedKey, Encoding, Entry, Key, StoredValue, Versionstamp};

use crate::vectors;

fn entry(value: StoredValue) -> Entry {
    Entry {
        key: r#"["a"]"#.parse::<Key>().unwrap().encode().unwrap(),
        value,
        versionstamp: Versionstamp::from_counter(6),
        expires_at: None,
    }
}

#[test]
fn an_entry_is_the_line_that_other_tools_read() {
    let mut entry = entry(StoredValue::from_value(&parse("100n").unwrap()).unwrap());
    let line = r#"{"key":[{"type":"string","value":"a"}],"value":{"type":"bigint","value":"100"},"versionstamp":"00000000000000060000"}"#;
    assert_eq!(entry_line(&entry).text, line);
    entry.expires_at = Some(1_767_225_600_000);
    let with_expiry = entry_line(&entry).text;
    assert!(
        with_expiry.ends_with(r#","expireAt":1767225600000}"#),
        "{with_expiry}"
    );
    let parsed = parse_entry_line(&with_expiry).unwrap();
    assert_eq!(parsed.key, entry.key);
    assert_eq!(parsed.value, entry.value);
    assert_eq!(parsed.expires_at, entry.expires_at);
    assert_eq!(parsed.versionstamp, Some(entry.versionstamp));
    let iso = line.replace("}}", "}").replace(
        r#""00000000000000060000"}"#,
        r#"null,"expireAt":"2026-01-01","other":[]}"#,
    );
    let parsed = parse_entry_line(&iso).unwrap();
    assert_eq!(
        (parsed.expires_at, parsed.versionstamp),
        (Some(1_767_225_600_000), None)
    );
}

/// The value with one version of V8's format in its header, whichever it has.
fn without_version(stored: StoredValue) -> StoredValue {
    let mut bytes = stored.bytes.to_vec();
    if let (Encoding::V8, [0xff, version @ 13..=16, ..]) = (stored.encoding, bytes.as_mut_slice()) {
        *version = 15;
    }
    StoredValue {
        bytes: bytes.into(),
        ..stored
    }
}

#[test]
fn where_the_typed_form_ends_a_line_is_read_as_far_as_it_goes() {
    for (literal, without_bytes) in [
        ("{a: &1 [*1]}", "{a: [null]}"),
        (
            "{file: host({type: 'Blob', size: 3})}",
            "{file: {type: \"Blob\", size: 3}}",
        ),
        (
            r#"[{type: "circular"}, {type: "host", value: {}}]"#,
            r#"[{type: "circular"}, {type: "host", value: {}}]"#,
        ),
    ] {
        let stored = StoredValue::from_value(&parse(literal).unwrap()).unwrap();
        let line = entry_line(&entry(stored.clone())).text;
        assert_eq!(parse_entry_line(&line).unwrap().value, stored, "{line}");
        let others = parse_entry_line(&line.replace("\"v8\":", "\"unknown\":")).unwrap();
        assert_eq!(
            others.value.decode().unwrap().to_string(),
            without_bytes,
            "{line}"
        );
    }
}

#[test]
fn every_value_survives_its_line() {
    for vector in vectors::good().into_iter().chain(vectors::host()) {
        let value = vector.stored.decode().unwrap();
        let line = entry_line(&entry(vector.stored.clone()));
        let parsed = parse_entry_line(&line.text).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert!(
            parsed.value.decode().unwrap() == value,
            "{}: {}",
            vector.name,
            line.text
        );
        assert_eq!(
            without_version(parsed.value),
            without_version(vector.stored),
            "{}: exact bytes",
            vector.name
        );
    }
}

#[test]
fn what_the_typed_form_cannot_tell_stands_beside_it_in_raw_form() {
    let stored = |encoding, bytes: &[u8]| StoredValue {
        encoding,
        bytes: bytes.to_vec().into(),
    };
    let broken = Entry {
        key: EncodedKey::from_bytes(vec![0x02, b'a', 0, 0x02, b'b']),
        ..entry(stored(Encoding::Unknown(7), &[0xff]))
    };
    let line = entry_line(&broken);
    assert_eq!(
        line.text,
        r#"{"key":[{"type":"string","value":"a"},{"type":"Uint8Array","value":"AmI","byteLength":2}],"#
            .to_owned()
            + r#""value":{"type":"Uint8Array","value":"_w","byteLength":1},"versionstamp":"00000000000000060000","#
            + r#""keyBytes":"AmEAAmI","valueEncoding":7,"valueBytes":"_w"}"#
    );
    assert!(line.is_raw);
    assert_eq!(
        line.unreadable.unwrap(),
        "its key cannot be read: unexpected end of the key, in the part that begins at byte 3"
    );
    // V8 reads whole numbers in this form, too, but does not write them so.
    let wide = entry_line(&entry(stored(Encoding::V8, b"\xff\x0fN\0\0\0\0\0\0\xf0\x3f")));
    assert!(
        wide.text.ends_with(r#","v8":"_w9OAAAAAAAA8D8"}"#),
        "{}",
        wide.text
    );
    assert!(!wide.is_raw && wide.losses.is_empty());
    // That another version says the same in the same bytes needs no word.
    let newer = entry_line(&entry(stored(Encoding::V8, b"\xff\x10I\x02")));
    assert!(
        newer.text.ends_with(r#""versionstamp":"00000000000000060000"}"#),
        "{}",
        newer.text
    );
    // A bigint with a zero too many is another key than that without it.
    let long = Entry {
        key: EncodedKey::from_bytes(vec![0x16, 0, 5]),
        ..entry(stored(Encoding::Le64, &[1, 2, 3]))
    };
    let line = entry_line(&long);
    let key = r#"{"key":[{"type":"bigint","value":"5"}],"#;
    assert!(
        line.text.starts_with(key) && line.text.contains(r#""keyBytes":"FgAF""#),
        "{}",
        line.text
    );
    assert_eq!(
        line.unreadable.unwrap(),
        "The value is broken at byte 0: a Deno.KvU64 has 8 bytes, and this one has 3"
    );
}

#[test]
fn raw_fields_that_are_none_are_refused_with_their_name() {
    let line = |fields: &str| {
        format!(r#"{{"key":[{{"type":"boolean","value":true}}],"value":{{"type":"undefined"}}{fields}}}"#)
    };
    for (fields, reason) in [
        (r#","keyBytes":7"#, "The field `keyBytes` is not base64url"),
        (r#","keyBytes":"?""#, "The field `keyBytes` is not base64url"),
        (r#","v8":[]"#, "The field `v8` is not base64url"),
        (
            r#","valueBytes":"AA""#,
            "The field `valueEncoding` is not a whole number",
        ),
        (
            r#","valueBytes":"AA","valueEncoding":1.5"#,
            "The field `valueEncoding` is not a whole number",
        ),
        (
            r#","expireAt":1.5"#,
            "The field `expireAt` is neither milliseconds nor a date",
        ),
    ] {
        assert_eq!(parse_entry_line(&line(fields)).unwrap_err().to_string(), reason);
    }
    for fields in [
        "",
        r#","keyBytes":null,"v8":null,"valueBytes":null,"expireAt":null"#,
        r#","valueEncoding":9"#,
    ] {
        let parsed = parse_entry_line(&line(fields)).unwrap();
        assert_eq!(parsed.key.to_string(), "[true]");
        assert_eq!(parsed.value.decode().unwrap().to_string(), "undefined");
    }
}
