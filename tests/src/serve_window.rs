//! A real window that serves its database, with real Deno and Node on it.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyglass_store::attached::Attached;
use keyglass_store::database::Database as _;
use keyglass_store::embedded::Store;
use keyglass_store::value::literal;
use keyglass_store::{
    AtomicOperation, Clock, CommitOutcome, EncodedKey, FeedEvent, Key, KeyRange, Mutation, MutationKind,
    StoredValue,
};

use crate::data::Desk;
use crate::deno;
use crate::hands::Hands;
use crate::picture::Area;
use crate::program::{Running, keyglass, stdout_of, wait_for};
use crate::screen::{HEIGHT, Screen, WIDTH};
use crate::serve::node;
use crate::story::Settings;

const PATIENCE: Duration = Duration::from_secs(60);
/// Commits of each program, which take some seconds, unless more is asked for.
fn rounds() -> usize {
    let asked = std::env::var("KEYGLASS_COUNT_ROUNDS").ok();
    asked.map_or(200, |rounds| rounds.parse().unwrap())
}

fn key(text: &str) -> EncodedKey {
    text.parse::<Key>().unwrap().encode().unwrap()
}

/// Adds to the total as the other programs do, each time with a check of what was read; the versionstamps.
fn count(window: &Attached, rounds: usize) -> Vec<String> {
    let total = key(r#"["total"]"#);
    let one = StoredValue::from_value(&literal::parse("new Deno.KvU64(1n)").unwrap()).unwrap();
    let mut stamps = Vec::new();
    while stamps.len() < rounds {
        let seen = window.get(&total).unwrap().map(|entry| entry.versionstamp);
        let mut operation = AtomicOperation::new().check(total.clone(), seen);
        operation.mutations.push(Mutation {
            key: total.clone(),
            kind: MutationKind::Sum {
                operand: one.clone(),
                min: None,
                max: None,
                clamp: false,
            },
        });
        if let CommitOutcome::Committed(stamp) = window.commit(operation).unwrap() {
            stamps.push(stamp.to_string());
        }
    }
    stamps
}
/// Where the requests are: below the plots, above the status line.
const REQUESTS: Area = Area {
    x: 300..WIDTH / 2,
    y: 240..HEIGHT - 40,
};

/// The text of a value under a key.
fn shown(store: &Store, text: &str) -> String {
    let entry = store.get(&key(text)).unwrap().unwrap();
    literal::print(&entry.value.decode().unwrap(), 80)
}

/// The lines of Deno in the README's tour, for a server at another port.
fn lines_of_readme(port: u16) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let blocks = readme.split("```ts\n").skip(1);
    let mut blocks = blocks.filter_map(|block| block.split("```").next());
    let usual = "http://127.0.0.1:4512";
    let block = blocks.find(|block| block.contains(usual)).unwrap();
    block.replace(usual, &format!("http://127.0.0.1:{port}"))
}

/// The only file of the tokens.
fn token(desk: &Desk) -> String {
    let folder: PathBuf = desk
        .path("home")
        .join("xdg_data_home")
        .join("keyglass")
        .join("tokens");
    let files = std::fs::read_dir(folder).unwrap();
    let files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    std::fs::read_to_string(&files[0]).unwrap().trim().to_owned()
}

fn stamps(text: &str) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    let stamps = json["stamps"].as_array().unwrap().iter();
    stamps.map(|stamp| stamp.as_str().unwrap().to_owned()).collect()
}

#[test]
fn deno_and_node_count_together_on_what_the_window_serves_and_the_window_shows_it() {
    let desk = Desk::new();
    let database = desk.path("shop.kg");
    let value = StoredValue::from_value(&literal::parse("{name: 'Ada'}").unwrap()).unwrap();
    let store = Store::create(&database).unwrap();
    store
        .commit(AtomicOperation::new().set(key(r#"["users", "ada"]"#), value))
        .unwrap();
    drop(store);
    let settings = Settings::of_somebody(&desk);
    let screen = Screen::start(&desk);
    let mut window = Running::start(keyglass(&desk).env("DISPLAY", &screen.display));
    let hands = Hands::on(&screen);
    hands.press_and_see("ctrl+shift+o");
    hands.replace_text(&database.to_string_lossy());
    hands.press("Return");
    settings.until("the database to be open", &database, |kept| {
        kept["listed"].is_string()
    });

    // Serve, at a port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    hands.press_and_see("ctrl+shift+s");
    hands.press_and_see("Tab");
    hands.type_text(&port.to_string());
    hands.press("Return");
    wait_for("the server", PATIENCE, || {
        TcpStream::connect(("127.0.0.1", port)).ok()
    });
    hands.press_and_see("Escape");
    hands.press_and_see("ctrl+6");
    let token = token(&desk);
    let url = format!("http://127.0.0.1:{port}");

    // What the README says.
    let script = desk.path("shop.ts");
    std::fs::write(&script, lines_of_readme(port)).unwrap();
    let mut tour = deno::run(&desk, &script, &["--allow-env", "--allow-net"]);
    let said = stdout_of(tour.env("DENO_KV_ACCESS_TOKEN", &token));
    assert!(said.contains(r#"[ "users", "ada" ] { name: "Ada" }"#), "{said}");
    let until_rows = |number: usize| {
        wait_for("rows that show what programs did", PATIENCE, || {
            (screen.picture().lines(&REQUESTS).len() >= number).then_some(())
        });
    };
    until_rows(2);

    // All at once, each with checks and sums on the same keys: Deno, Node, and one through the window itself.
    let rounds = rounds();
    let attached = Attached::to_folder(&database, Clock::system()).unwrap();
    let timeline = attached
        .changes(vec![KeyRange::only(&key(r#"["total"]"#))])
        .unwrap();
    let deno = Running::start(
        deno::deno(&desk, "count.ts")
            .env("DENO_KV_ACCESS_TOKEN", &token)
            .arg(&url)
            .args(["2", &(rounds / 2).to_string()]),
    );
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.peers");
    let of_node = Running::start(
        node("count-node.mjs")
            .env("DENO_KV_ACCESS_TOKEN", &token)
            .arg(&url)
            .arg(modules)
            .arg(rounds.to_string()),
    );
    let of_window = count(&attached, rounds);
    let told = of_node.line_with("stamps", PATIENCE);
    of_node.finish();
    let of_node = told;
    let of_deno = deno.line_with("stamps", PATIENCE);
    deno.finish();
    let (of_node, of_deno) = (stamps(&of_node), stamps(&of_deno));
    assert_eq!((of_node.len(), of_deno.len()), (rounds, rounds));
    assert!(of_node.is_sorted() && of_window.is_sorted());
    let mut all: Vec<String> = [of_node, of_deno, of_window].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 3 * rounds, "two commits had the same versionstamp");
    // Each of them was told, once and in order.
    let mut told = Vec::new();
    while told.len() < all.len() {
        match timeline.recv_timeout(PATIENCE).unwrap() {
            FeedEvent::Changes(changes) => {
                told.extend(changes.iter().map(|change| change.versionstamp.to_string()));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(told, all);
    drop(attached);
    until_rows(10);

    hands.press("ctrl+q");
    wait_for("the window to close", PATIENCE, || {
        window.has_ended().then_some(())
    });
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    let store = Store::open(&database).unwrap();
    assert_eq!(shown(&store, r#"["counter"]"#), rounds.to_string());
    assert_eq!(
        shown(&store, r#"["total"]"#),
        format!("new Deno.KvU64({}n)", 3 * rounds)
    );
}
