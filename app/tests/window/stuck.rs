//! A database that answers nothing for a while, as one does that lies on a slow disk or behind a network.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use keyglass_store::Writing;

use crate::harness::{Window, look};

const CODE: &str = "Value as JavaScript";

/// Presses keys and draws what follows, without waiting for any thread.
fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.harness.key_press_modifiers(modifiers, key);
    window.harness.run_ok();
}

fn click(window: &mut Window, role: Role, name: &str) {
    window.harness.get_by_role_and_label(role, name).click();
    window.harness.run_ok();
}

fn is_writable(window: &Window) -> bool {
    window.models().facts.is_writable()
}

#[test]
fn no_frame_waits_for_a_database_that_does_not_answer() {
    let (mut window, trouble) = Window::on_troubled(&[("[1]", "1"), ("[2]", "2"), ("['a', 3]", "3")]);
    window.click(Role::Row, "[1]");
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, CODE, "10");
    trouble.fail_after(0);
    trouble.get_stuck();
    // A save, which will fail, and a transaction.
    press(&mut window, Modifiers::COMMAND, Key::S);
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    press(&mut window, Modifiers::COMMAND, Key::Enter);
    // Whatever is looked at.
    press(&mut window, Modifiers::NONE, Key::F5);
    for middle in [Key::Num2, Key::Num3, Key::Num4, Key::Num1] {
        press(&mut window, Modifiers::COMMAND, middle);
    }
    click(&mut window, Role::Row, "[2]");
    click(&mut window, Role::DisclosureTriangle, "Expand \"a\"");
    press(&mut window, Modifiers::COMMAND, Key::A);
    // A deletion, and an undo of nothing.
    press(&mut window, Modifiers::COMMAND, Key::Delete);
    click(&mut window, Role::Button, "Delete all");
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert!(is_writable(&window));
    click(&mut window, Role::Button, "Writable");
    assert!(
        !is_writable(&window),
        "it is told as locked, and nothing more is sent"
    );
    window.draw_until("the lock", |_| trouble.is_locked());
    look(&mut window, "stuck");
    assert!(!window.harness.state().is_idle());

    trouble.get_going();
    window.settle();
    assert_eq!(trouble.asked_by_watched(), [""; 0]);
    assert_eq!(window.database().capabilities().writing, Writing::Locked);
    assert!(!is_writable(&window));
    let entries = ["[1]", "[2]"].map(|key| window.database().get(&crate::harness::key(key)).unwrap());
    assert!(
        entries.iter().all(Option::is_some),
        "what waited was not written after all"
    );

    // It is unlocked again, and closed.
    window.click(Role::Row, "[1]");
    window.click(Role::Button, "Revert");
    trouble.get_stuck();
    click(&mut window, Role::Button, "Read-only");
    click(&mut window, Role::Button, "Allow writing");
    press(&mut window, Modifiers::COMMAND, Key::W);
    assert!(window.harness.state().session().is_none());
    assert_eq!(trouble.asked_by_watched(), [""; 0]);
    trouble.get_going();
}
