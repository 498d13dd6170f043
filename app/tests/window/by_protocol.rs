//! A database on a server by the protocol of KV Connect alone, as Deno Deploy has them: reads are counted, expiries are not
//! seen, and the server goes away and comes back.

use std::sync::Arc;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass_store::connect::{ServeOptions, Server, Token};
use keyglass_store::remote::RemoteOptions;
use keyglass_store::{AtomicOperation, Database, DatabaseKind, Metered};

use crate::harness::{NOW, Window, commit, key, set};
use crate::pictures::snapshot;

pub(crate) const ADA: &str = r#"["users", "ada"]"#;
pub(crate) const BOB: &str = r#"["users", "bob"]"#;
const CODE: &str = "Value as JavaScript";
pub(crate) const SOON: i64 = NOW + 3_600_000;

/// A window on a database of somebody else's server, and both of these.
pub(crate) struct Remote {
    pub(crate) window: Window,
    pub(crate) store: Arc<dyn Database>,
    server: Option<Server>,
}

fn serving(address: &str) -> ServeOptions {
    ServeOptions::new()
        .listen(address.parse().unwrap())
        .token(token())
}

fn token() -> Token {
    Token::new("a-secret-that-is-never-told").unwrap()
}

impl Remote {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut window = Window::sized([1280.0, 800.0], Theme::Dark, None, folder);
        let store: Arc<dyn Database> = Arc::new(window.new_store("served.kg"));
        let value = keyglass::model::draft::parse_value("20n").unwrap();
        let expiring = AtomicOperation::new().set_expiring(key(ADA), value, Some(SOON));
        commit(&*store, expiring);
        commit(&*store, set(BOB, "1"));
        let server = serving("127.0.0.1:0").serve(Arc::clone(&store)).unwrap();
        let options = RemoteOptions::new()
            .clock(window.clock())
            .pause(Duration::from_millis(10))
            .plain();
        let database = options.open(&server.url(), Some(&token())).unwrap();
        database.set_writable(true).unwrap();
        window.harness.state_mut().show_database(database).unwrap();
        window.until_loaded();
        Self {
            window,
            store,
            server: Some(server),
        }
    }

    fn expiry(&self) -> Option<i64> {
        self.store.get(&key(ADA)).unwrap().unwrap().expires_at
    }
}

/// Edits an entry, and has it saved.
pub(crate) fn edit(window: &mut Window, text: &str) {
    window.click(Role::Row, ADA);
    window.until("the entry", |app| {
        app.session().unwrap().models.panel.entry().is_some()
    });
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, CODE, text);
    window.press(Modifiers::COMMAND, Key::S);
}

pub(crate) fn type_text(window: &mut Window, text: &str) {
    window.harness.event(Event::Text(text.to_owned()));
    window.settle();
}

/// Whether a text that begins so is shown.
pub(crate) fn tells(window: &Window, beginning: &str) -> bool {
    let labels = window.harness.query_all_by_role(Role::Label);
    let mut texts = labels.filter_map(|label| label.accesskit_node().value());
    texts.any(|text| text.starts_with(beginning))
}

#[test]
fn the_status_line_tells_what_was_read_since_it_was_opened() {
    let mut remote = Remote::new();
    remote.window.until("what it cost", |app| {
        let metered = &app.session().unwrap().models.facts.metered;
        metered.as_ref().is_some_and(|metered| metered.entries_read > 0)
    });
    let metered = remote.window.session().models.facts.metered.clone();
    let metered = metered.unwrap();
    let told = format!(
        "{} requests · {} entries read",
        metered.requests, metered.entries_read
    );
    assert!(remote.window.shows(&told), "{told}");
}

#[test]
fn an_expiry_that_nobody_can_see_is_not_ended_unasked() {
    let mut remote = Remote::new();
    edit(&mut remote.window, "21n");
    let title = "Save without its expiry?";
    assert!(remote.window.shows(title));
    assert!(remote.window.shows("unknown"));
    remote.window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(remote.expiry(), Some(SOON));
    // By the keyboard, with another one.
    remote.window.press(Modifiers::COMMAND, Key::S);
    remote.window.enter(Role::TextInput, "Expiry", "90 min");
    remote.window.press(Modifiers::NONE, Key::Enter);
    remote
        .window
        .until("that it is saved", |app| !app.notices().log().is_empty());
    assert_eq!(remote.expiry(), Some(NOW + 90 * 60_000));
    // By the mouse, without any.
    edit(&mut remote.window, "22n");
    remote.window.click(Role::Button, "Save, and it stays");
    remote
        .window
        .until("that it is saved", |app| app.notices().log().len() == 2);
    assert_eq!(remote.expiry(), None);
}

