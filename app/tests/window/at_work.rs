//! A picture of the window at work, as its design shows it: two databases, changes from outside, an edit in the tree
//! of a value, and a transaction.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;
use keyglass::model::draft::parse_value;
use keyglass_store::AtomicOperation;

use crate::harness::{NOW, Window, commit, key, set};
use crate::pictures::snapshot;

const MAGNET: &str = r#"["orders", 42n]"#;
const ADA: &str = r#"["users", "ada"]"#;

/// A shop with entries of many types.
fn shop() -> Vec<(String, String)> {
    let mut entries: Vec<(String, String)> = [
        ("[u8[01 ff], 1]", "true"),
        ("['chat', 'general', 1]", "'hello'"),
        (
            "['orders', 40n]",
            "{total: 99.5, items: ['anvil'], at: new Date(1767604442120), paid: true}",
        ),
        (
            "['orders', 41n]",
            "{total: 12.5, items: ['rope', 'tnt'], at: new Date(1767604442120), paid: true}",
        ),
        ("['orders', 43n]", "new Map([['anvil', 1], ['rope', 4]])"),
        (
            "['orders', 44n]",
            "{total: 300, items: ['anvil', 'rope', 'tnt'], paid: false}",
        ),
        ("['orders', 45n, 'note']", "'gift wrap, please — läuft '"),
        (
            "['orders', 46n]",
            "new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])",
        ),
        ("['orders', 47n]", "new Deno.KvU64(18446744073709551615n)"),
        ("['orders', 48n]", "new Date(1795343467120)"),
        ("['preferences', 'theme']", "'dark'"),
        ("['stock', 'anvil']", "new Deno.KvU64(118n)"),
        ("['stock', 'magnet']", "new Deno.KvU64(118n)"),
        ("['stock', 'rope']", "new Deno.KvU64(40n)"),
        (ADA, "{credit: 20}"),
        ("['users', 'bob']", "{credit: 3.5}"),
        ("[2026, 1]", "null"),
        ("[true]", "-0"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    entries.extend((0..365).map(|day| (format!("['sessions', {day}]"), "{}".to_owned())));
    entries
}

/// Types the value of the transaction's last row.
fn type_last(window: &mut Window, text: &str) {
    let fields = window
        .harness
        .query_all_by_role_and_label(Role::TextInput, "Value of the operation");
    fields.last().unwrap().click();
    window.harness.run_ok();
    window.harness.event(egui::Event::Text(text.to_owned()));
    window.harness.run_ok();
}

fn at_work(theme: Theme) -> Window {
    let entries = shop();
    let entries: Vec<(&str, &str)> = entries
        .iter()
        .map(|(key, value)| (&key[..], &value[..]))
        .collect();
    let mut window = Window::on_folder(&entries);
    window.harness.ctx.set_theme(theme);
    let magnet =
        parse_value("{total: 9, items: ['magnet'], paid: false, at: new Date(1767604442120)}").unwrap();
    let expiring = AtomicOperation::new().set_expiring(key(MAGNET), magnet, Some(NOW + 4 * 60_000 + 30_000));
    commit(&*window.database(), expiring);
    drop(window.new_store("staging.kg"));
    crate::databases::open(&mut window, "staging.kg");
    window.press(Modifiers::COMMAND, Key::PageUp);
    window.press(Modifiers::COMMAND, Key::T);
    window.session_mut().models.facts.title = "shop".to_owned();
    // A transaction: a check and a set, and a sum.
    window.session_mut().go_to(key(ADA));
    window.settle();
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "{credit: 10.25}");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    window.click(Role::Button, "Revert");
    let session = window.session_mut();
    session.go_to(key("['stock', 'magnet']"));
    window.settle();
    window.click(Role::Link, "+ sum");
    type_last(&mut window, "18446744073709551615n");
    // The entry that is edited.
    window.click(Role::DisclosureTriangle, r#"Expand "orders""#);
    window.settle();
    window.click(Role::TreeItem, r#""orders""#);
    window.settle();
    window.click(Role::Row, MAGNET);
    window.settle();
    window.click(Role::RadioButton, "Tree");
    window.harness.get_by_label("total: 9").click();
    window.harness.run_ok();
    window.press(Modifiers::NONE, Key::Enter);
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(egui::Event::Text("9.75".to_owned()));
    window.press(Modifiers::NONE, Key::Enter);
    // What somebody else changes meanwhile, when the marks of what was changed before are gone.
    window.pass(2000);
    let order = set(
        "['orders', 44n]",
        "{total: 310.25, items: ['anvil', 'rope', 'tnt'], paid: true}",
    );
    let anvil = parse_value("new Deno.KvU64(117n)").unwrap();
    commit(&*window.database(), order.set(key("['stock', 'anvil']"), anvil));
    window.until("the changes", |app| {
        app.session().unwrap().models.facts.changed_at.is_some()
    });
    window
}

#[test]
fn the_window_at_work_looks_as_kept() {
    snapshot(&mut at_work(Theme::Dark), "work-dark");
}

#[test]
fn the_window_at_work_in_the_light_looks_as_kept() {
    snapshot(&mut at_work(Theme::Light), "work-light");
}
