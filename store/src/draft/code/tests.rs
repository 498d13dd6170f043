use super::*;
use crate::draft::file;
use crate::draft::{Draft, Due, Expiry, Step};

fn rows(text: &str) -> Vec<Step> {
    let code = read(text);
    assert_eq!(code.unread, [], "{text}");
    code.rows.into_iter().map(|row| row.step).collect()
}

fn as_file(text: &str) -> String {
    let code = read(text);
    file::print(&Draft {
        name: None,
        rows: code.rows,
    })
}

#[test]
fn a_chain_of_an_atomic_operation_is_read_in_its_order() {
    let steps = rows(
        r#"
        import { foo } from "bar"; // a comment
        const kv = await Deno.openKv("shop.sqlite3");
        const res = await kv.atomic()
          .check({ key: ["users", 1n], versionstamp: "00000000000000060000" }, { key: ["b"], versionstamp: null })
          .set(["users", 1n], { name: "Ada", tags: [/a\/,b/g, 'x'] }, { expireIn: 60 * 60 * 1000 })
          .set(["log", kv.commitVersionstamp()], "x")
          .delete(["old", true, new Uint8Array([1, 2])],)
          .sum(["n"], 2n).min(["n"], 1n).max(["n"], 5n)
          .mutate({ type: "sum", key: ["m"] as const, value: -2.5 as unknown as Deno.KvU64 }, { type: "delete", key: ["o"] })
          .enqueue({ kind: "mail" }, { delay: 5_000, keysIfUndelivered: [["dead", 1]], backoffSchedule: [100, 1e3] })
          .commit();
        kv.close();
        "#,
    );
    assert_eq!(steps.len(), 11);
    assert!(matches!(
        &steps[2],
        Step::Set {
            expiry: Expiry::After(3_600_000),
            is_versionstamped: false,
            ..
        }
    ));
    assert!(matches!(
        &steps[3],
        Step::Set {
            is_versionstamped: true,
            ..
        }
    ));
    assert!(matches!(
        &steps[10],
        Step::Enqueue { due: Due::After(5000), backoff_schedule: Some(schedule), .. } if *schedule == [100, 1000]
    ));
}

#[test]
fn single_calls_are_read_without_semicolons_and_on_any_database() {
    let text =
        "await kv.set(['a'], 1)\nthis.db.delete(['b'])\nlet result = await store\n  .set(['c'], [\n 1,\n])\n";
    let expected = "{\"operation\":\"set\",\"key\":[{\"type\":\"string\",\"value\":\"a\"}],\"value\":{\"type\":\"number\",\"value\":1}}\n\
         {\"operation\":\"delete\",\"key\":[{\"type\":\"string\",\"value\":\"b\"}]}\n\
         {\"operation\":\"set\",\"key\":[{\"type\":\"string\",\"value\":\"c\"}],\"value\":{\"type\":\"Array\",\"value\":[{\"type\":\"number\",\"value\":1}]}}\n";
    assert_eq!(as_file(text), expected);
}

#[test]
fn what_is_no_literal_is_told_with_its_line_and_the_rest_is_read() {
    let code = read(
        "const id = crypto.randomUUID();\n\
         await kv.set(['users', id], 1);\n\
         for (const name of names) {\n  await kv.delete([name]);\n}\n\
         kv.atomic().check(entry)\n  .set(['a'], 1)\n  .sum(['b'], 1)\n  .commit();\n\
         await kv.set(['b'], 2);\n",
    );
    let told: Vec<_> = code
        .unread
        .iter()
        .map(|unread| (unread.line, unread.text.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "const id = crypto.randomUUID();"),
            (2, "set(['users', id], 1)"),
            (3, "for (const name of names) {…"),
            (6, "check(entry)"),
            (8, "sum(['b'], 1)"),
        ]
    );
    assert_eq!(code.rows.len(), 2);
    assert!(code.unread.iter().all(|unread| !unread.reason.is_empty()));
}

#[test]
fn an_expiry_at_a_moment_is_read_as_it_is_copied() {
    let steps = rows("kv.set(['a'], 1, { expireIn: Math.max(0, 1767604442120 - Date.now()) });");
    assert!(matches!(
        &steps[0],
        Step::Set {
            expiry: Expiry::At(1_767_604_442_120),
            ..
        }
    ));
}

#[test]
fn a_text_that_is_broken_is_told_and_never_read_in_half() {
    for text in [
        "kv.set(['a'], 'x",
        "kv.set(['a'], 1",
        "kv.set(",
        ")",
        "kv.set(['a'])",
        "kv.set([,], 1)",
        "/*",
    ] {
        let code = read(text);
        assert_eq!(code.rows, [], "{text}");
        assert!(!code.unread.is_empty(), "{text}");
    }
    assert_eq!(read(""), ReadCode::default());
    let half = read("kv.set(['a'], 1);\nkv.set(['b'], \"x");
    assert_eq!((half.rows.len(), half.unread[0].line), (1, 2));
}
