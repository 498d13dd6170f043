//! What a server tells of its clients' requests.

use std::sync::Arc;

use denokv_proto::datapath as pb;
use keyglass_store::connect::DecodedRequest;
use keyglass_store::requests::{
    Access, LoggedBody, LoggedOperation, LoggedOutcome, LoggedRequest, Place, Requests,
};
use keyglass_store::{MutationKind, Versionstamp};

use crate::client::{Frame, PATIENCE};
use crate::served::{NOW, Served, key, mutations, range, set, value};

const A: &str = r#"["a"]"#;

fn next(requests: &Requests) -> Arc<LoggedRequest> {
    requests.recv_timeout(PATIENCE).unwrap()
}

fn places(request: &LoggedRequest) -> Vec<(Access, String)> {
    let places = request.places.iter();
    places
        .map(|named| match &named.place {
            Place::Key(key) => (named.access, key.to_string()),
            Place::Range(range) => (named.access, format!("{} to {}", range.start, range.end)),
        })
        .collect()
}

#[test]
fn nothing_is_recorded_while_nobody_looks() {
    let served = Served::new();
    let mut client = served.client();
    for number in 0..20 {
        client.commit(vec![set(A, &number.to_string())]);
    }
    let requests = served.server.requests();
    client.commit(vec![set(A, "20")]);
    // The first one that was ever numbered.
    assert_eq!(next(&requests).number, 0);
    drop(requests);
    client.commit(vec![set(A, "21")]);
    let requests = served.server.monitor().requests();
    client.commit(vec![set(A, "22")]);
    assert_eq!(next(&requests).number, 1);
}

