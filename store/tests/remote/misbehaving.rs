//! Servers that do not do as they should: a sentence each, nothing asked without end, and nothing left behind.

use std::time::Duration;

use keyglass_store::remote::RemoteOptions;
use keyglass_store::{AtomicOperation, CommitError, ConnectError, Database, DatabaseError, Entry, OpenError};

use crate::fake::{Fake, Reply, answer, entries, metadata, metadata_of};
use crate::served::{SECRET, named, quick, token, value};

const READ: &str = "/v2/snapshot_read";
const WRITE: &str = "/v2/atomic_write";

fn open(fake: &Fake) -> std::sync::Arc<dyn Database> {
    quick().open(&fake.url(), Some(&token())).unwrap()
}

fn key() -> Vec<u8> {
    named("a").as_bytes().to_vec()
}

fn read(database: &dyn Database) -> Result<Option<Entry>, DatabaseError> {
    database.get(&named("a"))
}

fn there() -> Reply {
    Reply::Answer(200, entries(&[&key()]))
}

#[test]
fn what_stands_between_a_person_and_a_database_is_told_apart_when_it_is_opened() {
    type Case = (&'static str, fn() -> Reply, fn(&ConnectError) -> bool);
    let cases: [Case; 15] = [
        (
            "401",
            || Reply::Answer(401, b"Invalid access token.".to_vec()),
            |it| matches!(it, ConnectError::Unauthorised { .. }),
        ),
        (
            "403",
            || Reply::Answer(403, Vec::new()),
            |it| matches!(it, ConnectError::Forbidden { .. }),
        ),
        (
            "404",
            || Reply::Answer(404, Vec::new()),
            |it| matches!(it, ConnectError::NotFound { .. }),
        ),
        (
            "429",
            || Reply::With(429, vec![("retry-after", "7".to_owned())], Vec::new()),
            |it| matches!(it, ConnectError::Throttled { seconds: Some(7), .. }),
        ),
        (
            "500",
            || Reply::Answer(500, b"<html>".to_vec()),
            |it| matches!(it, ConnectError::Server { status: 500, reason, .. } if reason == "Internal Server Error"),
        ),
        (
            "418",
            || Reply::Answer(418, b"tea".to_vec()),
            |it| matches!(it, ConnectError::Refused { status: 418, reason, .. } if reason == "tea"),
        ),
        (
            "a page",
            || Reply::Answer(200, b"<html>".to_vec()),
            |it| matches!(it, ConnectError::Metadata { .. }),
        ),
        (
            "nothing",
            || Reply::Answer(200, Vec::new()),
            |it| matches!(it, ConnectError::Metadata { .. }),
        ),
        (
            "another version",
            || Reply::Answer(200, metadata_of(4, "2100-01-01T00:00:00Z", "token").into_bytes()),
            |it| matches!(it, ConnectError::Version { version, .. } if version == "version 4"),
        ),
        (
            "no endpoint",
            || Reply::Answer(200, metadata().replace("strong", "eventual").into_bytes()),
            |it| matches!(it, ConnectError::Endpoint { .. }),
        ),
        (
            "an endpoint that is none",
            || Reply::Answer(200, metadata().replace("/v2", "ftp://kv.example").into_bytes()),
            |it| matches!(it, ConnectError::Endpoint { .. }),
        ),
        (
            "no HTTP",
            || Reply::Raw(b"SSH-2.0\r\n".to_vec()),
            |it| matches!(it, ConnectError::Lost { .. }),
        ),
        (
            "an end",
            || Reply::Raw(Vec::new()),
            |it| matches!(it, ConnectError::Lost { .. }),
        ),
        (
            "on and on",
            || Reply::With(307, vec![("location", "/".to_owned())], Vec::new()),
            |it| matches!(it, ConnectError::Metadata { .. }),
        ),
        (
            "an answer without an end",
            || Reply::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 1 << 16]),
            |it| matches!(it, ConnectError::Answer { .. }),
        ),
    ];
    for (name, reply, is_expected) in cases {
        let fake = Fake::new(move |_, _| reply());
        let Err(OpenError::Connect(error)) = quick().open(&fake.url(), Some(&token())) else {
            panic!("{name}");
        };
        assert!(is_expected(&error), "{name}: {error:?}");
        let sentence = error.to_string();
        assert!(sentence.ends_with(&format!(": {}", fake.url())), "{sentence}");
        assert!(fake.asked("/").len() <= 6, "{name}");
    }
}

