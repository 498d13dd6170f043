//! What happens when a database or the window is closed.

use std::process::Command;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use keyglass::model::notices::NoticeKind;

use crate::harness::Window;

const WORD: &str = "Its last changes stay in the -wal beside it: kv";

#[test]
fn what_a_database_has_to_say_when_it_is_closed_is_a_notice_and_found_out_in_the_background() {
    let (mut window, trouble) = Window::on_troubled(&[("[1]", "1")]);
    trouble.set_word(WORD);
    window.press(Modifiers::COMMAND, Key::W);
    assert_eq!(window.notices(), [WORD]);
    let log = window.harness.state().notices().log();
    assert_eq!(log.back().unwrap().kind, NoticeKind::Warning);
    let asking = trouble.asked_for_word();
    assert_eq!(asking.len(), 1);
    assert_ne!(asking[0], std::thread::current().id());
}

/// Set in the process that the next test starts.
const CHILD: &str = "KEYGLASS_TEST_PARTING";

#[test]
fn what_a_database_has_to_say_when_the_window_is_closed_goes_to_stderr() {
    let name = "parting::what_a_database_has_to_say_when_the_window_is_closed_goes_to_stderr";
    if std::env::var_os(CHILD).is_some() {
        let (window, trouble) = Window::on_troubled(&[("[1]", "1")]);
        trouble.set_word(WORD);
        drop(window);
        return;
    }
    let this = std::env::current_exe().unwrap();
    let child = Command::new(this)
        .args(["--exact", name])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{stderr}");
    assert_eq!(stderr.lines().filter(|line| *line == WORD).count(), 1, "{stderr}");
}

#[test]
fn an_export_that_runs_when_the_window_is_closed_leaves_no_file_behind() {
    let (mut window, trouble) = Window::on_troubled(&[("[1]", "1"), ("[2]", "2")]);
    trouble.hold("export");
    window.press(Modifiers::COMMAND, Key::E);
    window
        .harness
        .get_by_role_and_label(Role::Button, "Export…")
        .click();
    let folder = window.folder.path().to_owned();
    let half_written = || {
        let files = std::fs::read_dir(&folder).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".keyglass-")).count()
    };
    while half_written() == 0 {
        window.harness.step();
    }
    let Window {
        harness,
        folder: _folder,
        ..
    } = window;
    std::thread::scope(|scope| {
        // The job goes on when the window has begun to close.
        scope.spawn(|| {
            while trouble.asked_for_word().is_empty() {
                std::thread::yield_now();
            }
            trouble.let_go();
        });
        drop(harness);
        assert_eq!(half_written(), 0);
    });
}
