//! The tree while others change what it shows.

use egui::accesskit::Role;

use crate::harness::{Window, commit, key, set};

#[test]
fn rows_stay_where_they_are_when_keys_come_and_go_above_them() {
    let entries: Vec<(String, &str)> = (100..200).map(|number| (format!("[{number}]"), "1")).collect();
    let entries: Vec<(&str, &str)> = entries.iter().map(|(key, value)| (&key[..], *value)).collect();
    let mut window = Window::on_folder(&entries);
    let session = window.harness.state_mut().session_mut().unwrap();
    session.go_to(key("[180]"));
    window.settle();
    let top = |window: &Window| {
        let session = window.harness.state().session().unwrap();
        session.view.tree_top.clone().unwrap()
    };
    let (first, before) = top(&window);
    assert!(before > 0);
    commit(
        &*window.database(),
        set("[1]", "1").set(key("[2]"), keyglass::model::draft::parse_value("2").unwrap()),
    );
    window.until("the new keys", |app| {
        app.session().unwrap().entries.num_rows() == 102
    });
    window.settle();
    assert_eq!(top(&window), (first.clone(), before + 2));
    commit(
        &*window.database(),
        keyglass_store::AtomicOperation::new().delete(key("[1]")),
    );
    window.until("the delete", |app| {
        app.session().unwrap().entries.num_rows() == 101
    });
    window.settle();
    assert_eq!(top(&window), (first, before + 1));
    assert!(window.harness.state().session().unwrap().tree.selected == Some(key("[180]")));
    window.click(Role::TreeItem, "180");
}
