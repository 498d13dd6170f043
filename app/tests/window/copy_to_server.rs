//! Copying the database into one on a server: which one, what opens it, and what is told at the end.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::action::{Action, AppAction, DatabaseAction, DatabasePath, PathPurpose};
use keyglass::dialog::Dialog;
use keyglass::model::copy_to::{CopyServerDraft, KnownServer};
use keyglass::model::mark::{Mark, MarkColor, Opening};
use keyglass_store::connect::{ServeOptions, Server, Token};
use keyglass_store::{Database, EncodedKey};

use crate::harness::{Window, commit, key, look, set};
use crate::pictures::snapshot;

const ADA: &str = r#"["users", "ada"]"#;
const BOB: &str = r#"["users", "bob"]"#;
const SECRET: &str = "a-secret-that-is-never-told";

/// A window on a folder of two entries, and a server of another one, by the protocol alone or with the extension.
fn served(protocol_alone: bool) -> (Window, Server, Arc<dyn Database>) {
    let window = Window::on_folder(&[(ADA, "20n"), (BOB, "1")]);
    let store: Arc<dyn Database> = Arc::new(window.new_store("served.kg"));
    let options = ServeOptions::new()
        .listen("127.0.0.1:0".parse().unwrap())
        .token(Token::new(SECRET).unwrap())
        .protocol_alone(protocol_alone);
    let server = options.serve(Arc::clone(&store)).unwrap();
    (window, server, store)
}

fn act(window: &mut Window, action: Action) {
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
}

fn draft(window: &mut Window) -> &mut CopyServerDraft {
    match window.harness.state_mut().dialog_mut() {
        Some(Dialog::CopyServer(draft)) => draft,
        _ => panic!("nobody is asked which server"),
    }
}

fn until_notices(window: &mut Window, number: usize) {
    window.until("a notice", |app| app.notices().log().len() >= number);
    window.settle();
}

fn value(store: &dyn Database, at: &str) -> Option<String> {
    let entry = store.get(&key(at)).unwrap()?;
    Some(entry.value.decode().unwrap().to_string())
}

#[test]
fn a_database_is_copied_to_a_server_with_the_mouse_and_again_where_something_stands() {
    for protocol_alone in [false, true] {
        let (mut window, server, store) = served(protocol_alone);
        window.choose("File", "Copy to server…");
        window.enter(Role::TextInput, "URL", &server.url());
        window.enter(Role::PasswordInput, "Token", "another-token-that-is-wrong");
        window.click(Role::Button, "Connect");
        window.settle();
        let error = draft(&mut window).error.clone().unwrap();
        assert!(
            error.starts_with("The server does not know this token"),
            "{error}"
        );
        window.enter(Role::PasswordInput, "Token", SECRET);
        assert!(draft(&mut window).error.is_none());
        window.click(Role::Button, "Connect");
        window.until_shown("Other values");
        window.click(Role::Button, "Copy");
        until_notices(&mut window, 1);
        let location = keyglass::tokens::location(&server.url()).unwrap();
        assert_eq!(window.notices(), [format!("Copied 2 entries to {location}")]);
        assert_eq!(value(&*store, ADA).as_deref(), Some("20n"));
        commit(&*store, set(ADA, "0n"));
        // The token is known by now.
        window.choose("File", "Copy to server…");
        window.enter(Role::TextInput, "URL", &server.url());
        window.press(Modifiers::NONE, Key::Enter);
        window.until_shown("Other values");
        window.click(Role::RadioButton, "Replace");
        window.click(Role::Button, "Copy");
        until_notices(&mut window, 2);
        assert_eq!(value(&*store, ADA).as_deref(), Some("20n"));
        for notice in window.harness.state().notices().log() {
            assert!(!format!("{notice:?}").contains(SECRET));
        }
    }
}

