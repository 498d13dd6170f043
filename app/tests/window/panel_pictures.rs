//! Pictures of the panels that the main pictures do not show, in both themes and in a small window.

use egui::Theme;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use keyglass::app::App;
use keyglass_store::AtomicOperation;

use crate::harness::{NOW, Window, commit, key, look, set};
use crate::pictures::snapshot;

const SMALL: [f32; 2] = [1100.0, 700.0];
/// About the smallest window there is.
const SMALLEST: [f32; 2] = [720.0, 480.0];
const ADA: &str = r#"["users", "ada"]"#;
const CODE: &str = "Value as JavaScript";

/// A small window on a folder with some entries.
fn on_folder(theme: Theme) -> Window {
    let mut window = Window::on_folder(&[
        (r#"["stock", "anvil"]"#, "new Deno.KvU64(118n)"),
        (r#"["stock", "rope"]"#, "new Deno.KvU64(7n)"),
        (ADA, "{name: 'Ada', credit: 20, tags: ['early', 'paid']}"),
        (
            r#"["users", "bob"]"#,
            "{name: 'Bob', credit: 3.5, since: new Date(1767604442120)}",
        ),
        (
            r#"["users", "eve"]"#,
            "new Map([['theme', 'dark'], ['size', 12n]])",
        ),
    ]);
    window.harness.ctx.set_theme(theme);
    window.harness.set_size(SMALL.into());
    window.settle();
    window
}

/// Commits beside the window, and waits until the watch has heard of it.
fn from_outside(window: &mut Window, operation: AtomicOperation) {
    let events = |app: &App| app.session().unwrap().models.watch.events().count();
    let before = events(window.harness.state());
    commit(&*window.database(), operation);
    window.until("the change", |app| events(app) > before);
    window.settle();
}

/// What is watched, the bytes of a value, and the notices.
fn watching(theme: Theme) -> Window {
    let mut window = on_folder(theme);
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::RadioButton, "Hex");
    window.press(Modifiers::COMMAND, Key::B);
    for operation in [
        set(ADA, "{name: 'Ada', credit: 21, tags: ['early', 'paid']}"),
        set(ADA, "{name: 'Ada', credit: 21.5, tags: []}"),
        AtomicOperation::new().delete(key(ADA)),
        set(ADA, "{name: 'Ada', credit: 25n}"),
    ] {
        from_outside(&mut window, operation);
        window.pass(1200);
    }
    window.press(Modifiers::COMMAND, Key::Delete);
    window.click(Role::Button, "Delete");
    window.until("the deletion", |app| !app.notices().log().is_empty());
    window.press(Modifiers::COMMAND, Key::Z);
    window.until("the undo", |app| app.notices().log().len() == 2);
    from_outside(&mut window, set(ADA, "{name: 'Ada', credit: 26n}"));
    window.press(Modifiers::COMMAND, Key::Y);
    window.until("the refusal", |app| app.notices().log().len() == 3);
    window.press(Modifiers::COMMAND, Key::Num4);
    window
}

#[test]
fn watching_looks_as_kept() {
    snapshot(&mut watching(Theme::Dark), "watch-dark");
}

#[test]
fn watching_in_the_light_looks_as_kept() {
    snapshot(&mut watching(Theme::Light), "watch-light");
}

/// What was committed, with steps undone and refused, and a value that is edited as a tree.
fn history(theme: Theme) -> Window {
    let mut window = on_folder(theme);
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::RadioButton, "Code");
    for value in ["{name: 'Ada', credit: 21}", "{name: 'Ada', credit: 22}"] {
        window.enter(Role::MultilineTextInput, CODE, value);
        window.press(Modifiers::COMMAND, Key::S);
        window.settle();
        window.pass(61_000);
    }
    window.click(Role::Row, r#"["users", "bob"]"#);
    window.settle();
    window.enter(Role::MultilineTextInput, CODE, "{name: 'Bob', credit: 4}");
    window.press(Modifiers::COMMAND, Key::S);
    window.settle();
    window.press(Modifiers::NONE, Key::Escape);
    window.press(Modifiers::COMMAND, Key::Z);
    window.settle();
    commit(&*window.database(), set(ADA, "{name: 'Ada', credit: 99}"));
    window.settle();
    window.press(Modifiers::COMMAND, Key::Z);
    window.settle();
    window.press(Modifiers::COMMAND, Key::H);
    window.click(Role::RadioButton, "Tree");
    window
}

#[test]
fn the_history_looks_as_kept() {
    snapshot(&mut history(Theme::Dark), "history-dark");
}

#[test]
fn the_history_in_the_light_looks_as_kept() {
    snapshot(&mut history(Theme::Light), "history-light");
}

/// Messages of a queue, a value as JSON, and a transaction.
fn queue(theme: Theme) -> Window {
    let mut window = Window::on_shop(SMALL, theme);
    let order = key(r#"["orders", 100003n]"#);
    window.session_mut().go_to(order);
    window.settle();
    window.press(Modifiers::COMMAND, Key::Num3);
    window.press(Modifiers::COMMAND, Key::T);
    window.click(Role::RadioButton, "JSON");
    window.harness.get_by_role_and_label(Role::Table, "Queue").focus();
    window.settle();
    (0..3).for_each(|_| window.press(Modifiers::NONE, Key::ArrowDown));
    window
}

#[test]
fn the_queue_looks_as_kept() {
    snapshot(&mut queue(Theme::Dark), "queue-dark");
}

#[test]
fn the_queue_in_the_light_looks_as_kept() {
    snapshot(&mut queue(Theme::Light), "queue-light");
}

fn palette(theme: Theme) -> Window {
    let mut window = on_folder(theme);
    window.harness.set_size(SMALLEST.into());
    window.press(Modifiers::COMMAND, Key::P);
    window
}

#[test]
fn the_palette_looks_as_kept() {
    snapshot(&mut palette(Theme::Dark), "palette-dark");
}

#[test]
fn the_palette_in_the_light_looks_as_kept() {
    snapshot(&mut palette(Theme::Light), "palette-light");
}

#[test]
fn the_sheet_of_shortcuts_fits_into_a_small_window() {
    let mut window = on_folder(Theme::Dark);
    for size in [SMALL, SMALLEST] {
        window.harness.set_size(size.into());
        window.press(Modifiers::NONE, Key::F1);
        window.settle();
        let close = window.harness.get_by_role_and_label(Role::Button, "Close").rect();
        assert!(close.bottom() <= size[1], "it ends at {}", close.bottom());
        window.press(Modifiers::NONE, Key::Escape);
    }
}

#[test]
fn the_welcome_page_in_the_light_looks_as_kept() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings");
    std::fs::create_dir(&settings).unwrap();
    let recent = format!(
        r#"{{"recent": [{{"location": "/projects/shop.kg", "kind": "Keyglass folder", "opened_at": {}}}]}}"#,
        NOW - 7_200_000
    );
    std::fs::write(settings.join("state.json"), recent).unwrap();
    let mut window = Window::sized(SMALLEST, Theme::Light, None, folder);
    window.until("the look at the disk", |app| app.found().is_some());
    snapshot(&mut window, "welcome-light");
}

/// What else a person meets in these panels, only to be looked at.
fn scenes(theme: Theme, suffix: &str) {
    let name = |scene: &str| format!("{scene}-{suffix}");
    // A timeline with rows on changes that are not there.
    let mut window = watching(theme);
    window.press(Modifiers::NONE, Key::Escape);
    window.click(Role::RadioButton, "Tree");
    window.click(Role::Link, "Pause");
    for credit in 0..3 {
        let operation = set(ADA, &format!("{{name: 'Ada', credit: {credit}}}"));
        commit(&*window.database(), operation);
    }
    window.until("the missed changes", |app| {
        app.session().unwrap().models.watch.waiting().0 == 3
    });
    let go_on = window.harness.query_all_by_role(Role::Link);
    let names: Vec<String> = go_on
        .filter_map(|node| egui_kittest::kittest::NodeT::accesskit_node(&node).label())
        .collect();
    let go_on = names.into_iter().find(|name| name.starts_with("Go on")).unwrap();
    window.click(Role::Link, &go_on);
    from_outside(&mut window, set(ADA, "{name: 'Ada', credit: 30}"));
    look(&mut window, &name("scene-timeline"));

    // A folder of the tree.
    let mut window = on_folder(theme);
    window.click(Role::TreeItem, r#""users""#);
    look(&mut window, &name("scene-folder"));

    // A transaction that was committed, and one that does not fit.
    window.click(Role::Row, ADA);
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, CODE, "{name: 'Ada', credit: 22}");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    look(&mut window, &name("scene-transaction"));
    window.press(Modifiers::COMMAND, Key::Enter);
    window.settle();
    look(&mut window, &name("scene-committed"));
    commit(&*window.database(), set(ADA, "{name: 'Ada', credit: 99}"));
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
    window.settle();
    window.press(Modifiers::COMMAND, Key::Enter);
    window.settle();
    look(&mut window, &name("scene-refused"));

    // A database that is gone.
    let mut window = Window::on_shop(SMALL, theme);
    let path = window.folder.path().join("shop.sqlite3");
    std::fs::remove_file(path).unwrap();
    window.until("the loss", |app| app.session().unwrap().models.facts.is_gone);
    look(&mut window, &name("scene-gone"));
}

#[test]
fn what_else_there_is_can_be_looked_at_in_both_themes() {
    scenes(Theme::Dark, "dark");
    scenes(Theme::Light, "light");
}
