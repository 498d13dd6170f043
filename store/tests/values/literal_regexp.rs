//! Which patterns JavaScript takes, by real Deno's verdict.

use keyglass_store::value::JsString;
use keyglass_store::value::literal::{parse, print};
use keyglass_store::value::{Node, Value};

use crate::vectors;

#[test]
fn patterns_get_denos_verdict() {
    let mut wrong = Vec::new();
    for line in vectors::lines("regexp-verdicts.jsonl") {
        let (pattern, flags) = (line[0].as_str().unwrap(), line[1].as_str().unwrap());
        let quoted = print(
            &Value::primitive(Node::String(JsString::from(pattern))),
            usize::MAX,
        );
        let verdict = parse(&format!("new RegExp({quoted}, '{flags}')"));
        if verdict.is_ok() != line[2].as_bool().unwrap() {
            wrong.push(format!(
                "{pattern} with {flags:?}: {:?}",
                verdict.err().map(|error| error.message)
            ));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
