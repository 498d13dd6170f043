//! Watches that notify: set by mouse and by keyboard, told in the window and by the system, and command lines that are run.

use std::fs;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::app::App;
use keyglass::model::watch::WatchModel;

use crate::harness::{Window, commit, look, new_store, set};
use crate::pictures::{dismiss_toast, snapshot};

const ROPE: &str = r#"["stock", "rope"]"#;
const STOCK: &str = r#"["stock"]"#;

fn watch(window: &Window) -> &WatchModel {
    &window.models().watch
}

/// A window that watches the stock.
fn watching() -> Window {
    let mut window = Window::on_folder(&[(ROPE, "{stock: 7}"), (r#"["users", "ada"]"#, "1")]);
    window.click(Role::TreeItem, "\"stock\"");
    window.press(Modifiers::COMMAND, Key::B);
    window.settle();
    assert_eq!(watch(&window).watched().len(), 1);
    window
}

/// Stores a value, and lets the time pass in which changes are gathered.
fn store(window: &mut Window, value: &str) {
    commit(&*window.database(), set(ROPE, value));
    window.settle();
    window.pass(1000);
    window.settle();
}

fn told(window: &Window) -> Vec<String> {
    let log = window.harness.state().notices().log().iter();
    log.map(|notice| notice.summary.clone()).collect()
}

/// Opens the dialog of the watch.
fn ask(window: &mut Window) {
    window.click(Role::Button, STOCK);
}

#[test]
fn a_condition_that_becomes_true_is_told_once_and_again_after_it_was_false() {
    let mut window = watching();
    ask(&mut window);
    window.click(Role::RadioButton, "A condition becomes true");
    assert!(window.shows("Type the condition, such as value.stock < 5"));
    window.enter(Role::TextInput, "Condition", "value.stock < 5");
    look(&mut window, "notify-dialog");
    window.click(Role::Button, "Notify");
    store(&mut window, "{stock: 6}");
    assert!(told(&window).is_empty());
    store(&mut window, "{stock: 4}");
    let low = format!("{ROPE}: value.stock < 5 has become true");
    assert_eq!(told(&window), [low.as_str()]);
    let notice = &window.harness.state().notices().log()[0];
    assert_eq!(notice.details, ["value.stock: 6 → 4"]);
    window.pass(60_000);
    store(&mut window, "{stock: 3}");
    assert_eq!(told(&window).len(), 1);
    store(&mut window, "{stock: 9}");
    store(&mut window, "{stock: 1}");
    window.pass(60_000);
    assert_eq!(
        told(&window).len() + usize::from(window.harness.state().notices().log()[0].times > 1),
        2
    );
}

#[test]
fn the_keyboard_sets_what_a_watch_does_and_takes_it_off() {
    let mut window = Window::on_folder(&[(ROPE, "{stock: 7}")]);
    window.click(Role::TreeItem, "\"stock\"");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::B);
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    let chip = window.harness.get_by_role_and_label(Role::Button, STOCK);
    let description = chip.accesskit_node().description();
    assert_eq!(description.as_deref(), Some("On any change: a notice"));
    chip.focus();
    window.settle();
    look(&mut window, "notify-mark");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    window.click(Role::Button, "Do not notify");
    assert!(watch(&window).notifications.iter().next().is_none());
    assert_eq!(watch(&window).watched().len(), 1);
    // From the palette, too.
    window.press(Modifiers::COMMAND, Key::P);
    window.settle();
    window
        .harness
        .event(egui::Event::Text("notify of changes".to_owned()));
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert!(window.shows("Tell it in this window"));
    window.press(Modifiers::NONE, Key::Escape);
    window.settle();
    assert!(!window.shows("Tell it in this window"));
}

#[test]
fn the_system_tells_it_while_the_window_is_not_in_front() {
    let mut window = watching();
    ask(&mut window);
    window.click(Role::CheckBox, "Tell it in this window");
    window.click(
        Role::CheckBox,
        "Tell it by the system, while the window is not in front",
    );
    window.click(Role::Button, "Notify");
    store(&mut window, "{stock: 6}");
    assert!(window.desktop.told().is_empty());
    window.pass(60_000);
    window.harness.input_mut().focused = false;
    store(&mut window, "{stock: 5}");
    let text = format!("{ROPE} was changed\nvalue.stock: 6 → 5");
    assert_eq!(window.desktop.told(), [("Keyglass: test".to_owned(), text)]);
    assert!(told(&window).is_empty());
    // Where there are none, the panel says so.
    window.desktop.go_missing();
    window.pass(60_000);
    store(&mut window, "{stock: 4}");
    let trouble = "The system shows no notifications (a test took them away)";
    window.until_shown(trouble);
    assert_eq!(watch(&window).no_system_notifications.as_deref(), Some(trouble));
}

#[cfg(unix)]
#[test]
fn a_command_line_is_run_with_the_change_and_what_became_of_it_is_shown() {
    let mut window = watching();
    let file = window.folder.path().join("told.json");
    ask(&mut window);
    window.click(Role::CheckBox, "Run a command line");
    let line = format!(
        "cat >> '{}'; echo \"$KEYGLASS_KEY has $KEYGLASS_CHANGES\"; exit 4",
        file.display()
    );
    window.enter(Role::TextInput, "Command line", &line);
    look(&mut window, "notify-command");
    window.click(Role::Button, "Notify");
    store(&mut window, "{stock: 6}");
    window.until("the command", |app: &App| {
        let watch = &app.session().unwrap().models.watch;
        watch.notifications.iter().any(|known| known.last_run.is_some())
    });
    let written = fs::read_to_string(&file).unwrap();
    let json: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!((&json["type"], &json["kind"]), (&"set".into(), &"changed".into()));
    assert_eq!(json["key"][1]["value"], "rope");
    let failed = format!("The command of the watch {STOCK} failed: exit code 4: {ROPE} has 1");
    assert!(told(&window).contains(&failed), "{:?}", told(&window));
    ask(&mut window);
    assert!(window.shows(&format!("Last run: exit code 4: {ROPE} has 1")));
}

#[test]
fn what_a_watch_does_is_there_again_after_a_restart() {
    let mut window = watching();
    ask(&mut window);
    window.click(Role::RadioButton, "A condition becomes true");
    window.enter(Role::TextInput, "Condition", "value.stock < 5");
    window.click(Role::Button, "Notify");
    window.pass(5000);
    let mut window = window.after_restart();
    window.until_loaded();
    window.press(Modifiers::COMMAND, Key::Num2);
    window.settle();
    let description = window
        .harness
        .get_by_role_and_label(Role::Button, STOCK)
        .accesskit_node()
        .description();
    assert_eq!(description.as_deref(), Some("When value.stock < 5: a notice"));
    store(&mut window, "{stock: 2}");
    assert_eq!(told(&window).len(), 1);
    look(&mut window, "notify-told");
}

/// The dialog of a watch that does all that it can, over changes of that watch.
fn asked(theme: Theme) -> Window {
    let folder = tempfile::tempdir().unwrap();
    let location = folder.path().join("shop.kg");
    let store = new_store(&location);
    commit(&store, set(ROPE, "{stock: 7}"));
    drop(store);
    let location = location.to_string_lossy().into_owned();
    let mut window = Window::sized([1100.0, 700.0], theme, Some(location), folder);
    window.until_loaded();
    window.click(Role::TreeItem, "\"stock\"");
    window.press(Modifiers::COMMAND, Key::B);
    ask(&mut window);
    window.click(Role::RadioButton, "A condition becomes true");
    window.enter(Role::TextInput, "Condition", "value.stock < 5");
    window.click(Role::Button, "Notify");
    for stock in [6, 4] {
        commit(&*window.database(), set(ROPE, &format!("{{stock: {stock}}}")));
        window.settle();
    }
    window.pass(1000);
    window.settle();
    // A click beside the dialog would close it.
    assert!(dismiss_toast(&window));
    window.settle();
    ask(&mut window);
    window.click(
        Role::CheckBox,
        "Tell it by the system, while the window is not in front",
    );
    window.click(Role::CheckBox, "Run a command line");
    window.enter(
        Role::TextInput,
        "Command line",
        "curl --data @- http://localhost:8000/low",
    );
    window.harness.hover_at(egui::pos2(1000.0, 600.0));
    window.harness.run_ok();
    window
}

#[test]
fn the_dialog_of_a_watch_looks_as_kept() {
    snapshot(&mut asked(Theme::Dark), "notify-dark");
}

#[test]
fn the_dialog_of_a_watch_in_the_light_looks_as_kept() {
    snapshot(&mut asked(Theme::Light), "notify-light");
}

#[test]
fn a_burst_is_one_notice_with_a_count() {
    let mut window = watching();
    ask(&mut window);
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    for number in 0..50 {
        commit(&*window.database(), set(ROPE, &format!("{{stock: {number}}}")));
    }
    window.settle();
    window.pass(1000);
    window.settle();
    assert_eq!(
        told(&window),
        [format!("50 changes of {STOCK}, the last of {ROPE}")]
    );
}