#[test]
fn a_server_that_is_not_there_or_says_nothing_is_told_in_time() {
    let nobody = "http://127.0.0.1:1";
    let refused = quick().open(nobody, Some(&token())).map(|_| ()).unwrap_err();
    assert!(
        matches!(refused, OpenError::Connect(ConnectError::Connection { .. })),
        "{refused}"
    );
    let silent = Fake::new(|_, _| Reply::Silence(Vec::new()));
    let impatient = quick().patience(Duration::from_millis(50));
    let late = impatient
        .open(&silent.url(), Some(&token()))
        .map(|_| ())
        .unwrap_err();
    assert!(
        matches!(late, OpenError::Connect(ConnectError::Late { .. })),
        "{late}"
    );
    // What speaks no TLS is not talked to as if it did.
    let plain = Fake::new(|_, _| Reply::Raw(Vec::new()));
    let secure = plain.url().replace("http://", "https://");
    let insecure = impatient.open(&secure, Some(&token())).map(|_| ()).unwrap_err();
    assert!(
        matches!(insecure, OpenError::Connect(ConnectError::Security { .. })),
        "{insecure}"
    );
}

#[test]
fn a_server_that_fails_for_a_while_is_asked_again_and_shows_as_troubled() {
    let storm = Fake::reading(|_, number| match number {
        0..3 => Reply::Answer(503, b"Down for a moment".to_vec()),
        _ => there(),
    });
    let database = open(&storm);
    assert!(read(&*database).unwrap().is_some());
    let metered = database.metered().unwrap();
    assert_eq!((metered.repeated, metered.trouble), (3, None));
    assert_eq!(metered.entries_read, 1);

    let down = Fake::reading(|_, _| Reply::Answer(503, b"Down for long".to_vec()));
    let database = open(&down);
    let error = read(&*database).unwrap_err().to_string();
    assert!(error.contains("503: Down for long"), "{error}");
    assert_eq!(down.asked(READ).len(), 6);
    let trouble = database.metered().unwrap().trouble.unwrap();
    assert_eq!(trouble, "The server failed (503: Down for long)");
}

#[test]
fn a_server_that_wants_to_be_left_alone_is() {
    let soon = Fake::reading(|_, number| match number {
        0 => Reply::With(429, vec![("retry-after", "0".to_owned())], Vec::new()),
        _ => there(),
    });
    assert!(read(&*open(&soon)).unwrap().is_some());
    // As a date, by the clock of the server where it tells what time it has.
    let until = |date: &str| {
        let headers = vec![
            ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
            ("date", date.to_owned()),
        ];
        Reply::With(429, headers, Vec::new())
    };
    let at_once = Fake::reading(move |_, number| match number {
        0 => until("Sun, 06 Nov 1994 08:49:37 GMT"),
        _ => there(),
    });
    assert!(read(&*open(&at_once)).unwrap().is_some());
    let in_an_hour = Fake::reading(move |_, _| until("Sun, 06 Nov 1994 07:49:37 GMT"));
    let error = read(&*open(&in_an_hour)).unwrap_err().to_string();
    assert!(error.contains("try it again in 3600 s"), "{error}");
    let later = Fake::reading(|_, _| Reply::With(429, vec![("retry-after", "3600".to_owned())], Vec::new()));
    let error = read(&*open(&later)).unwrap_err().to_string();
    assert!(error.contains("try it again in 3600 s"), "{error}");
    assert_eq!(later.asked(READ).len(), 1);
}

#[test]
fn a_token_that_expires_in_the_middle_is_renewed_once() {
    let fake = Fake::new(|asked, number| match asked.path.as_str() {
        "/" => {
            let token = format!("session-{number}");
            Reply::Answer(200, metadata_of(3, "2100-01-01T00:00:00Z", &token).into_bytes())
        }
        _ if asked.head.contains("session-0") && number > 0 => Reply::Answer(401, b"Expired.".to_vec()),
        _ => there(),
    });
    let database = open(&fake);
    for _ in 0..3 {
        assert!(read(&*database).unwrap().is_some());
    }
    assert_eq!((fake.asked("/").len(), fake.asked(READ).len()), (2, 4));

    let never = Fake::reading(|_, _| Reply::Answer(403, b"Not yours.".to_vec()));
    let database = open(&never);
    let error = read(&*database).unwrap_err();
    assert!(matches!(error, DatabaseError::Unauthorised { .. }), "{error}");
    assert_eq!((never.asked("/").len(), never.asked(READ).len()), (2, 2));
    let refused = database
        .commit(AtomicOperation::new().set(named("a"), value(1)))
        .unwrap_err();
    assert!(matches!(refused, CommitError::Unauthorised(_)), "{refused}");
}

