//! Changes that others make.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass_store::database::Before;
use keyglass_store::{AtomicOperation, Change, FeedEvent, Versionstamp};

use keyglass::model::watch::TimelineRow;

use crate::harness::{Window, commit, data, key, look, set};
use crate::troubled::Trouble;

#[test]
fn a_change_of_another_thread_flashes_in_tree_table_and_entry() {
    let mut window = Window::on_folder(&[(r#"["a", 1]"#, "1"), (r#"["b", 1]"#, "1")]);
    window.click(Role::Row, r#"["a", 1]"#);
    window.settle();
    commit(
        &*window.database(),
        set(r#"["a", 1]"#, "{changed: true}").set(
            key(r#"["a", 2]"#),
            keyglass::model::draft::parse_value("2").unwrap(),
        ),
    );
    window.until("the change", |app| {
        app.session()
            .unwrap()
            .models
            .panel
            .entry()
            .is_some_and(|entry| entry.versionstamp.counter() > 2)
            && app.session().unwrap().models.entries.num_rows() == 3
    });
    window.settle();
    let session = window.session();
    assert!(session.models.tree.flashes.is_marked(&key(r#"["a"]"#)));
    assert!(session.models.entries.flashes.is_marked(&key(r#"["a", 1]"#)));
    assert_eq!(session.models.entries.row(1).unwrap().key, key(r#"["a", 2]"#));
    // The mark goes by itself.
    window.pass(2000);
    window.settle();
    assert!(
        !window
            .session()
            .models
            .entries
            .flashes
            .is_marked(&key(r#"["a", 1]"#))
    );
}

#[test]
fn deleted_keys_leave_the_tree_and_the_table() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1"), (r#"["b", 1]"#, "1"), (r#"["b", 2]"#, "1")]);
    commit(
        &*window.database(),
        AtomicOperation::new()
            .delete(key(r#"["b", 1]"#))
            .delete(key(r#"["b", 2]"#)),
    );
    window.until("the deletes", |app| {
        app.session().unwrap().models.entries.num_rows() == 1
    });
    window.settle();
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::TreeItem, r#""b""#)
            .is_none()
    );
    assert!(window.shows("1 key"));
}

#[test]
fn a_change_of_a_deno_file_by_another_connection_is_noticed() {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    let path = window.folder.path().join("shop.sqlite3");
    let other = rusqlite::Connection::open(path).unwrap();
    other
        .execute_batch(
            "begin immediate; update data_version set version = version + 1;
             insert into kv (k, v, v_encoding, version) select x'0261616100', x'ff0f4954', 1, version from data_version;
             commit;",
        )
        .unwrap();
    window.until("the new key", |app| {
        app.session().unwrap().models.entries.num_rows() == 1947
    });
    window.settle();
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::TreeItem, r#""aaa""#)
            .is_some()
    );
    assert!(
        window
            .session()
            .models
            .entries
            .flashes
            .is_marked(&key(r#"["aaa"]"#))
    );
}

#[test]
fn in_a_file_too_large_to_name_its_changes_those_that_are_watched_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sqlite3");
    std::fs::copy(data("shop.sqlite3"), &path).unwrap();
    let mut other = rusqlite::Connection::open(&path).unwrap();
    let filling = other.transaction().unwrap();
    let mut insert = filling
        .prepare("insert into kv (k, v, v_encoding, version) values (?, x'ff0f4954', 1, 1)")
        .unwrap();
    for number in 0..200_000 {
        let name = key(&format!(r#"["zz", {number}]"#));
        insert.execute([name.as_bytes()]).unwrap();
    }
    drop(insert);
    filling.commit().unwrap();
    let location = path.to_string_lossy().into_owned();
    let mut window = Window::sized([1280.0, 800.0], egui::Theme::Dark, Some(location), folder);
    window.until("the first rows", |app| {
        app.session()
            .is_some_and(|session| session.models.tree.num_rows() > 0)
    });
    window.settle();
    window.click(Role::TreeItem, r#""counters""#);
    window.press(Modifiers::COMMAND, Key::B);

    let events = |window: &Window| {
        let watch = &window.session().models.watch;
        watch.events().cloned().collect::<Vec<_>>()
    };
    let name = key(r#"["counters", "new"]"#);
    while events(&window).len() < 2 {
        let commit = other.transaction().unwrap();
        commit
            .execute("update data_version set version = version + 1", [])
            .unwrap();
        commit
            .execute(
                "insert or replace into kv (k, v, v_encoding, version)
                 select ?, x'ff0f4954', 1, version from data_version",
                [name.as_bytes()],
            )
            .unwrap();
        commit.commit().unwrap();
        window.harness.step();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let events = events(&window);
    assert!(events.iter().all(|event| event.key == name));
    assert!(matches!(
        (&events[1].before, &events[1].after),
        (Before::Entry(_), Some(_))
    ));
    assert!(events[1].versionstamp > events[0].versionstamp);
    // What is listed shows it, too.
    window.until("the row", |app| {
        let entries = &app.session().unwrap().models.entries;
        (0..entries.num_rows()).any(|row| entries.row(row).is_some_and(|row| row.key == name))
    });
}

#[test]
fn a_burst_in_a_deno_file_ends_in_what_is_there_and_the_timeline_says_how_much_it_leaves_out() {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    let path = window.folder.path().join("shop.sqlite3");
    window.click(Role::TreeItem, r#""counters""#);
    window.press(Modifiers::COMMAND, Key::B);
    window.settle();
    let num_rows = |app: &keyglass::app::App| app.session().unwrap().models.entries.num_rows();
    let before = num_rows(window.harness.state());
    let mut other = rusqlite::Connection::open(path).unwrap();
    let burst = other.transaction().unwrap();
    burst
        .execute("update data_version set version = version + 1", [])
        .unwrap();
    for number in 0..10_001 {
        let name = key(&format!(r#"["counters", {number}]"#));
        let insert =
            "insert into kv (k, v, v_encoding, version) select ?, x'ff0f4954', 1, version from data_version";
        burst.execute(insert, [name.as_bytes()]).unwrap();
    }
    burst.commit().unwrap();
    window.until("all of its rows", |app| {
        app.session().unwrap().models.watch.rows().len() == 1 && num_rows(app) == before + 10_001
    });
    let rows = window.session().models.watch.rows();
    assert_eq!(
        rows[0].sentence().unwrap(),
        "10,001 changes were missed here, perhaps also of keys that are not watched"
    );
}

#[test]
fn the_timeline_shows_before_and_after() {
    let mut window = Window::on_folder(&[(r#"["a", 1]"#, "1"), (r#"["b", 1]"#, "1")]);
    window.click(Role::TreeItem, r#""a""#);
    window.press(Modifiers::COMMAND, Key::B);
    window.settle();
    commit(&*window.database(), set(r#"["a", 1]"#, "2"));
    commit(&*window.database(), set(r#"["b", 1]"#, "2"));
    commit(
        &*window.database(),
        AtomicOperation::new().delete(key(r#"["a", 1]"#)),
    );
    window.until("both changes", |app| {
        app.session().unwrap().models.watch.events().count() == 2
    });
    window.settle();
    let session = window.session();
    let keys: Vec<String> = session
        .models
        .watch
        .events()
        .map(|event| event.key.to_string())
        .collect();
    assert_eq!(keys, [r#"["a", 1]"#, r#"["a", 1]"#]);
    assert_eq!(
        window
            .harness
            .query_all_by_role_and_label(Role::Row, r#"["a", 1]"#)
            .count(),
        2
    );
}

#[test]
fn rows_of_the_table_stay_where_they_are_when_keys_come_above_them() {
    let entries: Vec<(String, &str)> = (100..200).map(|number| (format!("[{number}]"), "1")).collect();
    let entries: Vec<(&str, &str)> = entries.iter().map(|(key, value)| (&key[..], *value)).collect();
    let mut window = Window::on_folder(&entries);
    let place = |window: &Window, name: &str| {
        let row = window.harness.get_by_role_and_label(Role::Row, name);
        row.rect().center()
    };
    // The row under the pointer, also at the very top.
    let pointer = place(&window, "[110]");
    window.harness.hover_at(pointer);
    window.harness.run_ok();
    commit(&*window.database(), set("[1]", "1"));
    window.until("the new key", |app| {
        app.session().unwrap().models.entries.num_rows() == 101
    });
    window.settle();
    assert_eq!(place(&window, "[110]"), pointer);

    // The first row on screen, wherever the pointer is.
    window.harness.hover_at(egui::pos2(100.0, 400.0));
    window.click(Role::Row, "[110]");
    window.press(Modifiers::NONE, Key::End);
    window.settle();
    window.harness.hover_at(egui::pos2(100.0, 400.0));
    window.harness.run_ok();
    let before = place(&window, "[190]");
    commit(
        &*window.database(),
        set("[2]", "1").set(key("[199.5]"), keyglass::model::draft::parse_value("1").unwrap()),
    );
    window.until("the new keys", |app| {
        app.session().unwrap().models.entries.num_rows() == 103
    });
    window.settle();
    assert_eq!(place(&window, "[190]"), before);

    // At the top new rows are shown.
    window.press(Modifiers::NONE, Key::Home);
    window.settle();
    window.harness.hover_at(egui::pos2(100.0, 400.0));
    window.harness.run_ok();
    commit(&*window.database(), set("[0]", "1"));
    window.until("the first key", |app| {
        app.session().unwrap().models.entries.num_rows() == 104
    });
    window.settle();
    assert!(place(&window, "[0]").y < place(&window, "[1]").y);
    // Another order begins anew.
    window.click(Role::Button, "reverse");
    window.settle();
    assert!(place(&window, "[199.5]").y < place(&window, "[199]").y);
}

#[test]
fn a_timeline_says_how_many_changes_are_missing_where_they_are_and_which_commit_deleted() {
    let operations = [set("[1]", "1")].into_iter();
    let (mut window, trouble) = Window::on_troubled_after(operations, Trouble::tell_for_it);
    window.press(Modifiers::COMMAND, Key::Num2);
    window.click(Role::Link, "Watch all keys");
    let stood = window.database().get(&key("[1]")).unwrap().unwrap();
    let change = |counter, after| Change {
        key: key("[1]"),
        versionstamp: Versionstamp::from_counter(counter),
        before: Before::Unknown,
        after,
    };
    trouble.tell(FeedEvent::Changes(vec![change(1, Some(stood))]));
    trouble.tell(FeedEvent::Lagged { missed: Some(1200) });
    window.settle();
    trouble.tell(FeedEvent::Changes(vec![change(0xabc, None)]));
    window.settle();
    let session = window.session();
    let rows: Vec<_> = session
        .models
        .watch
        .rows()
        .iter()
        .map(TimelineRow::sentence)
        .collect();
    let missing = "1,200 changes were missed here";
    assert_eq!(rows, [None, Some(missing.to_owned()), None]);
    assert!(window.shows(missing));
    let deleted = window
        .harness
        .query_all_by_role_and_label(Role::Row, "[1]")
        .next();
    deleted.unwrap().hover();
    // A tooltip comes after the pointer has rested for a while.
    (0..400).for_each(|_| window.harness.step());
    look(&mut window, "missed-changes");
    let labels = window.harness.query_all_by_role(Role::Label);
    let mut texts = labels.filter_map(|label| label.accesskit_node().value());
    assert!(texts.any(|text| text.starts_with("Deleted by versionstamp 0000000000000abc0000")));
}