#[test]
fn a_url_that_is_typed_as_a_path_is_one() {
    let (mut window, server, _store) = served(true);
    let id = window.harness.state().session().unwrap().id;
    let purpose = PathPurpose::On(id, DatabasePath::CopyTo);
    let path = server.url().into();
    act(&mut window, Action::App(AppAction::UsePath(purpose, path)));
    let error = draft(&mut window).error.clone().unwrap();
    assert!(
        error.starts_with("A database on a server is opened with a token"),
        "{error}"
    );
    window.enter(Role::PasswordInput, "Token", SECRET);
    window.press(Modifiers::NONE, Key::Enter);
    window.until_shown("Other values");
}

#[test]
fn a_remembered_connection_is_taken_by_a_click_and_a_guarded_one_by_its_name_alone() {
    let (mut window, server, store) = served(false);
    let from = window.harness.state().session().unwrap().id;
    window.choose("File", "Connect…");
    window.enter(Role::TextInput, "URL", &server.url());
    window.enter(Role::PasswordInput, "Token", SECRET);
    window.click(Role::Button, "Connect");
    window.until("the other database", |app| app.sessions().len() == 2);
    window.settle();
    let to = window.harness.state().session().unwrap().id;
    let mark = Mark {
        name: "orders".to_owned(),
        label: "production".to_owned(),
        color: MarkColor::Red,
        opening: Opening::Guarded,
    };
    act(&mut window, Action::On(to, DatabaseAction::Mark(Some(mark))));
    act(&mut window, Action::App(AppAction::Activate(from)));
    // Open here and locked, it is no place to copy to.
    window.choose("File", "Copy to server…");
    window.click(Role::Link, "orders · production");
    window.click(Role::Button, "Connect");
    let error = draft(&mut window).error.clone().unwrap();
    assert_eq!(
        error,
        "This database is open here and cannot be changed; unlock it first"
    );
    window.press(Modifiers::NONE, Key::Escape);
    act(&mut window, Action::App(AppAction::Close(to)));
    window.choose("File", "Copy to server…");
    window.click(Role::Link, "orders · production");
    window.click(Role::Button, "Connect");
    window.until_shown("Other values");
    let copy = window.harness.get_by_role_and_label(Role::Button, "Copy");
    assert!(copy.accesskit_node().is_disabled());
    assert!(window.shows("It is guarded: type \u{201c}orders\u{201d} to go on"));
    window.harness.event(Event::Text("orders".to_owned()));
    window.settle();
    window.click(Role::Button, "Copy");
    until_notices(&mut window, 1);
    assert_eq!(value(&*store, BOB).as_deref(), Some("1"));
    assert!(store.get(&EncodedKey::default()).unwrap().is_none());
}

fn picture(theme: Theme, name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.kg");
    let store = crate::harness::new_store(&path);
    commit(&store, set(ADA, "20n"));
    drop(store);
    let location = path.to_string_lossy().into_owned();
    let mut window = Window::sized([1100.0, 700.0], theme, Some(location), folder);
    window.until_loaded();
    window.choose("File", "Copy to server…");
    let known = |url: &str, name: &str| KnownServer {
        url: url.to_owned(),
        name: name.to_owned(),
    };
    let draft = draft(&mut window);
    draft.known = vec![
        known(
            "https://api.deno.com/v2/databases/f1d2d2f9/connect",
            "orders · production",
        ),
        known("http://127.0.0.1:4512", ""),
    ];
    draft.url = "https://api.deno.com/v2/databases/f1d2d2f9/connect".to_owned();
    draft.error = Some("The server does not know this token (invalid token); give it another one: https://api.deno.com/v2/databases/f1d2d2f9/connect".to_owned());
    window.settle();
    look(&mut window, name);
    snapshot(&mut window, name);
}

#[test]
fn the_dialog_looks_as_kept() {
    picture(Theme::Dark, "copy-server-dark");
}

#[test]
fn the_dialog_in_the_light_looks_as_kept() {
    picture(Theme::Light, "copy-server-light");
}