#[test]
fn an_answer_that_has_expired_already_does_not_have_a_server_asked_without_end() {
    let fake = Fake::new(|asked, _| match asked.path.as_str() {
        "/" => Reply::Answer(200, metadata_of(3, "2001-01-01T00:00:00Z", "token").into_bytes()),
        _ => there(),
    });
    let database = open(&fake);
    for _ in 0..20 {
        read(&*database).unwrap();
    }
    // More only where this takes longer than ten seconds.
    assert!(fake.asked("/").len() < 10, "{}", fake.asked("/").len());
}

#[test]
fn what_is_no_answer_to_a_read_is_not_asked_for_again() {
    for (body, word) in [
        (b"<html>not protobuf</html>".to_vec(), "no protobuf"),
        (vec![0xff; 64], "no protobuf"),
        (Vec::new(), "older than what was committed"),
        (entries(&[b"another key"]), "other keys"),
        (entries(&[&key(), &key()]), "more entries"),
    ] {
        let fake = Fake::reading(move |_, _| Reply::Answer(200, body.clone()));
        let error = read(&*open(&fake)).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
        assert_eq!(fake.asked(READ).len(), 1);
    }
}

#[test]
fn an_answer_without_an_end_and_one_that_stops_are_given_up() {
    let endless = Fake::reading(|_, _| Reply::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![0; 1 << 20]));
    let error = read(&*open(&endless)).unwrap_err().to_string();
    assert!(error.contains("longer than"), "{error}");
    assert_eq!(endless.asked(READ).len(), 1);
    let whole = answer(200, &[], &entries(&[&key()]));
    let stops = Fake::reading(move |_, _| Reply::Silence(whole[..whole.len() - 1].to_vec()));
    let impatient = quick().patience(Duration::from_millis(50));
    let database = impatient.open(&stops.url(), Some(&token())).unwrap();
    let error = read(&*database).unwrap_err().to_string();
    assert!(error.contains("did not answer within"), "{error}");
    assert_eq!(stops.asked(READ).len(), 2);
}

#[test]
fn a_read_whose_answer_is_cut_anywhere_is_asked_for_again() {
    let whole = answer(200, &[], &entries(&[&key()]));
    for cut in 0..whole.len() {
        let cut = whole[..cut].to_vec();
        let fake = Fake::reading(move |_, number| match number {
            0 => Reply::Raw(cut.clone()),
            _ => there(),
        });
        assert!(read(&*open(&fake)).unwrap().is_some());
        assert_eq!(fake.asked(READ).len(), 2);
    }
}

#[test]
fn a_write_that_is_answered_by_no_answer_is_unknown_and_not_sent_again() {
    for reply in [
        || Reply::Raw(Vec::new()),
        || Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".to_vec()),
        || Reply::Answer(200, b"\xff".to_vec()),
        || Reply::Answer(200, Vec::new()),
        || Reply::Answer(502, Vec::new()),
        || Reply::Answer(409, b"It is not known.".to_vec()),
    ] {
        let fake = Fake::reading(move |asked, _| match asked.path.as_str() {
            WRITE => reply(),
            // Nothing is there.
            _ => Reply::Answer(200, entries(&[])),
        });
        let database = open(&fake);
        let delete = AtomicOperation::new().delete(named("a"));
        let error = database.commit(delete).unwrap_err();
        assert!(matches!(error, CommitError::Unknown { .. }), "{error}");
        assert_eq!(fake.asked(WRITE).len(), 1);
    }
}

#[test]
fn a_write_that_was_not_done_is_told_so() {
    for (reply, word) in [
        (
            (|| Reply::Answer(400, b"Too many checks included in atomic write.".to_vec())) as fn() -> Reply,
            "Too many checks",
        ),
        (
            || Reply::Answer(400, b"This database is read only.".to_vec()),
            "read-only",
        ),
        (
            || Reply::With(429, vec![("retry-after", "60".to_owned())], Vec::new()),
            "Nothing was stored",
        ),
    ] {
        let fake = Fake::reading(move |_, _| reply());
        let error = open(&fake)
            .commit(AtomicOperation::new().set(named("a"), value(1)))
            .unwrap_err();
        assert!(!matches!(error, CommitError::Unknown { .. }), "{error}");
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(fake.asked(WRITE).len(), 1);
    }
}

