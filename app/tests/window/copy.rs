//! What is put on the clipboard.

use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers, OutputCommand};
use egui_kittest::kittest::Queryable as _;

use keyglass::model::target::Target;

use crate::harness::{Window, key, look};

const ADA: &str = r#"["users", "ada"]"#;
const BOB: &str = r#"["users", "bob"]"#;

fn window() -> Window {
    let mut window = Window::on_folder(&[(ADA, "{credit: 20}"), (BOB, "1"), (r#"["zoo"]"#, "3")]);
    window.click(Role::Row, ADA);
    window.settle();
    window
}

/// What is copied in one of the next frames.
pub fn copied(window: &mut Window) -> String {
    let begun = Instant::now();
    loop {
        window.harness.step();
        let commands = &window.harness.output().platform_output.commands;
        let text = commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        });
        if let Some(text) = text {
            return text;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "nothing was copied");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Chooses a form in the menu Edit.
fn copy_as(window: &mut Window, form: &str) -> String {
    window.click(Role::Button, "Edit");
    window.click(Role::MenuItem, "Copy as");
    window.harness.get_by_role_and_label(Role::MenuItem, form).click();
    copied(window)
}

#[test]
fn one_entry_is_copied_in_every_form() {
    let mut window = window();
    let location = window.models().facts.location.clone();
    let shell = format!(r#"keyglass set '{location}' '["users", "ada"]' '{{credit: 20}}'"#);
    for (form, expected) in [
        ("Key as JavaScript", ADA),
        (
            "Key as JSON",
            r#"[{"type":"string","value":"users"},{"type":"string","value":"ada"}]"#,
        ),
        ("Value as JavaScript", "{credit: 20}"),
        (
            "Entry as JavaScript",
            r#"{key: ["users", "ada"], value: {credit: 20}}"#,
        ),
        (
            "Entry as Deno code",
            r#"await kv.set(["users", "ada"], {credit: 20});"#,
        ),
        (
            "Entry as Rust code",
            "use keyglass_store::value::literal;\n\nkv.set([\"users\", \"ada\"], literal::parse(\"{credit: 20}\")?)?;",
        ),
        ("Entry as command line", &shell),
    ] {
        assert_eq!(copy_as(&mut window, form), expected);
        window.settle();
    }
    assert_eq!(window.notices()[0], "Copied 1 key as JavaScript");
    assert_eq!(window.notices()[4], "Copied 1 entry as Deno code");
}

#[test]
fn all_selected_entries_are_copied_together() {
    let mut window = window();
    window
        .harness
        .get_by_role_and_label(Role::Row, BOB)
        .click_modifiers(Modifiers::SHIFT);
    window.harness.run_ok();
    window.click(Role::Link, "Copy…");
    window
        .harness
        .get_by_role_and_label(Role::MenuItem, "Entry as Deno code")
        .click();
    assert_eq!(
        copied(&mut window),
        "await kv.set([\"users\", \"ada\"], {credit: 20});\nawait kv.set([\"users\", \"bob\"], 1);\n"
    );
    window.settle();
    window
        .harness
        .key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::K);
    assert_eq!(copied(&mut window), format!("[\n  {ADA},\n  {BOB},\n]"));
    window.settle();
    assert_eq!(
        window.notices(),
        ["Copied 2 entries as Deno code", "Copied 2 keys as JavaScript"]
    );
}

#[test]
fn the_entry_panel_copies_and_watches_what_it_shows_whatever_is_selected() {
    let mut window = window();
    window
        .harness
        .get_by_role_and_label(Role::Row, BOB)
        .click_modifiers(Modifiers::SHIFT);
    window.settle();
    window.click(Role::Link, "Copy as…");
    look(&mut window, "copy-shown");
    let choose = |window: &mut Window, form: &str| {
        window.harness.get_by_role_and_label(Role::MenuItem, form).click();
        copied(window)
    };
    assert_eq!(
        choose(&mut window, "Entry as Deno code"),
        r#"await kv.set(["users", "bob"], 1);"#
    );
    window.settle();
    window.click(Role::Link, "Copy as…");
    assert_eq!(
        choose(&mut window, "Key as bytes"),
        "02 75 73 65 72 73 00 02 62 6f 62 00"
    );
    window.settle();
    window.click(Role::Button, "More for this entry");
    look(&mut window, "more-shown");
    assert_eq!(choose(&mut window, "Copy key"), BOB);
    window.settle();
    window.click(Role::Button, "More for this entry");
    window.click(Role::MenuItem, "Watch");
    let session = window.session();
    let [watched] = session.models.watch.watched() else {
        panic!("one entry is watched");
    };
    assert_eq!(watched.target, Target::Below(key(BOB)));
}

#[test]
fn a_text_that_is_being_edited_is_copied_as_it_is() {
    let mut window = window();
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "{credit: 2");
    window.press(Modifiers::NONE, Key::Escape);
    window.click(Role::Button, "Edit");
    window
        .harness
        .get_by_role_and_label(Role::MenuItem, "Copy value")
        .click();
    assert_eq!(copied(&mut window), "{credit: 2");
}

#[test]
fn more_than_can_be_pasted_is_refused_with_the_way_out() {
    let keys: Vec<String> = (0..10_001).map(|number| format!("[{number}]")).collect();
    let database = {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("many.kg");
        let store = crate::harness::new_store(&path);
        for batch in keys.chunks(1000) {
            let operation = batch
                .iter()
                .fold(keyglass_store::AtomicOperation::new(), |operation, text| {
                    let value = keyglass::model::draft::parse_value("1").unwrap();
                    operation.set(key(text), value)
                });
            crate::harness::commit(&store, operation);
        }
        drop(store);
        let location = path.to_string_lossy().into_owned();
        Window::sized([1280.0, 800.0], egui::Theme::Dark, Some(location), folder)
    };
    let mut window = database;
    window.until("all rows", |app| {
        app.session().is_some_and(|session| {
            session.models.entries.is_complete() && session.models.entries.num_rows() == 10_001
        })
    });
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::K);
    window.until("the refusal", |app| !app.notices().log().is_empty());
    assert_eq!(
        window.notices(),
        ["Not copied: more than 10,000 entries are selected. Export them to a file instead"]
    );
}

#[test]
fn everything_below_a_prefix_is_copied() {
    let mut window = window();
    window
        .harness
        .get_by_role_and_label(Role::TreeItem, r#""users""#)
        .click_secondary();
    window.harness.run_ok();
    window.click(Role::MenuItem, "Copy all as");
    window
        .harness
        .get_by_role_and_label(Role::MenuItem, "Entry as JavaScript")
        .click();
    assert_eq!(
        copied(&mut window),
        "[\n  {key: [\"users\", \"ada\"], value: {credit: 20}},\n  {key: [\"users\", \"bob\"], value: 1},\n]"
    );
}

#[test]
fn the_trees_menu_copies_a_key_as_javascript_too() {
    let mut window = Window::on_folder(&[("[u8[01 ff]]", "1")]);
    let row = window.harness.get_by_role_and_label(Role::TreeItem, "u8[01 ff]");
    row.click_secondary();
    window.harness.run_ok();
    window
        .harness
        .get_by_role_and_label(Role::MenuItem, "Copy key")
        .click();
    assert_eq!(copied(&mut window), "[new Uint8Array([1, 255])]");
}
