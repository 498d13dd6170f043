//! Connecting to a database on a server from the window.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::dialog::Dialog;
use keyglass::model::connect::{ConnectDraft, TypedToken};
use keyglass_store::connect::{ServeOptions, Server, Token};
use keyglass_store::{ConnectError, Database, Writing};

use crate::harness::{Window, commit, key, look, set};
use crate::pictures::snapshot;

const ADA: &str = r#"["users", "ada"]"#;
/// What nothing may show or keep.
const SECRET: &str = "a-secret-that-is-never-told";

/// A window without a database, and a server of another one.
fn served() -> (Window, Server, Arc<dyn Database>) {
    let folder = tempfile::tempdir().unwrap();
    let window = Window::sized([1100.0, 700.0], Theme::Dark, None, folder);
    let store: Arc<dyn Database> = Arc::new(window.new_store("served.kg"));
    commit(&*store, set(ADA, "20n"));
    let options = ServeOptions::new()
        .listen("127.0.0.1:0".parse().unwrap())
        .token(Token::new(SECRET).unwrap());
    let server = options.serve(Arc::clone(&store)).unwrap();
    (window, server, store)
}

fn draft(window: &mut Window) -> &mut ConnectDraft {
    match window.harness.state_mut().dialog_mut() {
        Some(Dialog::Connect(draft)) => draft,
        _ => panic!("nobody is asked what to connect to"),
    }
}

fn type_text(window: &mut Window, text: &str) {
    window.harness.event(Event::Text(text.to_owned()));
    window.settle();
}

fn connect(window: &mut Window, url: &str, token: &str) {
    window.choose("File", "Connect…");
    window.enter(Role::TextInput, "URL", url);
    window.enter(Role::PasswordInput, "Token", token);
}

/// Nothing that is written down or told has the token.
fn is_secret(window: &Window) {
    let state = std::fs::read_to_string(window.folder.path().join("settings/state.json")).unwrap();
    assert!(!state.contains(SECRET), "{state}");
    for notice in window.harness.state().notices().log() {
        let told = format!("{notice:?}");
        assert!(!told.contains(SECRET), "{told}");
    }
}

#[test]
fn a_database_is_connected_to_with_the_mouse_and_again_after_a_restart() {
    let (mut window, server, store) = served();
    window.click(Role::Button, "Connect…");
    window.enter(Role::TextInput, "URL", &server.url());
    window.enter(Role::PasswordInput, "Token", SECRET);
    assert!(!window.shows(SECRET));
    window.enter(Role::TextInput, "Name", "orders");
    window.enter(Role::TextInput, "Label", "staging");
    window.click(Role::RadioButton, "Green");
    window.click(Role::Button, "Connect");
    window.until_loaded();
    window.harness.get_by_role_and_label(Role::Tab, "orders, staging");
    assert!(window.harness.state().dialog().is_none());
    // Somebody else's database is read-only until it is unlocked.
    assert_eq!(window.database().capabilities().writing, Writing::Locked);
    window.click(Role::Row, ADA);
    assert!(window.shows("20n"));
    window.pass(1500);
    is_secret(&window);

    let mut window = window.after_restart();
    window.until_loaded();
    window.harness.get_by_role_and_label(Role::Tab, "orders, staging");
    commit(&*store, set(ADA, "21n"));
    window.until("the new value", |app| {
        let row = app.session().unwrap().models.entries.row(0);
        row.is_some_and(|row| format!("{row:?}").contains("21"))
    });
    window.press(Modifiers::COMMAND, Key::W);
    window.settle();
    // It is among the recent ones, with its name.
    let name = format!("Open {}", keyglass::tokens::location(&server.url()).unwrap());
    window.click(Role::Button, &name);
    window.until_loaded();
}

