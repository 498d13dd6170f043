//! Real windows on a real (virtual) screen.
//!
//! Nothing here knows colours or sizes of the design, only where the tree of keys is: at the left, below the
//! menu and above the status bar.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::data::Desk;
use crate::deno;
use crate::picture::Area;
use crate::program::{Running, keyglass, wait_for};
use crate::screen::{HEIGHT, Screen, WIDTH};

/// Where the names of the tree's rows are, inside the panel's edges.
pub(crate) const TREE: Area = Area {
    x: 30..120,
    y: 100..HEIGHT - 40,
};

const EVERYTHING: Area = Area {
    x: 0..WIDTH,
    y: 0..HEIGHT,
};

/// Opens a file, or what Keyglass opens by itself, in a window as large as the screen and waits for rows in its
/// tree.
fn open(desk: &Desk, screen: &Screen, file: Option<&Path>, rows: usize) -> Running {
    let mut command = keyglass(desk);
    let mut window = Running::start(command.args(file).env("DISPLAY", &screen.display));
    wait_for("rows in the tree", Duration::from_secs(60), || {
        assert!(!window.has_ended(), "the window closed by itself");
        (screen.picture().lines(&TREE).len() >= rows).then_some(())
    });
    window
}

#[test]
fn the_first_start_of_all_shows_the_sample() {
    let desk = Desk::new();
    let screen = Screen::start(&desk);
    let start = Instant::now();
    let _window = open(&desk, &screen, None, 15);
    println!("sample made and shown after {} ms", start.elapsed().as_millis());
}

/// How often a window wakes and how many hundredths of a second of processor time it takes, in some time.
fn rest(window: &Running, time: Duration) -> (u64, u64) {
    let (wakes, ticks) = (window.wakes(), window.processor_ticks());
    std::thread::sleep(time);
    (window.wakes() - wakes, window.processor_ticks() - ticks)
}

#[test]
fn a_window_in_which_nothing_happens_draws_nothing() {
    let desk = Desk::new();
    let screen = Screen::start(&desk);
    let mut window = open(&desk, &screen, Some(&desk.shop()), 15);
    screen.settled_picture(&EVERYTHING);
    // Late frames that look like the last one, such as for counts that came in meanwhile.
    std::thread::sleep(Duration::from_secs(2));
    // Twice, because a time that is shown by the minute may ask for a frame in one of them.
    let (wakes, ticks) = [(); 2]
        .map(|()| rest(&window, Duration::from_secs(5)))
        .into_iter()
        .min()
        .unwrap();
    println!("in 5 s of rest {wakes} wakes of the window, {ticks} hundredths of a second of processor time");
    assert!(wakes <= 2, "the window woke up {wakes} times in 5 s");
    // What is left is looking for changes of the file, several times a second, in a build for debugging.
    assert!(
        ticks <= 20,
        "the program used {ticks} hundredths of a second in 5 s"
    );
    assert!(!window.has_ended(), "the window closed by itself");
}

#[test]
fn a_key_that_real_deno_adds_slides_into_the_tree() {
    let desk = Desk::new();
    let screen = Screen::start(&desk);
    let shop = desk.shop();
    let mut window = open(&desk, &screen, Some(&shop), 15);
    let before = screen.settled_picture(&TREE);

    deno::write_live(&desk, &shop, 3).finish();
    let after = screen.settled_picture(&TREE);

    // The new row "live" pushes the rows below it down by its own height and leaves those above alone.
    let first = *after
        .changed_rows(&before, &TREE)
        .first()
        .expect("the tree shows nothing new");
    let above = after.lines(&TREE).iter().filter(|line| line.end <= first).count();
    assert!(above >= 10, "only {above} rows stand above the new one");
    let moved_by = |shift: usize| {
        let below = first + shift..TREE.y.end;
        let same = below
            .clone()
            .filter(|y| after.same_row(*y, &before, y - shift, &TREE));
        same.count() * 10 >= below.len() * 9
    };
    let height = (16..60).find(|shift| moved_by(*shift));
    assert!(
        height.is_some(),
        "the rows below the new one did not move down together"
    );
    assert!(!window.has_ended(), "the window closed by itself");
}

#[test]
fn the_first_rows_of_100_000_entries_show_soon() {
    let desk = Desk::new();
    let screen = Screen::start(&desk);
    let wide = deno::make_wide(&desk);
    let start = Instant::now();
    // Eight prefixes: blobs, chat, counters, metrics, sessions, tree, users, users_by_email.
    let _window = open(&desk, &screen, Some(&wide), 8);
    let took = start.elapsed();
    println!("first rows after {} ms", took.as_millis());
    assert!(took < Duration::from_secs(10), "the first rows took {took:?}");
}
