//! Real windows on a real (virtual) screen.
//!
//! Nothing here knows colours or sizes of the design, only where the tree of keys is: at the left, below the
//! menu and above the status bar.

use std::time::{Duration, Instant};

use crate::data::Desk;
use crate::deno;
use crate::picture::Area;
use crate::program::{Running, keyglass, wait_for};
use crate::screen::{HEIGHT, Screen};

/// Where the names of the tree's rows are, inside the panel's edges.
const TREE: Area = Area {
    x: 30..120,
    y: 100..HEIGHT - 60,
};

fn open(desk: &Desk, screen: &Screen, file: &std::path::Path) -> Running {
    Running::start(keyglass(desk).arg(file).env("DISPLAY", &screen.display))
}

#[test]
fn a_key_that_real_deno_adds_slides_into_the_tree_and_then_the_window_rests() {
    let desk = Desk::new();
    let screen = Screen::start(&desk);
    let shop = desk.shop();
    let mut window = open(&desk, &screen, &shop);
    wait_for("rows in the tree", Duration::from_secs(60), || {
        assert!(!window.has_ended(), "the window closed by itself");
        (screen.picture().lines(&TREE).len() >= 15).then_some(())
    });
    let before = screen.settled_picture(&TREE);

    deno::write_live(&desk, &shop, 3).finish();
    let after = screen.settled_picture(&TREE);

    // The new row "live" pushes the rows below it down by its own height and leaves those above alone.
    let changed = after.changed_rows(&before, &TREE);
    let first = *changed.first().expect("the tree shows nothing new");
    assert!(
        after.lines(&TREE).iter().filter(|line| line.end <= first).count() >= 5,
        "rows above the new one changed"
    );
    let shift = (16..60)
        .find(|shift| {
            let below = first + shift..TREE.y.end;
            below.len() > 100
                && below
                    .clone()
                    .filter(|y| before.row(&TREE, y - shift) == after.row(&TREE, *y))
                    .count()
                    > below.len() * 9 / 10
        })
        .expect("the rows below the new one did not move down together");
    println!("the new row is {shift} pixels high and stands at {first}");

    let ticks = window.processor_ticks();
    std::thread::sleep(Duration::from_secs(6));
    let used = window.processor_ticks() - ticks;
    println!("{used} hundredths of a second of processor time in 6 s of rest");
    assert!(
        used <= 6,
        "the window used {used} hundredths of a second in 6 s although nothing happens"
    );
    assert!(!window.has_ended(), "the window closed by itself");
}

#[test]
fn the_first_rows_of_100_000_entries_show_soon() {
    let desk = Desk::new();
    let screen = Screen::start(&desk);
    let wide = deno::make_wide(&desk);
    let start = Instant::now();
    let _window = open(&desk, &screen, &wide);
    // Eight prefixes: blobs, chat, counters, metrics, sessions, tree, users, users_by_email.
    wait_for("eight rows in the tree", Duration::from_secs(60), || {
        (screen.picture().lines(&TREE).len() >= 8).then_some(())
    });
    let took = start.elapsed();
    println!("first rows after {} ms", took.as_millis());
    assert!(took < Duration::from_secs(10), "the first rows took {took:?}");
}
