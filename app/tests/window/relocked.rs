//! Locking one of Deno's files again ends what is being written to it, which says how much was done.

use std::ops::ControlFlow;
use std::sync::Arc;

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use keyglass::action::{Action, AppAction, DatabaseAction, DatabasePath, PathPurpose};
use keyglass::model::target::Target;
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{Database, EncodedKey, KeyRange};

use crate::deno_file::{ask, import, imported, unlocked, until_notices};
use crate::harness::Window;

const MANY: u32 = 20_000;

/// Clicks a button that begins a job on the database in front, and locks that as soon as something is done.
///
/// A frame at a time: until the window is at rest, the job would be done.
fn lock_while(window: &mut Window, button: &str, lock: impl FnOnce(&mut Window)) -> String {
    let before = window.notices().len();
    window.harness.get_by_role_and_label(Role::Button, button).click();
    let has_begun = |window: &Window| {
        let session = window.session();
        session.models.jobs.iter().any(|job| job.entries > 0)
    };
    while !has_begun(window) {
        assert_eq!(window.notices().len(), before, "it is done already");
        window.harness.step();
    }
    lock(window);
    until_notices(window, before + 1);
    window.notices().pop().unwrap()
}

fn lock(window: &mut Window) {
    ask(window, DatabaseAction::ToggleWritable);
}

/// The number of entries in a sentence.
fn number(told: &str) -> u64 {
    let digits = told.replace(',', "");
    let mut words = digits.split(|letter: char| !letter.is_ascii_digit());
    words.find(|word| !word.is_empty()).unwrap().parse().unwrap()
}

fn count(database: &dyn Database) -> u64 {
    let counted = database.count(&KeyRange::everything(), &mut |_| ControlFlow::Continue(()));
    counted.unwrap().entries
}

#[test]
fn an_import_ends_and_says_how_much_is_stored() {
    let mut window = unlocked();
    import(&mut window, MANY);
    let told = lock_while(&mut window, "Import 20,000 entries", lock);
    assert!(told.contains("read-only"), "{told}");
    let stored = imported(&window);
    assert!(stored > 0 && stored < u64::from(MANY), "{stored}");
    assert_eq!(number(&told), stored, "{told}");
}

#[test]
fn a_deletion_ends_and_says_how_many_are_gone() {
    let mut window = unlocked();
    import(&mut window, MANY);
    window.click(Role::Button, "Import 20,000 entries");
    until_notices(&mut window, 1);
    let shop = 1947;
    ask(
        &mut window,
        DatabaseAction::AskDeleteAll(Target::Below(EncodedKey::default())),
    );
    window.settle();
    let told = lock_while(&mut window, "Delete all", lock);
    assert!(told.contains("read-only"), "{told}");
    let left = count(&*window.database());
    assert!(left > 0);
    assert_eq!(number(&told), shop + u64::from(MANY) - left, "{told}");
}

#[test]
fn a_copy_to_it_ends_and_says_how_much_is_stored() {
    let mut window = unlocked();
    let path = window.folder.path().join("target.sqlite3");
    let target = DenoFile::create_with_clock(&path, window.clock()).unwrap();
    let target = Arc::new(target);
    import(&mut window, MANY);
    window.click(Role::Button, "Import 20,000 entries");
    until_notices(&mut window, 1);
    let from = window.session().id;
    let ctx = window.harness.ctx.clone();
    let app = window.harness.state_mut();
    app.show_database(target.clone()).unwrap();
    let to = app.session().unwrap().id;
    app.execute(Action::App(AppAction::Activate(from)), &ctx);
    let purpose = PathPurpose::On(from, DatabasePath::CopyTo);
    app.execute(Action::App(AppAction::UsePath(purpose, path)), &ctx);
    window.settle();
    let told = lock_while(&mut window, "Copy", |window| {
        let lock = Action::On(to, DatabaseAction::ToggleWritable);
        window.harness.state_mut().execute(lock, &ctx);
    });
    assert!(told.contains("read-only"), "{told}");
    let stored = count(&*target);
    assert!(stored > 0 && stored < u64::from(MANY), "{stored}");
    assert_eq!(number(&told), stored, "{told}");
}
