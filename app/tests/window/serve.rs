//! Serving a database to programs from the window.

use std::net::TcpListener;
use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::action::{Action, DatabaseAction};
use keyglass::errand::ServeChoice;
use keyglass::session::Session;

use crate::client::{Client, Written};
use crate::harness::{Window, look};
use crate::pictures::snapshot;

const A: &str = r#"["users", "ada"]"#;
const SIZE: [f32; 2] = [960.0, 620.0];

fn session(window: &Window) -> &Session {
    window.session()
}

/// Serves what the window shows at any free port.
pub fn serve(window: &mut Window, read_only: bool) {
    let id = session(window).id;
    let choice = ServeChoice {
        port: Some(0),
        read_only,
        token_file: None,
    };
    let ctx = window.harness.ctx.clone();
    let action = Action::On(id, DatabaseAction::StartServing(choice));
    window.harness.state_mut().execute(action, &ctx);
    window.until("the server", |app| {
        app.session().unwrap().models.serving.served().is_some()
    });
}

/// A program that uses what the window serves.
pub fn client(window: &Window, name: &str) -> Client {
    let served = session(window).models.serving.served().unwrap();
    Client::open(&served.url, served.token.reveal(), name)
}

#[test]
fn a_database_is_served_from_the_menu_and_no_longer_by_a_click() {
    let mut window = Window::on_folder(&[(A, "1")]);
    window.choose("File", "Serve…");
    window.enter(Role::TextInput, "Port", "0");
    window.click(Role::Button, "Serve");
    window.until_shown("Stop serving");
    let served = session(&window).models.serving.served().unwrap().clone();
    let deno = format!("const kv = await Deno.openKv(\"{}\");", served.url);
    for text in [
        served.url.as_str(),
        deno.as_str(),
        "0 connections and 0 watches now",
    ] {
        assert!(window.shows(text), "{text}");
    }
    let token = served.token.reveal();
    assert!(!window.shows(token));
    look(&mut window, "serving");
    window.click(Role::Link, "Show token");
    assert!(window.shows(token));
    window.click(Role::Link, "Hide token");
    assert!(!window.shows(token));
    let file = served.token_file.unwrap();
    assert!(file.starts_with(window.folder.path()));
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), token);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let mut client = client(&window, "Deno/2.9.6");
    assert!(client.get(A));
    client.watch(A);
    window.until_shown("1 connection and 1 watch now");
    assert!(window.shows("Serving · 1 connection"));
    window.click(Role::Button, "Stop serving");
    client.until_end();
    window.until_shown("Programs may only read");
    assert!(!window.shows("Serving · 1 connection"));
    // The same token the next time.
    window.click(Role::Button, "Serve");
    window.until_shown("Stop serving");
    assert_eq!(
        session(&window).models.serving.served().unwrap().token.reveal(),
        token
    );
}

#[test]
fn keys_alone_serve_a_database() {
    let mut window = Window::on_folder(&[(A, "1")]);
    let ctrl_shift = Modifiers::COMMAND | Modifiers::SHIFT;
    window.press(ctrl_shift, Key::S);
    window.press(Modifiers::NONE, Key::Enter);
    window.until_shown("Stop serving");
    window.press(Modifiers::NONE, Key::Escape);
    assert!(!window.shows("Stop serving"));
    assert!(window.shows("Serving · 0 connections"));
    let mut client = client(&window, "node");
    assert_eq!(client.set(A, "2"), Written::Ok);
    window.until_shown("Serving · 1 connection");
    window.click(Role::Button, "Serving · 1 connection");
    assert!(window.shows("Stop serving"));
}

#[test]
fn a_database_is_served_by_the_switch_in_the_status_line_which_hides_no_fact() {
    let mut window = Window::on_folder(&[(A, "1")]);
    window.harness.set_size([1100.0, 700.0].into());
    window.settle();
    // Reached by keys as any button is.
    window.harness.get_by_role_and_label(Role::Link, "Serve…").focus();
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.shows("Port"));
    window.press(Modifiers::NONE, Key::Escape);
    assert!(!window.shows("Port"));
    for fact in ["test · Keyglass folder", "1 key", "0 notices"] {
        assert!(window.shows(fact), "{fact}");
    }
    look(&mut window, "serve-switch");
    window.click(Role::Link, "Serve…");
    window.enter(Role::TextInput, "Port", "0");
    window.click(Role::Button, "Serve");
    window.until_shown("Stop serving");
    window.press(Modifiers::NONE, Key::Escape);
    assert!(!window.shows("Serve…"));
    window.click(Role::Button, "Serving · 0 connections");
    window.click(Role::Button, "Stop serving");
    window.until_shown("Programs may only read");
    window.press(Modifiers::NONE, Key::Escape);
    assert!(window.shows("Serve…"));
}

