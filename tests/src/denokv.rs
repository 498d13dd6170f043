//! The official server of KV Connect, `denokv`, installed by `tests/run` into `.peers`, used through the library.

use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use keyglass_store::backup::{Backup, BackupOptions, RestoreOptions, back_up};
use keyglass_store::connect::Token;
use keyglass_store::database::FeedEvent;
use keyglass_store::embedded::Store;
use keyglass_store::open::OpenOptions;
use keyglass_store::remote::{RemoteOptions, Stage};
use keyglass_store::transfer::{CopyOptions, copy};
use keyglass_store::value::literal;
use keyglass_store::{
    AtomicOperation, CommitError, CommitOutcome, Database, DatabaseError, EncodedKey, Encoding, Entries,
    Entry, Key, KeyRange, MutationKind, StoredValue,
};

use crate::data::Desk;
use crate::deno;
use crate::program::{Running, stdout_of, wait_for};

const TOKEN: &str = "a-token-for-the-tests";
const SOON: Duration = Duration::from_secs(60);

/// The official server on a file, at an address.
pub(crate) struct Official {
    pub(crate) running: Running,
    address: String,
}

impl Official {
    /// Starts one with a new database at a free address.
    pub(crate) fn start(desk: &Desk) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self::start_at(desk, &free.to_string())
    }

    fn start_at(desk: &Desk, address: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.peers/bin/denokv");
        assert!(
            path.exists(),
            "The official server is not installed yet; `tests/run product` installs it and runs these tests: {}",
            path.display()
        );
        let running = Running::start(
            Command::new(path)
                .arg("--sqlite-path")
                .arg(desk.path("official.sqlite3"))
                .args(["serve", "--addr", address, "--access-token", TOKEN])
                .stderr(Stdio::null()),
        );
        wait_for("the official server", SOON, || TcpStream::connect(address).ok());
        Self {
            running,
            address: address.to_owned(),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its database, which may be written.
    fn open(&self) -> Arc<dyn Database> {
        let options = OpenOptions::new().token(token()).write_files(true);
        options.open(&self.url()).unwrap()
    }
}

fn token() -> Token {
    Token::of_server(TOKEN).unwrap()
}

fn key(text: &str) -> EncodedKey {
    text.parse::<Key>().unwrap().encode().unwrap()
}

fn value(text: &str) -> StoredValue {
    StoredValue::from_value(&literal::parse(text).unwrap()).unwrap()
}

fn u64_of(number: u64) -> StoredValue {
    StoredValue {
        encoding: Encoding::Le64,
        bytes: number.to_le_bytes().to_vec().into(),
    }
}

/// Entries `[prefix, 0]`, `[prefix, 1]` and so on, in as many commits as that takes.
fn fill(database: &dyn Database, prefix: &str, number: u32) {
    let all: Vec<u32> = (0..number).collect();
    for some in all.chunks(500) {
        let operation = some.iter().fold(AtomicOperation::new(), |operation, number| {
            operation.set(key(&format!("['{prefix}', {number}]")), value("{a: 'value'}"))
        });
        let outcome = database.commit(operation).unwrap();
        assert!(matches!(outcome, CommitOutcome::Committed(_)));
    }
}

fn all(database: &dyn Database) -> Vec<Entry> {
    let entries = Entries::of(database, [KeyRange::everything()]).pages_of(1000);
    entries.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_database_of_the_official_server_is_read_written_and_watched() {
    let desk = Desk::new();
    let official = Official::start(&desk);
    let mut stages = Vec::new();
    let tested = RemoteOptions::new().test(&official.url(), Some(&token()), &mut |step| {
        stages.push(step.stage);
    });
    assert_eq!((tested, stages.last()), (Ok(()), Some(&Stage::Read)));
    let database = official.open();
    let seen = |key: &EncodedKey| database.get(key).unwrap().map(|entry| entry.versionstamp);

    let a = key("['a']");
    let first = AtomicOperation::new()
        .check(a.clone(), None)
        .set(a.clone(), value("1"));
    let CommitOutcome::Committed(stamp) = database.commit(first.clone()).unwrap() else {
        panic!("nothing is there");
    };
    assert_eq!(seen(&a), Some(stamp));
    let CommitOutcome::Conflict(failed) = database.commit(first).unwrap() else {
        panic!("it is there");
    };
    assert_eq!(failed[0].current, database.get(&a).unwrap());

    let sum = |operand| MutationKind::Sum {
        operand,
        min: None,
        max: None,
        clamp: false,
    };
    let numbers = AtomicOperation::new()
        .mutate(key("['sum']"), sum(u64_of(40)))
        .mutate(key("['sum']"), sum(u64_of(2)))
        .mutate(key("['min']"), MutationKind::Min(u64_of(3)))
        .mutate(key("['max']"), MutationKind::Max(u64_of(4)))
        .mutate(
            key("['log']"),
            MutationKind::SetSuffixVersionstampedKey {
                value: value("'first'"),
                expires_at: None,
            },
        );
    database.commit(numbers).unwrap();
    assert_eq!(database.get(&key("['sum']")).unwrap().unwrap().value, u64_of(42));
    let page = database.children(&EncodedKey::default(), None, 100).unwrap();
    assert_eq!(page.children.len(), 5);
    let wrong = database
        .commit(AtomicOperation::new().mutate(a.clone(), sum(u64_of(1))))
        .unwrap_err();
    assert!(
        matches!(wrong, CommitError::Refused(DatabaseError::Type(_))),
        "{wrong}"
    );

    // A write of real Deno is heard by a watch and by a feed.
    let states = database.watch(vec![a.clone(), key("['b']")]).unwrap();
    assert_eq!(states.recv().unwrap(), [database.get(&a).unwrap(), None]);
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    let script = desk.path("write.ts");
    std::fs::write(
        &script,
        "const kv = await Deno.openKv(Deno.args[0]); await kv.set(['b'], new Date(0)); kv.close();",
    )
    .unwrap();
    stdout_of(
        deno::run(&desk, &script, &["--allow-all"])
            .env("DENO_KV_ACCESS_TOKEN", TOKEN)
            .arg(official.url()),
    );
    let state = states.recv().unwrap();
    let written = state[1].clone().unwrap();
    assert_eq!(
        literal::print(&written.value.decode().unwrap(), 80),
        "new Date(\"1970-01-01T00:00:00.000Z\")"
    );
    let FeedEvent::Changes(changes) = feed.recv().unwrap() else {
        panic!("it names them");
    };
    assert_eq!(changes[0].after, Some(written));
}

#[test]
fn a_database_of_the_official_server_is_copied_both_ways_and_counted() {
    let desk = Desk::new();
    let official = Official::start(&desk);
    let database = official.open();
    for prefix in ["one", "two", "three"] {
        fill(&*database, prefix, 4000);
    }
    let go_on = &mut |_| ControlFlow::Continue(());
    let counted = database.count(&KeyRange::everything(), go_on).unwrap();
    assert!(counted.complete && counted.entries == 12_000);
    let store = Store::create(desk.path("copy.kg")).unwrap();
    let options = CopyOptions {
        verify: true,
        ..CopyOptions::default()
    };
    let report = copy(&*database, &store, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.complete && report.stored == 12_000, "{report:?}");
    let values = |database: &dyn Database| {
        let entries = all(database).into_iter();
        entries.map(|entry| (entry.key, entry.value)).collect::<Vec<_>>()
    };
    assert_eq!(values(&store), values(&*database));

    let other = Desk::new();
    let target = Official::start(&other);
    let target = target.open();
    let report = copy(&store, &*target, &options, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.complete && report.stored == 12_000, "{report:?}");
    assert_eq!(values(&*target), values(&store));
}

#[test]
fn an_official_server_that_is_killed_and_started_again_is_used_on() {
    let desk = Desk::new();
    let official = Official::start(&desk);
    let database = official.open();
    fill(&*database, "one", 10);
    let states = database.watch(vec![key("['a']")]).unwrap();
    assert_eq!(states.recv().unwrap(), [None]);
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    let address = official.address.clone();
    official.running.kill();
    let refused = database.get(&key("['a']")).unwrap_err();
    assert!(matches!(refused, DatabaseError::Unreachable { .. }), "{refused}");
    assert_eq!(feed.recv().unwrap(), FeedEvent::Gone);
    let set = || AtomicOperation::new().set(key("['a']"), value("1"));
    let refused = database.commit(set()).unwrap_err();
    assert!(matches!(refused, CommitError::Unreachable(_)), "{refused}");

    let _again = Official::start_at(&desk, &address);
    assert!(matches!(database.commit(set()), Ok(CommitOutcome::Committed(_))));
    assert_eq!(states.recv().unwrap(), [database.get(&key("['a']")).unwrap()]);
    assert_eq!(feed.recv().unwrap(), FeedEvent::Lagged { missed: None });
    assert_eq!(all(&*database).len(), 11);
}

#[test]
fn a_database_of_the_official_server_is_backed_up_and_restored_to_it_and_to_another_one() {
    let desk = Desk::new();
    let official = Official::start(&desk);
    let database = official.open();
    fill(&*database, "one", 2500);
    let soon = database.clock().now() + 3_600_000;
    let expiring = AtomicOperation::new().set_expiring(key("['expiring']"), value("1"), Some(soon));
    database.commit(expiring).unwrap();
    let home = desk.path("home.kg");
    let go_on = &mut |_| ControlFlow::Continue(());
    let mut back_up = || back_up(&*database, &home, &BackupOptions::default(), go_on).unwrap();
    let first = back_up();
    assert!(first.complete && first.new == 2501, "{first:?}");
    let state = first.state.unwrap();
    // What the protocol does not show is said to be missing.
    assert!(!state.expiry && !state.queue && state.unsettled == 0);
    let values = |database: &dyn Database| {
        let entries = all(database).into_iter();
        entries.map(|entry| (entry.key, entry.value)).collect::<Vec<_>>()
    };
    let as_of_first = values(&*database);

    let changed = AtomicOperation::new()
        .delete(key("['one', 7]"))
        .set(key("['one', 8]"), value("'changed'"))
        .set(key("['two']"), value("'new'"));
    database.commit(changed).unwrap();
    let second = back_up();
    assert_eq!(
        (second.new, second.replaced, second.deleted, second.same),
        (1, 1, 1, 2499)
    );
    let as_of_second = values(&*database);

    let backup = Backup::open(&home).unwrap();
    assert!(
        backup
            .verify(&mut |_| ControlFlow::Continue(()))
            .unwrap()
            .is_sound()
    );
    let other = Desk::new();
    let target = Official::start(&other);
    let target = target.open();
    for (number, expected) in [(state.number, &as_of_first), (state.number + 1, &as_of_second)] {
        for to in [&*target, &*database] {
            let states = backup.states().unwrap();
            let state = states.iter().find(|state| state.number == number).unwrap();
            let go_on = &mut |_| ControlFlow::Continue(());
            let (report, result) = backup.restore(state, to, &RestoreOptions::default(), None, go_on);
            result.unwrap();
            assert!(report.complete && report.errors.count == 0, "{report:?}");
            assert_eq!(&values(to), expected, "state {number}");
        }
    }
    // Nothing is written where nothing differs, although nobody can see expiries.
    let states = backup.states().unwrap();
    let newest = states.last().unwrap();
    let (again, _) = backup.restore(newest, &*database, &RestoreOptions::default(), None, go_on);
    assert_eq!((again.stored, again.deleted, again.same), (0, 0, 2501));
}