#[test]
fn keys_alone_connect_for_writing() {
    let (mut window, server, _store) = served();
    window.press(Modifiers::COMMAND, Key::K);
    type_text(&mut window, &server.url());
    window.press(Modifiers::NONE, Key::Tab);
    type_text(&mut window, SECRET);
    // Show token, the keychain, name, label, the colours, and the second way to open it.
    for _ in 0..6 {
        window.press(Modifiers::NONE, Key::Tab);
    }
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.press(Modifiers::NONE, Key::Space);
    window.press(Modifiers::NONE, Key::Enter);
    window.until_loaded();
    window.until("that it is writable", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    window.pass(1500);
    let mut window = window.after_restart();
    window.until_loaded();
    window.until("that it is writable again", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
}

#[test]
fn a_click_beside_the_dialog_keeps_what_was_typed_and_escape_does_not() {
    let (mut window, server, _store) = served();
    connect(&mut window, &server.url(), SECRET);
    window.harness.drag_at(egui::pos2(40.0, 400.0));
    window.harness.drop_at(egui::pos2(40.0, 400.0));
    window.settle();
    assert_eq!(draft(&mut window).url, server.url());
    assert_eq!(draft(&mut window).token.0, SECRET);
    window.press(Modifiers::NONE, Key::Escape);
    assert!(window.harness.state().dialog().is_none());
}

#[test]
fn a_dialog_is_as_high_as_its_contents_also_when_it_is_shown_again() {
    let (mut window, server, _store) = served();
    let below = |window: &Window| {
        let choice = window
            .harness
            .get_by_role_and_label(Role::RadioButton, "Guarded")
            .rect();
        let cancel = window
            .harness
            .get_by_role_and_label(Role::Button, "Cancel")
            .rect();
        cancel.top() - choice.bottom()
    };
    window.choose("File", "Connect…");
    window.settle();
    let fresh = below(&window);
    window.press(Modifiers::NONE, Key::Escape);
    connect(&mut window, &server.url(), SECRET);
    window.click(Role::Button, "Test");
    window.until_shown("The database can be opened");
    window.settle();
    assert!(below(&window) > fresh + 60.0, "the steps take their place");
    window.press(Modifiers::NONE, Key::Escape);
    window.choose("File", "Connect…");
    window.settle();
    let again = below(&window);
    assert!((again - fresh).abs() < 0.5, "{fresh} and {again}");
}

#[test]
fn a_test_names_each_step_and_the_one_that_failed() {
    let (mut window, server, _store) = served();
    connect(&mut window, &server.url(), SECRET);
    window.click(Role::Button, "Test");
    window.until_shown("The database can be opened");
    for step in ["Name", "Connection", "Metadata", "Token", "First read"] {
        assert!(window.shows(step), "{step}");
    }
    assert!(!window.shows("Security"));
    window.settle();
    // Whatever is typed makes it stale.
    window.enter(Role::PasswordInput, "Token", "another-token-that-is-wrong");
    assert!(!window.shows("The database can be opened"));
    window.click(Role::Button, "Test");
    let failed = |window: &Window| {
        let labels = window.harness.query_all_by_role(Role::Label);
        let mut texts = labels.filter_map(|label| label.accesskit_node().value());
        texts.any(|text| text.starts_with("The server does not know this token"))
    };
    window.settle();
    assert!(failed(&window));
    window.enter(Role::TextInput, "URL", "http://127.0.0.1:1");
    window.press(Modifiers::NONE, Key::Escape);
    connect(&mut window, "http://127.0.0.1:1", SECRET);
    window.click(Role::Button, "Test");
    window.settle();
    let trial = draft(&mut window).trial.clone().unwrap();
    assert!(!trial.is_running && !trial.is_passed());
    assert_eq!(window.notices(), Vec::<String>::new());
}

#[test]
fn what_is_wrong_is_told_in_the_dialog_which_keeps_what_was_typed() {
    let (mut window, server, _store) = served();
    connect(&mut window, "ftp://a.b", SECRET);
    window.click(Role::Button, "Connect");
    let error = draft(&mut window).error.clone().unwrap();
    assert!(error.starts_with("This is no URL of a database"), "{error}");
    window.enter(Role::TextInput, "URL", &server.url());
    window.enter(Role::PasswordInput, "Token", "another-token-that-is-wrong");
    window.enter(Role::TextInput, "Label", "staging");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    let refused = draft(&mut window).clone();
    let error = refused.error.unwrap();
    assert!(
        error.starts_with("The server does not know this token"),
        "{error}"
    );
    assert_eq!(
        (refused.mark.label.as_str(), refused.is_connecting),
        ("staging", false)
    );
    window.enter(Role::PasswordInput, "Token", SECRET);
    window.click(Role::Button, "Connect");
    window.until_loaded();
}

#[test]
fn without_a_keychain_the_token_is_asked_for_each_time_and_that_is_said() {
    let (mut window, server, _store) = served();
    window.keychain.go_missing();
    connect(&mut window, &server.url(), SECRET);
    window.click(Role::Button, "Connect");
    window.until_loaded();
    window.until("that it is said", |app| !app.notices().log().is_empty());
    assert_eq!(
        window.notices(),
        [
            "The token is asked for next time, because the system's keychain cannot be used: a test took it away"
        ]
    );
    window.pass(1500);
    is_secret(&window);
    let mut window = window.after_restart();
    window.settle();
    let asked = draft(&mut window).clone();
    assert_eq!(asked.url, keyglass::tokens::location(&server.url()).unwrap());
    let error = asked.error.unwrap();
    assert!(
        error.starts_with("A database on a server is opened with a token"),
        "{error}"
    );
    window.enter(Role::PasswordInput, "Token", SECRET);
    window.press(Modifiers::NONE, Key::Enter);
    window.until_loaded();
}

#[test]
fn a_connection_that_is_guarded_opens_locked_and_is_unlocked_by_its_name() {
    let (mut window, server, _store) = served();
    connect(&mut window, &server.url(), SECRET);
    window.enter(Role::TextInput, "Name", "orders");
    window.enter(Role::TextInput, "Label", "production");
    window.click(Role::RadioButton, "Guarded");
    window.click(Role::Button, "Connect");
    window.until_loaded();
    window
        .harness
        .get_by_role_and_label(Role::Tab, "orders, production");
    window.click(Role::Button, "Read-only");
    type_text(&mut window, "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    commit(&*window.database(), set(ADA, "22n"));
    assert!(window.database().get(&key(ADA)).unwrap().is_some());
}

fn picture(theme: Theme, name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::sized([1100.0, 700.0], theme, None, folder);
    window.press(Modifiers::COMMAND, Key::K);
    {
        use keyglass::model::connect::Trial;
        use keyglass_store::remote::{Stage, Step};
        let mut trial = Trial::begin(1);
        for (stage, result) in [
            (Stage::Name, Ok("34.120.54.55")),
            (Stage::Connection, Ok("port 443")),
            (Stage::Security, Ok("TLS 1.3, HTTP/2")),
            (Stage::Metadata, Ok("a server that asks for a token")),
            (
                Stage::Authorization,
                Err(ConnectError::Unauthorised {
                    reason: "invalid token".to_owned(),
                    url: "https://api.deno.com/v2/databases/f1d2d2f9/connect".to_owned(),
                }),
            ),
        ] {
            let result = result.map(str::to_owned);
            trial.hear(Step { stage, result });
        }
        trial.end();
        let draft = draft(&mut window);
        draft.url = "https://api.deno.com/v2/databases/f1d2d2f9/connect".to_owned();
        draft.token = TypedToken("ddp_1234567890".to_owned());
        draft.mark.name = "orders".to_owned();
        draft.mark.label = "production".to_owned();
        draft.access = keyglass::model::connect::ServerAccess::Guarded;
        draft.trial = Some(trial);
    }
    window.settle();
    look(&mut window, name);
    snapshot(&mut window, name);
}

#[test]
fn the_dialog_looks_as_kept() {
    picture(Theme::Dark, "connect-dark");
}

#[test]
fn the_dialog_in_the_light_looks_as_kept() {
    picture(Theme::Light, "connect-light");
}
