//! No room for what is to be saved.

use std::fs;
use std::io::Write as _;

use egui::accesskit::Role;
use egui::{Key, Modifiers};

use crate::deno_file::{ADA, until_notices};
use crate::harness::{Window, commit, key, set};
use crate::small_disk::SmallDisk;

#[test]
fn an_edit_for_which_there_is_no_room_stays_and_is_saved_once_there_is() {
    let Some(disk) = SmallDisk::mount(4) else {
        return;
    };
    let path = disk.path().join("kv.sqlite3");
    let database = keyglass_store::deno_file::DenoFile::create(&path).unwrap();
    commit(&database, set(ADA, "20"));
    drop(database);
    let folder = tempfile::tempdir().unwrap();
    let location = Some(path.to_string_lossy().into_owned());
    let mut window = Window::sized([1280.0, 800.0], egui::Theme::Dark, location, folder);
    window.until("the file", |app| {
        app.session()
            .is_some_and(|session| session.models.tree.is_loaded())
    });
    window.click(Role::Button, "Read-only");
    window.click(Role::Button, "Unlock");
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    let go_to = keyglass::action::DatabaseAction::GoTo(key(ADA));
    crate::deno_file::ask(&mut window, go_to);
    window.until("the entry", |app| {
        app.session().unwrap().models.panel.entry().is_some()
    });
    window.click(Role::RadioButton, "Code");
    let filling = disk.path().join("filling");
    let mut file = fs::File::create(&filling).unwrap();
    for size in [1 << 16, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    let text = format!("\"{}\"", "x".repeat(60_000));
    window.enter(Role::MultilineTextInput, "Value as JavaScript", &text);
    window.press(Modifiers::COMMAND, Key::S);
    until_notices(&mut window, 1);
    assert_eq!(
        window.notices(),
        [format!(
            "Not committed: The disk is full; make room and try it again: {}",
            path.display()
        )]
    );
    let typed = |window: &Window| {
        let session = window.session();
        session.models.panel.current().map(|draft| draft.text.clone())
    };
    assert!(typed(&window).as_ref() == Some(&text));

    drop(file);
    fs::remove_file(filling).unwrap();
    let stored = |window: &Window| window.database().get(&key(ADA)).unwrap().unwrap().value;
    assert_eq!(stored(&window).decode().unwrap().to_string(), "20");
    window.press(Modifiers::COMMAND, Key::S);
    until_notices(&mut window, 2);
    assert_eq!(stored(&window).decode().unwrap().to_string(), text);
}
