//! The page that is shown while no database is open.

use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::model::welcome::Standing;
use sha2::{Digest as _, Sha256};

use crate::harness::{Window, data, look};

/// A window without a database, whose folder holds a project with a store of its own in Deno's directory.
pub fn window() -> Window {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("projects").join("bakery");
    std::fs::create_dir_all(&project).unwrap();
    let file = project.join("deno.json");
    std::fs::write(&file, "{}").unwrap();
    let url = format!("file://{}", std::fs::canonicalize(file).unwrap().display());
    let hash: String = Sha256::digest(url)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let stores = folder.path().join("deno/location_data");
    for name in [hash, "0".repeat(64)] {
        std::fs::create_dir_all(stores.join(&name)).unwrap();
        std::fs::copy(data("shop.sqlite3"), stores.join(name).join("kv.sqlite3")).unwrap();
    }
    let mut window = Window::sized([1100.0, 700.0], Theme::Dark, None, folder);
    window.until("Deno's own stores", |app| app.found().is_some());
    window
}

#[test]
fn denos_own_stores_are_named_by_project_and_opened() {
    let mut window = window();
    assert!(window.shows("Deno's own stores on this machine"));
    let stores = window.harness.state().found().unwrap().own_stores.clone();
    let names: Vec<_> = stores.iter().map(|store| store.project.as_deref()).collect();
    assert_eq!(names, [Some("bakery"), None]);
    window.click(Role::Button, &format!("Open {}", stores[0].location));
    window.until("the store", |app| app.session().is_some());
    assert_eq!(window.notices(), Vec::<String>::new());
}

#[test]
fn a_recent_database_that_is_gone_says_so_and_is_taken_off_the_list() {
    let mut window = window();
    let stay = window.folder.path().join("stay.sqlite3");
    let gone = window.folder.path().join("gone.sqlite3");
    for path in [&stay, &gone] {
        std::fs::copy(data("shop.sqlite3"), path).unwrap();
        let open = keyglass::action::Action::App(keyglass::action::AppAction::Open(
            path.to_string_lossy().into_owned(),
        ));
        let ctx = window.harness.ctx.clone();
        window.harness.state_mut().execute(open, &ctx);
        window.until("the database", |app| app.session().is_some());
        if path == &gone {
            std::fs::remove_file(path).unwrap();
        }
        window.press(egui::Modifiers::COMMAND, egui::Key::W);
    }
    // The page looks again each time it comes up.
    let at = gone.to_string_lossy().into_owned();
    window.until("the look", move |app| {
        app.found().unwrap().recent.get(&at) == Some(&Standing::Missing)
    });
    let open = format!("Open {}", gone.display());
    assert!(
        window
            .harness
            .get_by_role_and_label(Role::Button, &open)
            .accesskit_node()
            .is_disabled()
    );
    window.click(Role::Button, "Take gone.sqlite3 off this list");
    assert!(!window.shows(&open));
    let other = format!("Open {}", stay.display());
    let node = window.harness.get_by_role_and_label(Role::Button, &other);
    assert!(!node.accesskit_node().is_disabled());
}

#[test]
fn the_first_window_shows_the_sample_and_says_so_and_the_page_behind_it_explains() {
    let mut window = Window::first();
    window.until("the sample", |app| app.session().is_some());
    window.settle();
    assert!(window.shows("This is the sample: a small shop to try everything on"));
    look(&mut window, "first");
    window.press(egui::Modifiers::COMMAND, egui::Key::W);
    window.settle();
    look(&mut window, "first-page");
    for title in ["Browse", "Edit", "Watch", "Transact", "Recent"] {
        assert!(window.shows(title), "{title}");
    }
}
