//! Requests of programs that are not there.

use std::sync::Arc;
use std::time::Duration;

use keyglass_store::requests::{
    Access, LoggedBody, LoggedClient, LoggedOperation, LoggedOutcome, LoggedPlace, LoggedRequest, Place,
};
use keyglass_store::{EncodedKey, Key, KeyPart, Versionstamp};

/// One of each kind in turn.
pub fn request(number: u64, at: i64) -> Arc<LoggedRequest> {
    let folder = match number % 3 {
        0 => "users",
        1 => "orders",
        _ => "stock",
    };
    let parts = vec![
        KeyPart::String(folder.to_owned()),
        KeyPart::Number((number % 1000) as f64),
    ];
    let key = Key(parts)
        .encode()
        .unwrap_or_else(|_too_long| EncodedKey::default());
    let (operation, access, outcome) = match number % 3 {
        0 => (LoggedOperation::Read, Access::Read, LoggedOutcome::Entries(1)),
        1 => (
            LoggedOperation::Write,
            Access::Write,
            LoggedOutcome::Committed(Versionstamp::from_counter(number)),
        ),
        _ => (
            LoggedOperation::Write,
            Access::Check,
            LoggedOutcome::Conflict(Vec::new()),
        ),
    };
    Arc::new(LoggedRequest {
        number,
        at,
        client: LoggedClient {
            name: "Deno/2.9.6".to_owned(),
            protocol: Some(3),
            address: Some(([127, 0, 0, 1], 50_398).into()),
        },
        operation,
        places: vec![LoggedPlace {
            access,
            place: Place::Key(key),
        }],
        num_places: 1,
        outcome,
        duration: Duration::from_micros(100 + number * 7919 % 2000),
        bytes_in: 80,
        bytes_out: 120,
        request: LoggedBody::Kept(vec![0; 80].into()),
        answer: LoggedBody::Kept(vec![0; 120].into()),
    })
}