#[test]
fn a_search_of_everything_asks_first_and_so_do_counts_and_exports() {
    let mut remote = Remote::new();
    let window = &mut remote.window;
    window.press(Modifiers::COMMAND, Key::F);
    type_text(window, "ada");
    assert!(window.shows("Every entry is read for this, and each read of this database is paid for"));
    window.click(Role::Button, "Search");
    window.until("the end of the search", |app| {
        app.session().unwrap().models.find.progress().ended
    });
    assert_eq!(window.session().models.find.hits().len(), 1);
    // Enter goes on, too.
    window.press(Modifiers::COMMAND, Key::A);
    type_text(window, "bob");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("the end of the search", |app| {
        app.session().unwrap().models.find.progress().ended
    });
    window.press(Modifiers::COMMAND, Key::E);
    window.click(Role::Button, "Export…");
    assert!(window.shows("Export all entries?"));
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(window.notices(), Vec::<String>::new());
    // It can be limited to a prefix.
    let counted = |app: &keyglass::app::App, prefix: &keyglass_store::EncodedKey| {
        let counted = app.session().unwrap().models.tree.known_count(prefix);
        counted
            .filter(|counted| counted.complete)
            .map(|counted| counted.entries)
    };
    window.click(Role::Link, "Count keys");
    window.enter(Role::TextInput, "Only at and below", "[\"users");
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.shows("Count all entries?"));
    window.enter(Role::TextInput, "Only at and below", r#"["users"]"#);
    window.click(Role::Button, "Count");
    window.until("the count of a part", |app| {
        counted(app, &key(r#"["users"]"#)) == Some(2)
    });
    let all = keyglass_store::EncodedKey::default();
    assert_eq!(counted(window.harness.state(), &all), None);
    window.press(Modifiers::COMMAND, Key::E);
    window.click(Role::Button, "Export…");
    window.enter(Role::TextInput, "Only at and below", BOB);
    window.click(Role::Button, "Export");
    window.until("the export of a part", |app| !app.notices().log().is_empty());
    let told = window.notices().remove(0);
    assert!(told.starts_with("Exported 1 entry"), "{told}");
    window.click(Role::Link, "Count keys");
    window.click(Role::Button, "Count");
    window.until("the count", |app| {
        let tree = &app.session().unwrap().models.tree;
        let counted = tree.known_count(&keyglass_store::EncodedKey::default());
        counted.is_some_and(|counted| counted.complete)
    });
    // Now it is known that it is little.
    window.press(Modifiers::COMMAND, Key::E);
    window.click(Role::Button, "Export…");
    window.until("the export", |app| app.notices().log().len() == 2);
    assert!(
        window.notices()[1].starts_with("Exported 2 entries"),
        "{:?}",
        window.notices()
    );
}

#[test]
fn a_server_that_is_away_is_said_to_be_and_is_back_without_a_restart() {
    let mut remote = Remote::new();
    let address = remote.server.as_ref().unwrap().address().to_string();
    drop(remote.server.take());
    remote.window.press(Modifiers::NONE, Key::F5);
    remote.window.harness.step();
    remote.window.until("that it is away", |app| {
        let facts = &app.session().unwrap().models.facts;
        facts.is_gone || facts.trouble().is_some()
    });
    assert!(remote.window.shows("Offline") || remote.window.shows("Retrying"));
    commit(&*remote.store, set(BOB, "2"));
    remote.server = Some(serving(&address).serve(Arc::clone(&remote.store)).unwrap());
    remote.window.press(Modifiers::NONE, Key::F5);
    remote.window.until("that it is back", |app| {
        let facts = &app.session().unwrap().models.facts;
        !facts.is_gone && facts.trouble().is_none()
    });
    remote.window.click(Role::Row, BOB);
    remote.window.until("the new value", |app| {
        let entry = app.session().unwrap().models.panel.entry();
        entry.is_some_and(|entry| entry.value.decode().unwrap().to_string() == "2")
    });
}

/// As on a server, but with what no time changes: a server's port, and how often it is asked, are never the same.
fn picture(theme: Theme, name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.kg");
    let store = crate::harness::new_store(&path);
    commit(&store, set(ADA, "20n"));
    commit(&store, set(BOB, "1"));
    drop(store);
    let location = path.to_string_lossy().into_owned();
    let mut window = Window::sized([1100.0, 700.0], theme, Some(location), folder);
    window.until_loaded();
    let models = &mut window.session_mut().models;
    models.panel.hides_expiry = true;
    models.facts.capabilities.kind = DatabaseKind::Remote;
    models.facts.capabilities.expiry = false;
    models.facts.metered = Some(Metered {
        requests: 37,
        entries_read: 1204,
        ..Metered::default()
    });
    edit(&mut window, "21n");
    window.enter(Role::TextInput, "Expiry", "90 min");
    assert!(tells(&window, "It expires at "));
    snapshot(&mut window, name);
}

#[test]
fn the_question_looks_as_kept() {
    picture(Theme::Dark, "save-expiry-dark");
}

#[test]
fn the_question_in_the_light_looks_as_kept() {
    picture(Theme::Light, "save-expiry-light");
}
