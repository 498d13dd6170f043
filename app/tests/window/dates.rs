//! Choosing dates.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::model::draft::ExpiryDraft;

use crate::harness::{NOW, Window, key, look};

const EVENT: &str = r#"["event"]"#;

fn window(size: Option<[f32; 2]>) -> Window {
    let mut window =
        Window::on_folder(&[(EVENT, "{title: 'Talk', at: new Date('2026-11-05T18:30:15.250Z')}")]);
    if let Some(size) = size {
        window.harness.set_size(size.into());
    }
    window.click(Role::Row, EVENT);
    window.settle();
    window
}

fn date_row<'w>(window: &'w Window) -> egui_kittest::Node<'w> {
    window
        .harness
        .query_all_by_role(Role::TreeItem)
        .find(|row| {
            row.accesskit_node()
                .label()
                .is_some_and(|label| label.starts_with("at: "))
        })
        .unwrap()
}

fn stored(window: &Window) -> String {
    let entry = window.database().get(&key(EVENT)).unwrap().unwrap();
    entry.value.decode().unwrap().to_string()
}

#[test]
fn a_date_is_chosen_from_a_calendar_and_keeps_its_time() {
    let mut window = window(None);
    date_row(&window).click();
    window.harness.run_ok();
    window.press(Modifiers::NONE, Key::Enter);
    window.harness.run_ok();
    look(&mut window, "date-picker");
    window.click(Role::Button, "Month after");
    window.click(Role::Button, "24 December 2026");
    window.click(Role::Button, "Set date");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    assert_eq!(
        stored(&window),
        r#"{title: "Talk", at: new Date("2026-12-24T18:30:15.250Z")}"#
    );
}

#[test]
fn local_time_is_that_of_the_windows_zone_wherever_the_program_runs() {
    let mut window = window(None);
    date_row(&window).click();
    window.press(Modifiers::NONE, Key::Enter);
    window.click(Role::RadioButton, "Local");
    assert!(window.shows("2026-11-05 23:30:15.250 +05:00"));
    window.enter(Role::TextInput, "Date and time", "2026-11-06 01:00");
    assert!(window.shows("2026-11-05 20:00:00.000 +00:00"));
    window.click(Role::Button, "Set date");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    assert_eq!(
        stored(&window),
        r#"{title: "Talk", at: new Date("2026-11-05T20:00:00.000Z")}"#
    );
}

#[test]
fn a_date_is_typed_to_the_millisecond() {
    let mut window = window(Some([1100.0, 700.0]));
    date_row(&window).click_secondary();
    window.harness.run_ok();
    window.click(Role::MenuItem, "Choose date…");
    window.harness.run_ok();
    window.enter(Role::TextInput, "Date and time", "8640000000000000");
    look(&mut window, "date-far");
    window.enter(Role::TextInput, "Date and time", "tomorrow");
    look(&mut window, "date-wrong");
    assert!(window.shows("This is no date. Such as 2026-01-31 14:30:00.250, or milliseconds since 1970"));
    window.enter(Role::TextInput, "Date and time", "-1");
    window.press(Modifiers::NONE, Key::Enter);
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    assert_eq!(
        stored(&window),
        r#"{title: "Talk", at: new Date("1969-12-31T23:59:59.999Z")}"#
    );
}

#[test]
fn an_expiry_is_chosen_as_a_date_that_lies_ahead() {
    let mut window = window(None);
    window.click(Role::Link, "change");
    look(&mut window, "expiry-span");
    window.click(Role::MenuItemCheckBox, "in 1 minute");
    assert!(window.shows("1 min after saving · 12:01:00 UTC today"));
    window.click(Role::Link, "change");
    window.click(Role::RadioButton, "At a date");
    look(&mut window, "expiry-date");
    window.enter(Role::TextInput, "Date and time", "2020-01-01");
    window.click(Role::Button, "Expire then");
    assert_eq!(
        window.notices(),
        ["This moment has passed: 2020-01-01 00:00:00 UTC"]
    );
    window.enter(Role::TextInput, "Date and time", "2026-11-24 12:00");
    window.click(Role::Button, "Expire then");
    let session = window.session();
    let expiry = session.models.panel.current().unwrap().expiry;
    assert_eq!(expiry, ExpiryDraft::At(NOW + 86_400_000));
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| app.notices().log().len() == 2);
    let entry = window.database().get(&key(EVENT)).unwrap().unwrap();
    assert_eq!(entry.expires_at, Some(NOW + 86_400_000));
}