#[test]
fn a_port_that_is_taken_is_told_and_another_one_is_taken_only_if_none_was_named() {
    // Whoever has it, it is taken.
    let _usual = TcpListener::bind(("127.0.0.1", ServeChoice::USUAL_PORT));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut window = Window::on_folder(&[(A, "1")]);
    window.choose("File", "Serve…");
    window.enter(Role::TextInput, "Port", "port");
    assert!(window.shows("A port is a number from 1 to 65535, or 0 for any that is free"));
    window.enter(Role::TextInput, "Port", &port.to_string());
    window.click(Role::Button, "Serve");
    let told = |window: &Window| {
        let labels = window.harness.query_all_by_role(Role::Label);
        let mut texts = labels.filter_map(|label| label.accesskit_node().value());
        texts.any(|text| text.starts_with("The server cannot listen there"))
    };
    window.until("the failure", |app| {
        !app.session().unwrap().models.serving.is_on()
    });
    assert!(told(&window));
    assert!(window.shows("Not served"));
    window.enter(Role::TextInput, "Port", " ");
    window.click(Role::Button, "Serve");
    window.until_shown("Stop serving");
    let served = session(&window).models.serving.served().unwrap();
    assert!(served.is_other_port);
    assert!(window.shows("Port 4512 is taken by something else, so it is served at another one"));
}

#[test]
fn programs_may_only_read_where_that_was_chosen() {
    let mut window = Window::on_folder(&[(A, "1")]);
    serve(&mut window, true);
    let mut client = client(&window, "Deno/2.9.6");
    assert!(client.get(A));
    let refused = Written::Refused(400, "This database is read only.".to_owned());
    assert_eq!(client.set(A, "2"), refused);
}

#[test]
fn closing_a_database_that_programs_use_asks_first_and_ends_their_streams() {
    let mut window = Window::on_folder(&[(A, "1")]);
    serve(&mut window, false);
    let mut client = client(&window, "Deno/2.9.6");
    client.watch(A);
    window.until_shown("Serving · 1 connection");
    window.press(Modifiers::COMMAND, Key::W);
    assert!(window.shows("Close and end serving?"));
    window.click(Role::Button, "Cancel");
    assert!(session(&window).models.serving.is_on());
    window.press(Modifiers::COMMAND, Key::W);
    window.click(Role::Button, "Close");
    client.until_end();
    assert!(window.harness.state().session().is_none());
}

#[test]
fn a_window_that_closes_ends_streams_in_order() {
    let mut window = Window::on_folder(&[(A, "1")]);
    serve(&mut window, false);
    let mut client = client(&window, "Deno/2.9.6");
    client.watch(A);
    let monitor = session(&window).models.serving.monitor().unwrap().clone();
    drop(window);
    assert!(monitor.has_ended());
    client.until_end();
}

fn picture(theme: Theme, name: &str) {
    let mut window = Window::on_folder(&[(A, "{name: 'Ada'}")]);
    window.harness.ctx.set_theme(theme);
    window.harness.set_size(SIZE.into());
    window.settle();
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    snapshot(&mut window, name);
}

#[test]
fn the_options_of_serving_are_pictured_in_the_dark() {
    picture(Theme::Dark, "serve-dark");
}

#[test]
fn the_options_of_serving_are_pictured_in_the_light() {
    picture(Theme::Light, "serve-light");
}

#[test]
fn a_window_that_the_system_asks_to_end_closes_without_a_question_and_what_it_serves_ends() {
    let mut window = Window::on_folder(&[(A, "1")]);
    serve(&mut window, false);
    let mut client = client(&window, "node");
    client.watch(A);
    window.until_shown("Serving · 1 connection");
    let location = PathBuf::from(&session(&window).models.facts.location);
    assert!(location.join("attach.json").exists());
    // What is asked already is not waited for either.
    window.press(Modifiers::NONE, Key::F1);
    window.harness.state().closer()();
    window.harness.step();
    let output = window.harness.output().viewport_output.values();
    let commands: Vec<_> = output.flat_map(|output| output.commands.clone()).collect();
    assert!(commands.contains(&ViewportCommand::Close), "{commands:?}");
    let viewports = &mut window.harness.input_mut().viewports;
    let root = viewports.entry(ViewportId::ROOT).or_default();
    root.events.push(ViewportEvent::Close);
    window.harness.step();
    let output = window.harness.output().viewport_output.values();
    let mut commands = output.flat_map(|output| output.commands.clone());
    assert!(!commands.any(|command| command == ViewportCommand::CancelClose));
    let Window { harness, folder, .. } = window;
    drop(harness);
    client.until_end();
    assert!(!location.join("attach.json").exists());
    drop(folder);
}
