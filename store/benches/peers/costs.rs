//! What the embedded store's work costs as it grows, and opening it after its process was killed.

use std::path::Path;
use std::time::Duration;

use crate::Settings;
use crate::data::{self, Random};
use crate::embedded::Embedded;
use crate::measure::{Peer, median, once, repeat};

/// Commits that a killed process leaves in journals: more than two memtables of 16 MiB hold.
const LEFT_COMMITS: u64 = 150_000;

/// Prints a table with one column for each number of entries.
pub fn run(settings: &Settings) {
    let folder = crate::workloads::folder(settings);
    let sizes = [100_000, 1_000_000, 5_000_000];
    let columns = sizes.map(|count| column(&folder.path().join(count.to_string()), count, settings));
    println!("| median time, µs | 100 thousand | 1 million | 5 million entries |");
    println!("|---|---|---|---|");
    let names = [
        "get",
        "get of an absent key",
        "list of 1000",
        "relaxed commit",
        "durable commit",
        "open after a clean close",
        "open after a kill",
    ];
    let [small, middle, large] = columns;
    for (((name, small), middle), large) in names.iter().zip(small).zip(middle).zip(large) {
        println!("| {name} | {small:.1} | {middle:.1} | {large:.1} |");
    }
}

fn column(folder: &Path, count: u64, settings: &Settings) -> [f64; 7] {
    let time = Duration::from_secs_f64(settings.seconds);
    let store = Embedded::open(folder, true);
    store.load(&data::rows(count));
    store.close();
    let store = Embedded::open(folder, true);
    let end = data::bounds().1;
    let mut random = Random::new(7);
    // The first half of the time warms up.
    let mut micros = |work: &mut dyn FnMut(u64)| {
        let mut times = repeat(2 * time, || work(random.below(count)));
        let mut times: Vec<f64> = times.split_off(times.len() / 2).iter().map(micros_of).collect();
        median(&mut times)
    };
    let get = micros(&mut |number| assert!(store.get(&data::key(number))));
    let get_missing = micros(&mut |number| assert!(!store.get(&data::key(count + number))));
    let list = micros(&mut |number| {
        store.list(&data::key(number), &end, 1000, false);
    });
    let commit = |store: &Embedded| median_of(&store.commit(1, 1, time));
    let relaxed = commit(&store);
    store.close();
    let store = Embedded::open(folder, false);
    let durable = commit(&store);
    store.close();
    let opened = |folder: &Path| {
        let (time, store) = once(|| {
            let store = Embedded::open(folder, true);
            assert!(store.get(&data::key(0)));
            store
        });
        store.close();
        micros_of(&time)
    };
    let mut times: Vec<f64> = (0..settings.rounds).map(|_| opened(folder)).collect();
    let open = median(&mut times);
    let itself = std::env::current_exe().expect("this program");
    let mut killed = std::process::Command::new(itself);
    killed.arg("--be-killed").arg(folder).status().expect("it ran");
    let after_kill = opened(folder);
    std::fs::remove_dir_all(folder).expect("it is removed");
    [get, get_missing, list, relaxed, durable, open, after_kill]
}

fn micros_of(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn median_of(times: &[Duration]) -> f64 {
    median(&mut times.iter().map(micros_of).collect::<Vec<_>>())
}

/// Commits to a store and ends without closing it.
pub fn be_killed(folder: &Path) -> ! {
    let store = Embedded::open(folder, true);
    store.commit_number(LEFT_COMMITS);
    std::process::abort();
}
