//! Ways into a comparison and out of it: menus, a cancel, a tab that closes, servers, and a guarded database.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::action::{Action, AppAction, DatabaseAction};
use keyglass::command::Command;
use keyglass::errand::CompareChoice;
use keyglass::model::comparison::{ComparisonPlan, ComparisonState};
use keyglass::model::mark::{Mark, MarkColor, Opening};
use keyglass::tokens::Keychain as _;
use keyglass_store::connect::{ServeOptions, Token};
use keyglass_store::remote::RemoteOptions;
use keyglass_store::{AtomicOperation, Database, EncodedKey};

use crate::by_protocol::tells;
use crate::comparison::{ADA, BOB, EVE, HERE, THERE, act, compare, is_done, open_other, row, window};
use crate::harness::{NOW, Window, commit, key, look, set};
use crate::troubled::{Trouble, Troubled};

/// What a thread is named that compares.
const COMPARES: &str = "compare";

/// A window on a database, with another one in a second tab that is held while it is compared.
fn beside_held() -> (Window, ComparisonPlan, Arc<Trouble>) {
    let mut window = Window::on_folder(HERE);
    let first = window.session().id;
    let store = window.new_store("held.kg");
    for (key, value) in THERE {
        commit(&store, set(key, value));
    }
    let many = (0..600).fold(AtomicOperation::new(), |operation, number| {
        let value = keyglass::model::draft::parse_value("1").unwrap();
        operation.set(key(&format!("['z', {number}]")), value)
    });
    commit(&store, many);
    let database = Troubled::new(store);
    let trouble = Arc::clone(&database.0.trouble);
    let shown = window.harness.state_mut().show_database(Arc::new(database));
    shown.unwrap();
    window.until_loaded();
    let other = window.session();
    let plan = ComparisonPlan {
        name: other.models.facts.title.clone(),
        other: Some(other.id),
        choice: CompareChoice {
            location: other.models.facts.location.clone(),
            prefix: EncodedKey::default(),
        },
    };
    act(&mut window, Action::App(AppAction::Activate(first)));
    trouble.hold(COMPARES);
    (window, plan, trouble)
}

/// Does something, and draws what follows, without waiting for any thread.
fn begin(window: &mut Window, action: Action) {
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(action, &ctx);
    window.harness.run_ok();
}

fn begin_comparison(window: &mut Window, plan: &ComparisonPlan) {
    let action = DatabaseAction::Compare(plan.clone());
    let id = window.session().id;
    begin(window, Action::On(id, action));
    window.harness.run_ok();
    assert!(window.models().comparison.job().is_some());
}

#[test]
fn a_comparison_is_cancelled_where_it_is_shown() {
    let (mut window, plan, trouble) = beside_held();
    begin_comparison(&mut window, &plan);
    assert!(tells(&window, "0 entries read"));
    look(&mut window, "comparison-under-way");
    window
        .harness
        .get_by_role_and_label(Role::Button, "Cancel")
        .click();
    window.harness.run_ok();
    trouble.let_go();
    window.until("the end of the comparison", is_done);
    assert!(tells(&window, "Cancelled, this is not all"));
    let compared = window.models().comparison.compared().unwrap();
    assert!(!compared.report.complete);
}

#[test]
fn a_comparison_goes_on_when_the_tab_of_the_other_database_is_closed() {
    let (mut window, plan, trouble) = beside_held();
    begin_comparison(&mut window, &plan);
    begin(&mut window, Action::App(AppAction::Close(plan.other.unwrap())));
    trouble.let_go();
    window.until("the end of the comparison", is_done);
    assert!(window.shows("closed"));
    assert!(window.shows(&row(BOB, "only here")) && window.shows(&row(EVE, "only there")));
    let compared = window.models().comparison.compared().unwrap();
    assert!(compared.report.complete);
    assert_eq!(compared.report.added, 601);
}

#[test]
fn what_is_cancelled_while_the_other_database_is_opened_is_not_compared() {
    let (mut window, location) = window("other.kg");
    let plan = ComparisonPlan {
        name: "other".to_owned(),
        other: None,
        choice: CompareChoice {
            location: location.clone(),
            prefix: EncodedKey::default(),
        },
    };
    let id = window.session().id;
    let ctx = window.harness.ctx.clone();
    let app = window.harness.state_mut();
    // Between two frames, so that nothing can have come of it yet.
    app.execute(Action::On(id, DatabaseAction::Compare(plan)), &ctx);
    app.execute(Action::On(id, DatabaseAction::CancelComparison), &ctx);
    window.settle();
    assert!(matches!(
        window.models().comparison.state(),
        ComparisonState::Cancelled
    ));
    assert!(window.shows("Cancelled before anything was compared"));
    compare(&mut window, &location);
    assert!(window.shows(&row(ADA, "different")));
}

#[test]
fn the_view_menu_shows_the_comparison_and_its_panel_asks_for_one() {
    let (mut window, location) = window("other.kg");
    window.choose("View", "Comparison");
    assert!(window.shows("Not compared with any database yet"));
    window.click(Role::Link, "Compare with…");
    window.enter(Role::TextInput, "Path or URL", &location);
    window.press(Modifiers::NONE, Key::Enter);
    window.until("the comparison", is_done);
    window.press(Modifiers::COMMAND, Key::Num1);
    assert!(!window.shows(&row(ADA, "different")));
    let id = window.session().id;
    act(&mut window, Action::command(Command::ShowComparison, Some(id)));
    assert!(window.shows(&row(ADA, "different")));
}

