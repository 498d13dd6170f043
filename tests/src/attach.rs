//! One folder in several processes: whoever has it first owns it, and the others attach.

use std::time::Duration;

use keyglass_store::attached::Attached;
use keyglass_store::{Clock, Database as _, DatabaseError, FeedEvent, Key, KeyRange};

use crate::data::Desk;
use crate::picture::Area;
use crate::program::{Running, keyglass, stdout_of, wait_for};
use crate::screen::Screen;
use crate::window::TREE;

const SOON: Duration = Duration::from_secs(60);

fn serve(desk: &Desk) -> Running {
    let serving = Running::start(
        keyglass(desk)
            .arg("serve")
            .arg(desk.path("shop.kg"))
            .args(["--listen", "127.0.0.1:0", "--token-file"])
            .arg(desk.path("token")),
    );
    serving.line_with("Serving ", SOON);
    serving
}

fn set(desk: &Desk, key: &str, value: &str) {
    stdout_of(
        keyglass(desk)
            .arg("set")
            .arg(desk.path("shop.kg"))
            .args([key, value]),
    );
}

fn ls(desk: &Desk) -> String {
    stdout_of(keyglass(desk).arg("ls").arg(desk.path("shop.kg")))
}

#[test]
fn commands_work_on_a_folder_that_is_served_or_watched() {
    let desk = Desk::new();
    let serving = serve(&desk);
    set(&desk, "[\"stock\", \"lamp\"]", "3");
    assert!(ls(&desk).contains("lamp"));
    let info = stdout_of(keyglass(&desk).arg("info").arg(desk.path("shop.kg")));
    assert!(info.contains("attached to keyglass"), "{info}");
    // A watch that is attached hears what another command commits through the owner.
    let watching = Running::start(
        keyglass(&desk)
            .arg("watch")
            .arg(desk.path("shop.kg"))
            .arg("--json"),
    );
    wait_for("a change", SOON, || {
        set(&desk, "[\"visitors\"]", "1");
        watching.has_line_with("visitors").then_some(())
    });
    watching.end();
    serving.end();
    assert!(!desk.path("shop.kg").join("attach.json").exists());
    // Nobody has it now; and then a watch does.
    let watching = Running::start(keyglass(&desk).arg("watch").arg(desk.path("shop.kg")));
    wait_for("the owner", SOON, || {
        desk.path("shop.kg").join("attach.json").exists().then_some(())
    });
    wait_for("a change", SOON, || {
        set(&desk, "[\"chat\"]", "'hello'");
        watching.has_line_with("hello").then_some(())
    });
    watching.end();
    assert!(ls(&desk).contains("chat"));
}

#[test]
fn an_owner_that_is_killed_is_told_as_gone_and_its_successor_is_found() {
    let desk = Desk::new();
    let serving = serve(&desk);
    set(&desk, "[\"kept\"]", "1");
    let attached = Attached::to_folder(&desk.path("shop.kg"), Clock::system()).unwrap();
    let feed = attached.changes(vec![KeyRange::everything()]).unwrap();
    let key = "[\"kept\"]".parse::<Key>().unwrap().encode().unwrap();
    let kept = attached.get(&key).unwrap();
    assert!(kept.is_some());
    serving.kill();
    assert_eq!(feed.recv_timeout(SOON), Ok(FeedEvent::Gone));
    assert!(matches!(
        attached.get(&key),
        Err(DatabaseError::Unreachable { .. })
    ));
    // What it left is known as a dead process's: others just open the folder.
    assert!(desk.path("shop.kg").join("attach.json").exists());
    assert!(ls(&desk).contains("kept"));
    assert!(!desk.path("shop.kg").join("attach.json").exists());
    let serving = serve(&desk);
    assert_eq!(feed.recv_timeout(SOON), Ok(FeedEvent::Lagged { missed: None }));
    assert_eq!(attached.get(&key).unwrap(), kept);
    set(&desk, "[\"after\"]", "2");
    assert!(matches!(feed.recv_timeout(SOON), Ok(FeedEvent::Changes(_))));
    drop(attached);
    serving.end();
}

#[test]
fn a_command_works_on_a_folder_that_a_window_has_open_and_the_window_shows_it() {
    let desk = Desk::new();
    for key in ["[\"a\"]", "[\"b\"]"] {
        set(&desk, key, "1");
    }
    let screen = Screen::start(&desk);
    let shop = desk.path("shop.kg");
    let mut window = Running::start(keyglass(&desk).arg(&shop).env("DISPLAY", &screen.display));
    let rows = |screen: &Screen, area: &Area| screen.picture().lines(area).len();
    wait_for("rows in the tree", SOON, || {
        assert!(!window.has_ended(), "the window closed by itself");
        (rows(&screen, &TREE) >= 2).then_some(())
    });
    let before = rows(&screen, &TREE);
    for key in ["[\"c\"]", "[\"d\"]", "[\"e\"]"] {
        set(&desk, key, "2");
    }
    wait_for("new rows in the tree", SOON, || {
        (rows(&screen, &TREE) >= before + 3).then_some(())
    });
    assert_eq!(ls(&desk).lines().count(), 5);
    // What it leaves when it is killed keeps nobody out.
    window.kill();
    assert_eq!(ls(&desk).lines().count(), 5);
}
