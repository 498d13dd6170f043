//! Pictures of the main states, which the README shows, too.

use egui::Theme;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::harness::{Window, commit, key, set};

/// Draws the window and compares it with the picture kept.
pub fn snapshot(window: &mut Window, name: &str) {
    window.settle();
    // Toasts go after a time that a slow machine exceeds.
    while dismiss_toast(window) {
        window.harness.run_ok();
    }
    // The size on the disk is the engine's affair.
    if let Some(session) = window.harness.state_mut().session_mut() {
        session.models.facts.statistics.disk_bytes = Some(896 * 1024);
    }
    window.harness.remove_cursor();
    window.harness.run_ok();
    window.harness.snapshot(name);
}

/// Takes a toast away, if there is one.
pub fn dismiss_toast(window: &Window) -> bool {
    let mut buttons = window.harness.query_all_by_role(Role::Button);
    let toast = buttons.find(|button| {
        let name = button.accesskit_node().label();
        name.is_some_and(|name| name.starts_with("Dismiss "))
    });
    toast.inspect(|toast| toast.click()).is_some()
}

fn browse(theme: Theme, size: [f32; 2]) -> Window {
    let mut window = Window::on_shop(size, theme);
    window.click(Role::DisclosureTriangle, r#"Expand "dead_letters""#);
    window.settle();
    window.click(Role::TreeItem, r#""orders""#);
    window.settle();
    window.click(Role::Row, r#"["orders", 100003n]"#);
    window
}

#[test]
fn browsing_looks_as_kept() {
    let mut window = browse(Theme::Dark, [1280.0, 800.0]);
    snapshot(&mut window, "browse-dark");
}

#[test]
fn browsing_in_the_light_looks_as_kept() {
    let mut window = browse(Theme::Light, [1280.0, 800.0]);
    snapshot(&mut window, "browse-light");
}

#[test]
fn a_small_window_looks_as_kept() {
    let mut window = browse(Theme::Dark, [1100.0, 700.0]);
    window.settle();
    window.click(Role::RadioButton, "Code");
    snapshot(&mut window, "browse-small");
}

#[test]
fn the_welcome_page_looks_as_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::sized([1100.0, 700.0], Theme::Dark, None, folder);
    snapshot(&mut window, "welcome");
}

/// An edit of an entry that somebody else has changed meanwhile, and a transaction with it.
fn conflict(theme: Theme) -> Window {
    let ada = r#"["users", "ada"]"#;
    let mut window = Window::on_folder(&[
        (ada, "{name: 'Ada', credit: 20, tags: ['early', 'paid']}"),
        (r#"["users", "bob"]"#, "{name: 'Bob', credit: 3.5}"),
        (r#"["stock", "anvil"]"#, "new Deno.KvU64(118n)"),
    ]);
    window.harness.ctx.set_theme(theme);
    window.click(Role::Row, ada);
    window.settle();
    window.click(Role::RadioButton, "Code");
    window.enter(
        Role::MultilineTextInput,
        "Value as JavaScript",
        "{name: 'Ada', credit: 25, tags: ['early', 'paid']}",
    );
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    window.settle();
    commit(
        &*window.database(),
        set(ada, "{name: 'Ada', credit: 21, tags: ['early']}"),
    );
    window.until("the change", |app| {
        app.session()
            .unwrap()
            .models
            .panel
            .current()
            .is_some_and(|draft| draft.outside.is_some())
    });
    window.session_mut().go_to(key(ada));
    window
}

#[test]
fn a_conflict_and_a_transaction_look_as_kept() {
    snapshot(&mut conflict(Theme::Dark), "conflict");
}

#[test]
fn a_conflict_in_the_light_looks_as_kept() {
    snapshot(&mut conflict(Theme::Light), "conflict-light");
}

/// What was found, with one of it opened.
fn found(theme: Theme) -> Window {
    let mut window = browse(theme, [1100.0, 700.0]);
    window.press(Modifiers::COMMAND, Key::F);
    window.enter(Role::TextInput, "Find in keys and values", "Ada");
    window.until("the end of the search", |app| {
        app.session().unwrap().models.find.progress().ended
    });
    window.press(Modifiers::NONE, Key::F3);
    window.press(Modifiers::NONE, Key::F3);
    window
}

#[test]
fn what_was_found_looks_as_kept() {
    snapshot(&mut found(Theme::Dark), "find");
}

#[test]
fn what_was_found_in_the_light_looks_as_kept() {
    snapshot(&mut found(Theme::Light), "find-light");
}
