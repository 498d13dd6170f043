//! A folder that is only read, as it was when it was opened.

use std::sync::Arc;

use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass_store::embedded::OpenOptions;

use crate::harness::{Window, commit, look, new_store, set};

#[test]
fn a_folder_that_is_only_read_is_told_as_still_and_offers_no_change() {
    for (theme, name) in [(Theme::Dark, "still-dark"), (Theme::Light, "still-light")] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("theirs.kg");
        let store = new_store(&path);
        commit(&store, set("['a']", "1"));
        drop(store);
        let mut window = Window::sized([1100.0, 700.0], theme, None, folder);
        let store = OpenOptions::new()
            .clock(window.clock())
            .read_only(true)
            .open(&path)
            .unwrap();
        window.harness.state_mut().show_database(Arc::new(store)).unwrap();
        window.settle();
        assert!(window.shows("Still") && !window.shows("Live"));
        window.click(Role::Row, r#"["a"]"#);
        let delete = window.harness.get_by_role_and_label(Role::Link, "Delete…");
        assert!(delete.accesskit_node().is_disabled());
        look(&mut window, name);
    }
}
