//! Watch streams: frames, states, and how they end.

use std::time::Instant;

use crate::client::{Frame, PATIENCE};
use crate::served::{Served, key, mutation, set, value};

const A: &str = r#"["a"]"#;
const B: &str = r#"["b"]"#;

fn data(text: &str) -> Option<Vec<u8>> {
    Some(value(text).data)
}

#[test]
fn a_ping_comes_at_once_and_then_the_state_of_every_key() {
    let served = Served::new();
    let mut client = served.client();
    client.commit(vec![set(B, "'b'")]);
    let mut watch = served.client().watch(&[key(A), key(B), key(A)]).unwrap();
    assert_eq!(watch.frame(), Frame::Ping);
    assert_eq!(watch.state(), [None, data("'b'"), None]);
    client.commit(vec![set(A, "'a'")]);
    assert_eq!(watch.state(), [data("'a'"), data("'b'"), data("'a'")]);
    client.commit(vec![mutation(2, key(B), None)]);
    assert_eq!(watch.state(), [data("'a'"), None, data("'a'")]);
    // Another ping comes by itself, and keys that are not watched tell nothing.
    client.commit(vec![set(r#"["c"]"#, "1")]);
    assert_eq!(watch.frame(), Frame::Ping);
}

#[test]
fn a_program_of_its_own_is_heard_as_well_as_a_client() {
    let served = Served::new();
    let mut watch = served.client().watch(&[key(A)]).unwrap();
    assert_eq!(watch.state(), [None]);
    let kv = served.store.kv();
    kv.set(["a"], "mine").unwrap();
    assert_eq!(watch.state(), [data("'mine'")]);
}

#[test]
fn a_watch_that_is_not_read_for_a_while_tells_the_newest_state() {
    let served = Served::new();
    let mut client = served.client();
    let mut watch = served.client().watch(&[key(A)]).unwrap();
    assert_eq!(watch.state(), [None]);
    for number in 0..500 {
        client.commit(vec![set(A, &number.to_string())]);
    }
    let begun = Instant::now();
    while watch.state() != [data("499")] {
        assert!(begun.elapsed() < PATIENCE);
    }
}

#[test]
fn a_versionstamped_key_and_an_expiry_are_heard() {
    let served = Served::new();
    let mut client = served.client();
    let mut expiring = set(A, "1");
    expiring.expire_at_ms = crate::served::NOW + 5000;
    client.commit(vec![expiring]);
    let mut watch = served.client().watch(&[key(A)]).unwrap();
    assert_eq!(watch.state(), [data("1")]);
    served.set_time(crate::served::NOW + 5000);
    assert_eq!(watch.state(), [None]);
    let stamp = client.commit(vec![mutation(9, key(B), Some(value("1")))]);
    let digits: String = stamp.iter().map(|byte| format!("{byte:02x}")).collect();
    let suffixed = key(&format!(r#"["b", "{digits}"]"#));
    let mut watch = served.client().watch(std::slice::from_ref(&suffixed)).unwrap();
    assert_eq!(watch.state(), [data("1")]);
    client.commit(vec![mutation(2, suffixed, None)]);
    assert_eq!(watch.state(), [None]);
}

#[test]
fn the_final_key_of_a_versionstamped_one_is_heard() {
    let served = Served::new();
    let mut client = served.client();
    let stamp = client.commit(vec![set(A, "1")]);
    // The next commit of this store has the next number.
    let number = u64::from_be_bytes(stamp[..8].try_into().unwrap()) + 1;
    let suffixed = key(&format!(r#"["b", "{number:016x}0000"]"#));
    let mut watch = served.client().watch(&[suffixed]).unwrap();
    assert_eq!(watch.state(), [None]);
    client.commit(vec![mutation(9, key(B), Some(value("1")))]);
    assert_eq!(watch.state(), [data("1")]);
}

#[test]
fn a_client_that_comes_again_gets_the_state_again() {
    let served = Served::new();
    let mut client = served.client();
    for round in 0..20 {
        let text = round.to_string();
        client.commit(vec![set(A, &text)]);
        let mut watch = served.client().watch(&[key(A)]).unwrap();
        assert_eq!(watch.state(), [data(&text)]);
    }
    let begun = Instant::now();
    while served.server.num_watches() > 0 {
        assert!(
            begun.elapsed() < PATIENCE,
            "the server keeps watches of clients that have gone"
        );
        std::thread::yield_now();
    }
}

#[test]
fn a_hundred_watches_hear_one_commit() {
    let served = Served::new();
    let mut watches: Vec<_> = (0..100)
        .map(|_| served.client().watch(&[key(A)]).unwrap())
        .collect();
    for watch in &mut watches {
        assert_eq!(watch.state(), [None]);
    }
    assert_eq!(served.server.num_watches(), 100);
    served.client().commit(vec![set(A, "1")]);
    for watch in &mut watches {
        assert_eq!(watch.state(), [data("1")]);
    }
}

#[test]
fn a_server_that_ends_ends_its_streams_in_order_and_lets_the_store_go() {
    let served = Served::new();
    let mut client = served.client();
    client.commit(vec![set(A, "1")]);
    let mut watch = served.client().watch(&[key(A)]).unwrap();
    assert_eq!(watch.state(), [data("1")]);
    #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
    let reader = std::thread::spawn(move || {
        loop {
            match watch.frame() {
                Frame::End => return,
                Frame::Ping | Frame::State(_) => {}
            }
        }
    });
    drop(served);
    reader.join().unwrap();
    assert!(client.has_ended());
}
