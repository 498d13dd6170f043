//! Several databases open at once, as tabs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{DroppedFile, Key, Modifiers, Theme, ViewportCommand};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass_store::Database as _;
use tempfile::TempDir;

use crate::harness::{NOW, Window, commit, key, new_store, set};

/// A folder with a database for each name, whose one key is the name.
fn databases(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let store = new_store(&folder.path().join(format!("{name}.kg")));
        commit(&store, set(&format!("['{name}']"), "1"));
    }
    folder
}

/// A file that was dragged from elsewhere.
#[derive(Debug)]
struct Dragged(PathBuf);

impl DroppedFile for Dragged {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("only its path counts".to_owned())
    }
}

/// Drops a file on the window.
pub fn drop_file(window: &mut Window, path: &Path) {
    let file = Arc::new(Dragged(path.to_owned()));
    window.harness.input_mut().dropped_files.push(file);
    window.harness.step();
}

/// Opens a database of the folder as one that is dropped.
pub fn open(window: &mut Window, name: &str) {
    let path = window.folder.path().join(name);
    let count = window.harness.state().sessions().len() + 1;
    drop_file(window, &path);
    window.until("the database", |app| app.sessions().len() == count);
    window.settle();
}

fn tabs(window: &Window) -> Vec<(String, bool)> {
    let tabs = window.harness.query_all_by_role(Role::Tab);
    let tabs = tabs.map(|tab| {
        let tab = tab.accesskit_node();
        (tab.label().unwrap(), tab.is_selected() == Some(true))
    });
    let views = ["Entries", "Watch", "Queue", "Find"];
    tabs.filter(|(name, _)| !views.contains(&&**name)).collect()
}

fn of(names: &[(&str, bool)]) -> Vec<(String, bool)> {
    names
        .iter()
        .map(|(name, is_shown)| ((*name).to_owned(), *is_shown))
        .collect()
}

fn window(names: &[&str]) -> Window {
    let mut window = Window::sized([1280.0, 800.0], Theme::Dark, None, databases(names));
    for name in names {
        open(&mut window, &format!("{name}.kg"));
    }
    window
}

#[test]
fn dropped_databases_become_tabs_which_the_keyboard_turns_over() {
    let mut window = window(&["one", "two", "three"]);
    assert_eq!(
        tabs(&window),
        of(&[("one", false), ("two", false), ("three", true)])
    );
    window.press(Modifiers::COMMAND, Key::PageDown);
    assert_eq!(
        tabs(&window),
        of(&[("one", true), ("two", false), ("three", false)])
    );
    window.press(Modifiers::COMMAND, Key::PageUp);
    window.press(Modifiers::COMMAND, Key::PageUp);
    assert_eq!(
        tabs(&window),
        of(&[("one", false), ("two", true), ("three", false)])
    );
    window.settle();
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::TreeItem, r#""two""#)
            .is_some()
    );
    // The tree that came up answers to the arrow keys.
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    assert_eq!(window.models().panel.key(), Some(&key("['two']")));
    window.click(Role::Button, "Close two");
    assert_eq!(tabs(&window), of(&[("one", true), ("three", false)]));
}

#[test]
fn the_systems_window_is_named_after_the_database() {
    let mut window = Window::sized([1280.0, 800.0], Theme::Dark, None, databases(&["shop"]));
    let path = window.folder.path().join("shop.kg");
    drop_file(&mut window, &path);
    let mut names = Vec::new();
    while window.harness.state().session().is_none() {
        window.harness.step();
        let output = window.harness.output().viewport_output.values();
        names.extend(output.flat_map(|output| output.commands.clone()));
    }
    window.harness.step();
    let output = window.harness.output().viewport_output.values();
    names.extend(output.flat_map(|output| output.commands.clone()));
    assert!(
        names.contains(&ViewportCommand::Title("shop – Keyglass".to_owned())),
        "{names:?}"
    );
}

#[test]
fn tabs_come_back_in_their_order_with_the_one_that_was_shown() {
    let mut window = window(&["one", "two", "three", "four"]);
    window.press(Modifiers::COMMAND, Key::PageUp);
    window.pass(1500);
    let expected = of(&[("one", false), ("two", false), ("three", true), ("four", false)]);
    assert_eq!(tabs(&window), expected);
    let mut window = window.after_restart();
    window.until("all databases", |app| app.sessions().len() == 4);
    assert_eq!(tabs(&window), expected);
    // One that is closed and opened again comes to the end and to the front.
    window.click(Role::Button, "Close one");
    open(&mut window, "one.kg");
    assert_eq!(
        tabs(&window),
        of(&[("two", false), ("three", false), ("four", false), ("one", true)])
    );
}

#[test]
fn a_database_that_is_open_is_shown_however_its_path_is_written() {
    let mut window = window(&["one", "two"]);
    let round = window.folder.path().join("two.kg").join("..").join("one.kg");
    drop_file(&mut window, &round);
    window.until("the tab", |app| {
        app.session().unwrap().models.facts.title == "one"
    });
    assert_eq!(tabs(&window), of(&[("one", true), ("two", false)]));
    assert_eq!(window.notices(), Vec::<String>::new());
}

#[test]
fn many_tabs_leave_room_for_the_state_and_show_the_one_in_front() {
    let names = [
        "a long name",
        "another long name",
        "a third long name",
        "a fourth",
        "a fifth",
    ];
    let mut window = Window::sized([720.0, 480.0], Theme::Dark, None, databases(&names));
    for name in names {
        open(&mut window, &format!("{name}.kg"));
    }
    for _ in names {
        window.press(Modifiers::COMMAND, Key::PageDown);
        window.settle();
        let title = window.models().facts.title.clone();
        let pill = window.harness.get_by_role_and_label(Role::Button, "Live").rect();
        let tab = window.harness.get_by_role_and_label(Role::Tab, &title).rect();
        assert!(
            tab.left() >= 200.0 && tab.right() <= pill.left(),
            "{title}: {tab} {pill}"
        );
    }
}

#[test]
fn denos_own_store_is_called_by_its_project_also_after_a_restart() {
    let mut window = crate::welcome::window();
    let stores = window.harness.state().found().unwrap().own_stores.clone();
    window.click(Role::Button, &format!("Open {}", stores[0].location));
    window.until("the store", |app| app.session().is_some());
    assert_eq!(tabs(&window), of(&[("bakery", true)]));
    window.pass(1500);
    let mut window = window.after_restart();
    window.until("the store", |app| app.session().is_some());
    assert_eq!(tabs(&window), of(&[("bakery", true)]));
}

#[test]
fn a_database_that_goes_by_another_clock_than_the_window_is_refused() {
    let mut window = Window::on_folder(&[("[1]", "1")]);
    assert_eq!(window.database().clock().now(), NOW);
    window.pass(1000);
    assert_eq!(window.database().clock().now(), NOW + 1000);
    let other = new_store(&window.folder.path().join("other.kg"));
    let location = other.location();
    let app = window.harness.state_mut();
    let refused = app.show_database(Arc::new(other)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("The database goes by another clock than the window: {location}")
    );
    assert_eq!(app.sessions().len(), 1);
}