#[test]
fn a_read_is_told_with_who_asked_for_what_and_what_was_found() {
    let served = Served::new();
    let mut client = served.client();
    client.commit(vec![set(A, "'a'"), set(r#"["b", 1]"#, "1n")]);
    let requests = served.server.requests();
    let mut headers = client.data_headers();
    headers.push("user-agent: Deno/2.9.6".to_owned());
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let mut message = range(key(A), [key(A), vec![0]].concat(), 1, false);
    let below = range(key(r#"["b"]"#), [key(r#"["b"]"#), vec![0xff]].concat(), 100, true);
    message.ranges.extend(below.ranges);
    let body = prost::Message::encode_to_vec(&message);
    let answer = client.request("POST", "/v2/snapshot_read", &headers, &body);
    let told = next(&requests);
    assert_eq!(told.at, NOW);
    assert_eq!(told.client.name, "Deno/2.9.6");
    assert_eq!(told.client.protocol, Some(3));
    assert!(told.client.address.unwrap().ip().is_loopback());
    assert_eq!(told.operation, LoggedOperation::Read);
    assert_eq!(told.outcome, LoggedOutcome::Entries(2));
    assert_eq!(told.bytes_in, body.len() as u64);
    assert_eq!(told.bytes_out, answer.body.len() as u64);
    assert_eq!(told.num_places, 2);
    let [(Access::Read, single), (Access::Read, below)] = &places(&told)[..] else {
        panic!("{:?}", told.places);
    };
    assert_eq!(single, A);
    assert!(below.starts_with(r#"["b"] to "#), "{below}");
    let Some(DecodedRequest::Read(ranges)) = told.decode() else {
        panic!()
    };
    assert_eq!(
        (ranges[0].limit, ranges[1].limit, ranges[1].reverse),
        (1, 100, true)
    );
    let entries = told.entries().unwrap();
    assert_eq!(entries[0][0].value.bytes, value("'a'").data);
    assert_eq!(entries[1][0].key.to_string(), r#"["b", 1]"#);
}

#[test]
fn a_conflict_is_told_with_what_was_expected_and_what_stood_there() {
    let served = Served::new();
    let mut client = served.client();
    let stamp = client.commit(vec![set(A, "'there'")]);
    let requests = served.server.requests();
    let mut operation = mutations(vec![set(A, "2")]);
    let check = |text: &str, versionstamp: &[u8]| pb::Check {
        key: key(text),
        versionstamp: versionstamp.to_vec(),
    };
    operation.checks = vec![check(A, &stamp), check(A, &[]), check(r#"["gone"]"#, &stamp)];
    assert_eq!(client.write(&operation).unwrap().failed_checks, [1, 2]);
    let told = next(&requests);
    let LoggedOutcome::Conflict(failed) = &told.outcome else {
        panic!("{:?}", told.outcome)
    };
    let stamp = Versionstamp(stamp.try_into().unwrap());
    assert_eq!((failed[0].index, failed[0].expected), (1, None));
    assert_eq!(failed[0].found.as_ref().unwrap().versionstamp, stamp);
    assert_eq!(
        failed[0].found.as_ref().unwrap().value.bytes,
        value("'there'").data
    );
    assert_eq!((failed[1].index, failed[1].expected), (2, Some(stamp)));
    assert_eq!(failed[1].found, None);
    let accesses: Vec<Access> = told.places.iter().map(|place| place.access).collect();
    assert_eq!(
        accesses,
        [Access::Check, Access::Check, Access::Check, Access::Write]
    );
    operation.checks.truncate(1);
    let written = client.write(&operation).unwrap().versionstamp;
    let told = next(&requests);
    let written = Versionstamp(written.try_into().unwrap());
    assert_eq!(told.outcome, LoggedOutcome::Committed(written));
    let Some(DecodedRequest::Write(decoded)) = told.decode() else {
        panic!()
    };
    assert!(matches!(decoded.mutations[0].kind, MutationKind::Set { .. }));
}

#[test]
fn what_is_refused_is_told_with_its_sentence_and_without_any_token() {
    let served = Served::new();
    let requests = served.server.requests();
    let mut client = served.client();
    let exchange = next(&requests);
    assert_eq!(exchange.operation, LoggedOperation::Exchange);
    assert!(exchange.bytes_out > 0);
    assert_eq!(exchange.answer, LoggedBody::NotKept);
    let token = served.server.token().reveal();
    assert!(!format!("{exchange:?}").contains(token));
    let too_many = range(key(A), key(r#"["b"]"#), 0, false);
    let (status, sentence) = client.read(&too_many).unwrap_err();
    let told = next(&requests);
    assert_eq!(told.outcome, LoggedOutcome::Refused { status, sentence });
    client.request("POST", "/elsewhere", &["host: localhost"], b"");
    let told = next(&requests);
    assert_eq!(told.operation, LoggedOperation::Unknown("/elsewhere".to_owned()));
    assert!(matches!(told.outcome, LoggedOutcome::Refused { status: 404, .. }));
}

#[test]
fn a_watch_is_told_as_it_begins_and_as_it_ends() {
    let served = Served::new();
    let requests = served.server.requests();
    let mut watch = served.client().watch(&[key(A)]).unwrap();
    assert_eq!(next(&requests).operation, LoggedOperation::Exchange);
    let told = next(&requests);
    assert_eq!(
        (&told.operation, &told.outcome),
        (&LoggedOperation::Watch, &LoggedOutcome::Begun)
    );
    assert_eq!(places(&told), [(Access::Watch, A.to_owned())]);
    assert_eq!(watch.state(), [None]);
    assert_eq!(served.server.num_watches(), 1);
    served.store.kv().set(["a"], 1.0).unwrap();
    watch.state();
    served.server.stop();
    while watch.frame() != Frame::End {}
    let told = next(&requests);
    assert_eq!(told.outcome, LoggedOutcome::Ended { states: 2 });
    assert!(told.bytes_out > 0);
    drop(served.store);
    assert!(requests.recv().is_err(), "the database has closed");
}

#[test]
fn a_slow_reader_has_the_newest_requests_and_sees_that_some_are_missing() {
    let served = Served::new();
    let mut client = served.client();
    let requests = served.server.requests();
    // Each answer has some 250,000 bytes, and 32 MiB wait.
    let long = format!("'{}'", "x".repeat(50_000));
    client.commit((0..5).map(|number| set(&format!("[{number}]"), &long)).collect());
    let all = range(key("[0]"), key("[9]"), 5, false);
    for _ in 0..170 {
        client.read(&all).unwrap();
    }
    let kept: Vec<u64> = requests.try_iter().map(|told| told.number).collect();
    assert!((120..140).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept.last(), Some(&170));
    assert!(kept.windows(2).all(|pair| pair[1] == pair[0] + 1));
}

#[test]
fn a_body_that_is_too_large_is_named_but_not_kept() {
    let served = Served::new();
    let mut client = served.client();
    let requests = served.server.requests();
    let long = format!("'{}'", "x".repeat(50_000));
    let keys: Vec<String> = (0..150).map(|number| format!(r#"["a", {number}]"#)).collect();
    let large: Vec<pb::Mutation> = keys
        .iter()
        .enumerate()
        .map(|(number, key)| set(key, if number < 6 { &long } else { "1" }))
        .collect();
    client.commit(large);
    let told = next(&requests);
    assert_eq!((told.num_places, told.places.len()), (150, LoggedRequest::PLACES));
    assert_eq!(told.request, LoggedBody::NotKept);
    assert_eq!(told.decode(), None);
    assert!(told.bytes_in > 300_000);
}

#[test]
fn clients_of_one_moment_are_each_told_once_and_in_order() {
    let served = Served::new();
    let requests = served.server.requests();
    std::thread::scope(|scope| {
        for client in 0..4 {
            let mut open = served.client();
            scope.spawn(move || {
                for number in 0..50 {
                    open.commit(vec![set(&format!("[{client}]"), &number.to_string())]);
                }
            });
        }
    });
    let told: Vec<_> = requests.try_iter().collect();
    assert_eq!(told.len(), 4 + 4 * 50);
    let numbers: Vec<u64> = told.iter().map(|told| told.number).collect();
    assert!(numbers.iter().copied().eq(0..204));
    for client in 0..4 {
        let own = format!("[{client}]");
        let of_client = told
            .iter()
            .filter(|told| places(told).iter().any(|(_, key)| *key == own));
        let stamps: Vec<_> = of_client
            .map(|told| match told.outcome {
                LoggedOutcome::Committed(stamp) => stamp,
                ref other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(stamps.len(), 50);
        assert!(stamps.is_sorted());
    }
}

#[test]
fn who_owns_a_server_hears_of_clients_that_come_and_go() {
    let (sender, changes) = std::sync::mpsc::sync_channel(100);
    let served = Served::with(|options| {
        options.on_change(move || {
            let _full = sender.try_send(());
        })
    });
    let until = |connections, watches| {
        while (served.server.num_connections(), served.server.num_watches()) != (connections, watches) {
            changes.recv_timeout(PATIENCE).unwrap();
        }
    };
    until(0, 0);
    let client = served.client();
    until(1, 0);
    let mut watch = client.watch(&[key(A)]).unwrap();
    watch.state();
    until(1, 1);
    drop(watch);
    until(0, 0);
    let monitor = served.server.monitor();
    assert!(!monitor.has_ended());
    served.server.stop();
    assert!(monitor.has_ended());
}
