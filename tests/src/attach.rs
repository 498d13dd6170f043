//! One folder in several processes: whoever has it first owns it, and the others attach.

use std::time::Duration;

use keyglass_store::attached::Attached;
use keyglass_store::{
    AtomicOperation, Clock, CommitError, Database as _, DatabaseError, FeedEvent, Key, KeyRange, Writing,
};

use crate::data::Desk;
use crate::hands::Hands;
use crate::picture::Area;
use crate::program::{Running, keyglass, stdout_of, wait_for};
use crate::screen::{HEIGHT, Screen, WIDTH};
use crate::story::Settings;
use crate::window::TREE;

const SOON: Duration = Duration::from_secs(60);
/// Inside the table of entries.
const TABLE: Area = Area {
    x: 300..WIDTH / 2,
    y: 100..HEIGHT - 40,
};

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

#[cfg(unix)]
#[test]
fn an_owner_that_hangs_is_told_as_gone_and_all_goes_on_when_it_goes_on() {
    let desk = Desk::new();
    let serving = serve(&desk);
    set(&desk, "[\"kept\"]", "1");
    let silence = Duration::from_secs(2);
    let attached = Attached::to_folder_within(&desk.path("shop.kg"), Clock::system(), silence).unwrap();
    let feed = attached.changes(vec![KeyRange::everything()]).unwrap();
    let key = "[\"kept\"]".parse::<Key>().unwrap().encode().unwrap();
    let kept = attached.get(&key).unwrap().unwrap();
    serving.signal("STOP");
    // What is asked of it waits until it is given up.
    let asked = attached.get(&key).unwrap_err();
    assert!(
        asked.to_string().contains("has ended or closed it") || asked.to_string().contains("did not answer"),
        "{asked}"
    );
    assert_eq!(feed.recv_timeout(SOON), Ok(FeedEvent::Gone));
    assert!(matches!(attached.capabilities().writing, Writing::Impossible(_)));
    let delete = AtomicOperation::new().delete(key.clone());
    assert!(matches!(
        attached.commit(delete),
        Err(CommitError::Unreachable(_) | CommitError::Refused(_))
    ));
    serving.signal("CONT");
    assert_eq!(feed.recv_timeout(SOON), Ok(FeedEvent::Lagged { missed: None }));
    assert_eq!(attached.get(&key).unwrap(), Some(kept));
    assert_eq!(attached.capabilities().writing, Writing::Allowed);
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

#[test]
fn a_second_window_on_a_folder_edits_through_the_first_which_shows_it() {
    let desk = Desk::new();
    let shop = desk.path("shop.kg");
    set(&desk, "[\"plum\"]", "7n");
    let settings = Settings::of_somebody(&desk);
    let (first_screen, second_screen) = (Screen::start(&desk), Screen::start(&desk));
    let first = Running::start(keyglass(&desk).arg(&shop).env("DISPLAY", &first_screen.display));
    wait_for("the first window to have the folder", SOON, || {
        shop.join("attach.json").exists().then_some(())
    });
    let _second = Running::start(keyglass(&desk).env("DISPLAY", &second_screen.display));
    let hands = Hands::on(&second_screen);
    hands.press_and_see("ctrl+shift+o");
    hands.replace_text(&shop.to_string_lossy());
    hands.press("Return");
    let row = wait_for("the row in the second window", SOON, || {
        second_screen.picture().lines(&TREE).first().cloned()
    });
    hands.click(TREE.x.start + 10, row.start.midpoint(row.end));
    settings.until("the entry to be shown", &shop, |kept| {
        kept["shown"] == r#"["plum"]"#
    });
    let before = first_screen.settled_picture(&TABLE);
    hands.press_and_see("F2");
    hands.replace_text("42000000n");
    hands.press("ctrl+s");
    wait_for("the edit in the first window", SOON, || {
        let changed = first_screen.picture().changed_rows(&before, &TABLE);
        (!changed.is_empty()).then_some(())
    });
    let got = stdout_of(keyglass(&desk).arg("get").arg(&shop).arg("[\"plum\"]"));
    assert_eq!(got.trim(), "42000000n");
    // Its owner closes in order, and the second one stays.
    first.end();
    assert!(!shop.join("attach.json").exists());
}