#[test]
fn a_watch_that_ends_or_is_refused_is_asked_for_again_and_goes_on() {
    use denokv_proto::datapath as pb;
    use prost::Message as _;
    let state = |counter: u8| {
        let output = pb::WatchOutput {
            status: 1,
            keys: vec![pb::WatchKeyOutput {
                changed: true,
                entry_if_changed: Some(pb::KvEntry {
                    key: key(),
                    value: vec![counter],
                    encoding: 3,
                    versionstamp: vec![0, 0, 0, 0, 0, 0, 0, counter, 0, 0],
                }),
            }],
        };
        let message = output.encode_to_vec();
        let length = u32::try_from(message.len()).unwrap();
        [&[0; 4], length.to_le_bytes().as_slice(), &message].concat()
    };
    let fake = Fake::reading(move |_, number| {
        let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        match number {
            0 => Reply::Raw([head, state(1)].concat()),
            1 => Reply::Answer(503, Vec::new()),
            // The same again is nothing new.
            2 => Reply::Raw([head, state(1)].concat()),
            3 => Reply::Raw([head, vec![0xff; 9]].concat()),
            _ => Reply::Silence([head, state(2)].concat()),
        }
    });
    let database = open(&fake);
    let states = database.watch(vec![named("a")]).unwrap();
    let next = || states.recv().unwrap()[0].as_ref().unwrap().value.bytes.to_vec();
    assert_eq!((next(), next()), (vec![1], vec![2]));
    assert_eq!(fake.asked("/v2/watch").len(), 5);
}

#[test]
fn nothing_is_left_of_a_database_that_was_dropped() {
    let fake = Fake::reading(|asked, _| match asked.path.as_str() {
        "/v2/watch" => {
            Reply::Silence([&b"HTTP/1.1 200 OK\r\n\r\n"[..], &[4, 0, 0, 0, 0x08, 1, 0x12, 0]].concat())
        }
        _ => there(),
    });
    let database = open(&fake);
    read(&*database).unwrap();
    let states = database.watch(vec![named("a")]).unwrap();
    assert_eq!(states.recv().unwrap(), [None]);
    assert!(fake.num_connections() > 0);
    drop(database);
    // It says nothing more, and nothing of it stays.
    assert!(states.recv().is_err());
    while fake.num_connections() > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn the_token_is_told_to_nobody_but_the_server() {
    let all: Vec<Box<dyn Fn() -> Reply + Send + Sync>> = vec![
        Box::new(|| Reply::Answer(401, format!("No such token: {SECRET}").into_bytes())),
        Box::new(|| Reply::Answer(403, format!("Bearer {SECRET} is not yours").into_bytes())),
        Box::new(|| Reply::Answer(500, SECRET.as_bytes().to_vec())),
        Box::new(|| Reply::Answer(418, SECRET.as_bytes().to_vec())),
        Box::new(|| Reply::Answer(200, format!(r#"{{"version":"{SECRET}"}}"#).into_bytes())),
        Box::new(|| Reply::With(307, vec![("location", format!("ftp://{SECRET}"))], Vec::new())),
    ];
    let mut said = vec![format!("{:?}", token()), format!("{:?}", RemoteOptions::new())];
    for reply in all {
        let fake = Fake::new(move |_, _| reply());
        let mut steps = Vec::new();
        let error = quick().test(&fake.url(), Some(&token()), &mut |step| steps.push(step));
        said.push(format!("{error:?} {steps:?}"));
        said.push(error.unwrap_err().to_string());
        // The same once it is open.
        let echo = Fake::reading(|asked, _| {
            let secret = asked.head.lines().find(|line| line.contains("Bearer")).unwrap();
            Reply::Answer(400, secret.as_bytes().to_vec())
        });
        let database = open(&echo);
        let error = read(&*database).unwrap_err();
        said.push(format!("{error} {error:?} {:?}", database.metered()));
        let error = database
            .commit(AtomicOperation::new().delete(named("a")))
            .unwrap_err();
        said.push(format!("{error} {error:?}"));
    }
    let url = "https://me:a-secret-that-is-never-told@kv.example";
    said.push(
        quick()
            .open(url, Some(&token()))
            .map(|_| ())
            .unwrap_err()
            .to_string(),
    );
    for said in said {
        assert!(!said.contains(SECRET), "{said}");
        assert!(!said.contains("a-token-of-the-session"), "{said}");
    }
}
