use proptest::prelude::*;

use super::*;
use crate::key::Key;
use crate::value::literal;

fn key(text: &str) -> EncodedKey {
    text.parse::<Key>().unwrap().encode().unwrap()
}

fn value(text: &str) -> StoredValue {
    StoredValue::from_value(&literal::parse(text).unwrap()).unwrap()
}

fn message(text: &str) -> StoredValue {
    StoredValue::v8(&literal::parse(text).unwrap()).unwrap()
}

fn any_key() -> impl Strategy<Value = EncodedKey> {
    prop_oneof![
        prop::sample::select(vec![
            "['a']",
            "['users', 1n]",
            "[u8[01 ff], -0, true, NaN]",
            "['line\\nbreak \"quoted\"']"
        ])
        .prop_map(key),
        prop::collection::vec(any::<u8>(), 1..6).prop_map(EncodedKey::from_bytes),
    ]
}

fn any_value() -> impl Strategy<Value = StoredValue> {
    prop_oneof![
        prop::sample::select(vec![
            "1",
            "{a: [1, , 3n]}",
            "new Deno.KvU64(7n)",
            "new Uint8Array([1])",
            "&1 {me: *1}"
        ])
        .prop_map(value),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(|bytes| StoredValue {
            encoding: Encoding::Unknown(9),
            bytes: bytes.into(),
        }),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let expiry = prop_oneof![
        Just(Expiry::Never),
        Just(Expiry::Keep),
        (0..1_i64 << 40).prop_map(Expiry::After),
        (0..1_i64 << 60).prop_map(Expiry::At),
    ];
    let due = prop_oneof![
        Just(Due::Now),
        (0..1_i64 << 40).prop_map(Due::After),
        (0..1_i64 << 60).prop_map(Due::At),
    ];
    let limit = prop::option::of(prop::sample::select(vec![message("5n"), message("-1.5")]));
    prop_oneof![
        (any_key(), prop::option::of(any::<u64>())).prop_map(|(key, stamp)| Step::Check {
            key,
            versionstamp: stamp.map(Versionstamp::from_counter),
        }),
        (any_key(), any_value(), expiry, any::<bool>()).prop_map(
            |(key, value, expiry, is_versionstamped)| {
                Step::Set {
                    key,
                    value,
                    expiry,
                    is_versionstamped,
                }
            }
        ),
        any_key().prop_map(|key| Step::Delete { key }),
        (any_key(), any_value(), limit.clone(), limit, any::<bool>()).prop_map(
            |(key, operand, min, max, clamp)| Step::Sum {
                key,
                operand,
                min,
                max,
                clamp,
            }
        ),
        (any_key(), any_value()).prop_map(|(key, operand)| Step::Min { key, operand }),
        (any_key(), any_value()).prop_map(|(key, operand)| Step::Max { key, operand }),
        (
            prop::sample::select(vec![
                message("1"),
                message("new Uint8Array([1])"),
                message("{a: 'x'}")
            ]),
            due,
            prop::collection::vec(any_key(), 0..3),
            prop::option::of(prop::collection::vec(any::<u32>(), 0..3)),
        )
            .prop_map(
                |(message, due, keys_if_undelivered, backoff_schedule)| Step::Enqueue {
                    message,
                    due,
                    keys_if_undelivered,
                    backoff_schedule,
                }
            ),
        (".*", ".*").prop_map(|(key, value)| Step::Unfinished {
            operation: "set".to_owned(),
            key,
            value,
        }),
    ]
}

proptest! {
    #[test]
    fn a_draft_reads_back_from_its_file_exactly(
        name in prop::option::of(".*"),
        rows in prop::collection::vec((any::<bool>(), any_step()), 0..8),
    ) {
        let rows = rows.into_iter().map(|(is_off, step)| DraftRow { is_off, step }).collect();
        let draft = Draft { name, rows };
        let text = file::print(&draft);
        let lines = draft.rows.len() + usize::from(draft.name.is_some());
        prop_assert_eq!(text.lines().count(), lines, "one row a line");
        let read = file::parse(&text).unwrap();
        prop_assert_eq!(&read, &draft, "{}", text);
        prop_assert_eq!(file::print(&read), text);
    }

    #[test]
    fn any_text_is_a_draft_or_refused_in_a_line_and_any_program_is_read_as_far_as_it_goes(text in ".{0,80}") {
        if let Err(error) = file::parse(&text) {
            prop_assert!(error.line >= 1 && error.line <= text.lines().count());
        }
        let _read = code::read(&text);
    }
}

#[test]
fn the_file_is_as_it_is_documented() {
    let text = r#"{"draft":"Refund","format":1}

{"operation":"check","key":[{"type":"string","value":"a"}],"versionstamp":null}
{"off":true,"operation":"set","key":[{"type":"string","value":"a"}],"value":{"type":"number","value":9},"expireIn":5}
{"operation":"enqueue","value":{"type":"string","value":"x"},"delay":5,"keysIfUndelivered":[[{"type":"string","value":"dead"}]],"backoffSchedule":[100]}
"#;
    let draft = file::parse(text).unwrap();
    assert_eq!(draft.name.as_deref(), Some("Refund"));
    assert_eq!(file::print(&draft), text.replace("\n\n", "\n"));
    assert_eq!(draft.live().map(|(row, _)| row).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(draft.keys(), [key("['a']")]);
}

#[test]
fn a_line_that_is_none_is_refused_with_its_number() {
    for (line, says) in [
        (
            "{\"operation\":\"frob\",\"key\":[]}",
            "Line 2: No operation of Deno KV has this name: frob",
        ),
        ("[1]", "Line 2: A row of a draft is a JSON object"),
        (
            "{\"draft\":\"x\",\"format\":2}",
            "Line 2: This draft is of format 2, which a newer Keyglass wrote; this one reads format 1",
        ),
        (
            "{\"operation\":\"check\",\"key\":[]}",
            "Line 2: A check has a `versionstamp`, or null where the key must be absent",
        ),
        (
            "{\"operation\":\"set\",\"key\":[],\"value\":{\"type\":\"null\",\"value\":null},\"expireIn\":1,\"expireAt\":2}",
            "Line 2: A row has only one of `expireIn`, `expireAt` and `keepExpiry`",
        ),
    ] {
        assert_eq!(file::parse(&format!("\n{line}\n")).unwrap_err().to_string(), says);
    }
}

#[test]
fn an_operation_is_made_of_the_rows_that_are_on() {
    let standing = Entry {
        key: key("['a']"),
        value: value("1"),
        versionstamp: Versionstamp::from_counter(1),
        expires_at: Some(99),
    };
    let set = |expiry| Step::Set {
        key: key("['a']"),
        value: value("2"),
        expiry,
        is_versionstamped: false,
    };
    let mut draft = Draft::default();
    draft.rows.push(set(Expiry::Keep).into());
    draft.rows.push(set(Expiry::After(7)).into());
    draft.rows.push(DraftRow {
        is_off: true,
        step: Step::Delete { key: key("['b']") },
    });
    let operation = draft.operation(1000, |_| Some(&standing)).unwrap();
    let expected = AtomicOperation::new()
        .set_expiring(key("['a']"), value("2"), Some(99))
        .set_expiring(key("['a']"), value("2"), Some(1007));
    assert_eq!(operation, expected);
    let unfinished = Step::Unfinished {
        operation: "set".to_owned(),
        key: "[".to_owned(),
        value: String::new(),
    };
    draft.rows.push(unfinished.into());
    assert_eq!(draft.operation(0, |_| None), Err(DraftError::Unfinished(4)));
}
