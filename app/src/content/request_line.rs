//! A request of a client as a line of NDJSON.

use keyglass_store::requests::{
    Access, FailedExpectation, LoggedOperation, LoggedOutcome, LoggedRequest, Place,
};
use serde_json::{Value, json};

use super::request_text::RequestText;

/// The line, without its end.
#[must_use]
pub fn request_line(request: &LoggedRequest) -> String {
    let text = RequestText::of(request);
    let places: Vec<Value> = request
        .places
        .iter()
        .map(|place| {
            let access = match place.access {
                Access::Read => "read",
                Access::Check => "check",
                Access::Write => "write",
                Access::Watch => "watch",
            };
            match &place.place {
                Place::Key(key) => json!({ "access": access, "key": key.to_string() }),
                Place::Range(range) => json!({
                    "access": access,
                    "start": range.start.to_string(),
                    "end": range.end.to_string(),
                }),
            }
        })
        .collect();
    json!({
        "number": request.number,
        "at": request.at,
        "client": request.client.name,
        "protocol": request.client.protocol,
        "address": request.client.address.map(|address| address.to_string()),
        "operation": operation_name(&request.operation),
        "keys": places,
        "numKeys": request.num_places,
        "outcome": outcome(&request.outcome),
        "durationMs": request.duration.as_secs_f64() * 1000.0,
        "bytesIn": request.bytes_in,
        "bytesOut": request.bytes_out,
        "request": text.request,
        "answer": text.answer,
    })
    .to_string()
}

/// What a request did, in short: `read`, or the method of the extension, or the path.
#[must_use]
pub fn operation_name(operation: &LoggedOperation) -> String {
    match operation {
        LoggedOperation::Exchange => "exchange".to_owned(),
        LoggedOperation::Read => "read".to_owned(),
        LoggedOperation::Write => "write".to_owned(),
        LoggedOperation::Watch => "watch".to_owned(),
        LoggedOperation::Extension(method) => format!("extension {method}"),
        LoggedOperation::Unknown(path) => path.clone(),
    }
}

fn outcome(outcome: &LoggedOutcome) -> Value {
    match outcome {
        LoggedOutcome::Answered => json!({ "ok": true }),
        LoggedOutcome::Entries(entries) => json!({ "ok": true, "entries": entries }),
        LoggedOutcome::Committed(stamp) => json!({ "ok": true, "versionstamp": stamp.to_string() }),
        LoggedOutcome::Begun => json!({ "ok": true, "stream": "begun" }),
        LoggedOutcome::Ended { states } => json!({ "ok": true, "stream": "ended", "states": states }),
        LoggedOutcome::Conflict(failed) => {
            let failed: Vec<Value> = failed.iter().map(failed_check).collect();
            json!({ "ok": false, "failedChecks": failed })
        }
        LoggedOutcome::Refused { status, sentence } => {
            json!({ "ok": false, "status": status, "refused": sentence })
        }
    }
}

fn failed_check(failed: &FailedExpectation) -> Value {
    let found = failed.found.as_ref();
    json!({
        "index": failed.index,
        "key": failed.key.to_string(),
        "expected": failed.expected.map(|stamp| stamp.to_string()),
        "found": found.map(|entry| entry.versionstamp.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use keyglass_store::Versionstamp;
    use keyglass_store::requests::{LoggedBody, LoggedClient};

    use super::*;
    use crate::model::draft::parse_key;

    #[test]
    fn a_line_says_what_was_expected_and_what_stood_there() {
        let failed = FailedExpectation {
            index: 1,
            key: parse_key(r#"["a"]"#).unwrap(),
            expected: Some(Versionstamp::from_counter(2)),
            found: None,
        };
        let request = LoggedRequest {
            number: 7,
            at: 1,
            client: LoggedClient {
                name: "Deno/2.9.6".to_owned(),
                protocol: Some(3),
                address: None,
            },
            operation: LoggedOperation::Write,
            places: Vec::new(),
            num_places: 0,
            outcome: LoggedOutcome::Conflict(vec![failed]),
            duration: Duration::from_micros(1500),
            bytes_in: 1,
            bytes_out: 2,
            request: LoggedBody::NotKept,
            answer: LoggedBody::NotKept,
        };
        let line: Value = serde_json::from_str(&request_line(&request)).unwrap();
        assert_eq!(line["operation"], "write");
        assert_eq!(line["durationMs"], 1.5);
        let failed = &line["outcome"]["failedChecks"][0];
        assert_eq!(failed["key"], r#"["a"]"#);
        assert_eq!(failed["expected"], Versionstamp::from_counter(2).to_string());
        assert_eq!(failed["found"], Value::Null);
    }
}