#[test]
fn the_menu_of_a_tab_compares_a_database_that_is_not_in_front() {
    let (mut window, location) = window("other.kg");
    open_other(&mut window, &location);
    let first = window.session().id;
    window
        .harness
        .get_by_role_and_label(Role::Tab, "other")
        .click_secondary();
    window.settle();
    look(&mut window, "tab-menu");
    window.click(Role::MenuItem, "Compare with…");
    window.click(Role::Link, "test");
    window.click(Role::Button, "Compare");
    window.until("the comparison", |app| {
        app.session().unwrap().id != first && is_done(app)
    });
    // The other way round.
    assert!(window.shows(&row(BOB, "only there")) && window.shows(&row(EVE, "only here")));
    // By keyboard, too.
    let tab = window.harness.get_by_role_and_label(Role::Tab, "test");
    tab.focus();
    window.harness.run_ok();
    window.press(Modifiers::SHIFT, Key::F10);
    assert!(window.shows("Back up…") && window.shows("Compare with…"));
}

#[test]
fn only_what_differs_in_nothing_but_its_expiry_is_counted_as_that() {
    let (mut window, location) = window("other.kg");
    let value = keyglass::model::draft::parse_value("7n").unwrap();
    let rope = r#"["stock", "rope"]"#;
    let expiring = AtomicOperation::new().set_expiring(key(rope), value, Some(NOW + 3_600_000));
    commit(&*window.database(), expiring);
    window.settle();
    compare(&mut window, &location);
    // Arrows go on within the group, and choose nothing by themselves.
    window
        .harness
        .get_by_role_and_label(Role::RadioButton, "All 4")
        .focus();
    window.harness.run_ok();
    window.press(Modifiers::NONE, Key::End);
    assert_eq!(window.models().comparison.num_shown(), 4);
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.models().comparison.num_shown(), 1);
    assert!(window.shows(&row(rope, "expiry only")));
    assert!(window.shows("Expiry 1") && window.shows("Different 1"));
}

#[test]
fn a_database_on_a_server_is_compared_after_a_question_with_its_expiries_or_without() {
    for (is_plain, has_expiry) in [(false, true), (true, false)] {
        let mut window = Window::on_folder(HERE);
        let first = window.session().id;
        let store: Arc<dyn Database> = Arc::new(window.new_store("served.kg"));
        for (key, value) in THERE {
            commit(&*store, set(key, value));
        }
        let token = Token::new("a-secret-that-is-never-told").unwrap();
        let options = ServeOptions::new()
            .listen("127.0.0.1:0".parse().unwrap())
            .token(token.clone());
        let server = options.serve(Arc::clone(&store)).unwrap();
        if is_plain {
            let options = RemoteOptions::new().clock(window.clock()).plain();
            let database = options.open(&server.url(), Some(&token)).unwrap();
            window.harness.state_mut().show_database(database).unwrap();
            window.until_loaded();
            act(&mut window, Action::App(AppAction::Activate(first)));
        } else {
            window.keychain.keep(&server.url(), &token).unwrap();
        }
        act(&mut window, Action::command(Command::CompareWith, Some(first)));
        window.enter(Role::TextInput, "Path or URL", &server.url());
        window.click(Role::Button, "Compare");
        assert!(window.shows("Compare all entries?"));
        window.click(Role::Button, "Compare");
        window.until("the comparison", is_done);
        for (key, kind) in [(ADA, "different"), (BOB, "only here"), (EVE, "only there")] {
            assert!(window.shows(&row(key, kind)), "{key}");
        }
        let compared = window.models().comparison.compared().unwrap();
        assert_eq!(compared.has_expiry(), has_expiry);
    }
}

#[test]
fn differences_are_put_into_a_guarded_database_by_its_name_alone() {
    let (mut window, location) = window("other.kg");
    open_other(&mut window, &location);
    let first = window.session().id;
    let sessions = window.harness.state().sessions();
    let other = sessions.iter().map(|session| session.id).find(|id| *id != first);
    let other = other.unwrap();
    let mark = Mark {
        name: "orders".to_owned(),
        label: "production".to_owned(),
        color: MarkColor::Red,
        opening: Opening::Guarded,
    };
    act(&mut window, Action::On(other, DatabaseAction::Mark(Some(mark))));
    compare(&mut window, &location);
    window.click(Role::Link, "Select all shown");
    let is_enabled = |window: &Window, name: &str| {
        let button = window.harness.get_by_role_and_label(Role::Button, name);
        !button.accesskit_node().is_disabled()
    };
    assert!(!is_enabled(&window, "Put there"), "it is locked");
    act(&mut window, Action::App(AppAction::Activate(other)));
    window.click(Role::Button, "Read-only");
    window.enter(Role::TextInput, "Name of the database", "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    act(&mut window, Action::App(AppAction::Activate(first)));
    look(&mut window, "comparison-guarded");
    window.click(Role::Button, "Put there");
    assert!(window.shows("Take differences over in bulk?"));
    assert!(!is_enabled(&window, "Make the draft"));
    look(&mut window, "comparison-guarded-question");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.session().id, first, "nothing happens without the name");
    window.enter(Role::TextInput, "Name of the database", "orders");
    window.click(Role::Button, "Make the draft");
    assert_eq!(window.session().id, other);
    assert!(!window.models().transaction.rows.is_empty());
    assert!(window.database().get(&key(BOB)).unwrap().is_none());
}
