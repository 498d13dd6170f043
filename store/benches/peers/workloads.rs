//! What is measured.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Settings;
use crate::data::{self, Random, Row};
use crate::deno::Deno;
use crate::embedded::Embedded;
use crate::measure::{Peer, Sample, median, once, repeat};
use crate::raw::Raw;
use crate::report::{self, Rounds};

/// A run and its results.
struct Run<'a> {
    settings: &'a Settings,
    folder: PathBuf,
    time: Duration,
    ratios: Vec<(String, f64)>,
}

pub fn run(settings: &Settings) {
    let folder = folder(settings);
    let mut run = Run {
        settings,
        folder: folder.path().to_owned(),
        time: Duration::from_secs_f64(settings.seconds),
        ratios: Vec::new(),
    };
    println!(
        "{} rows, {} rounds of {} s\n",
        settings.rows, settings.rounds, settings.seconds
    );
    report::heading();
    run.commits();
    run.loaded();
    println!();
    for (name, ratio) in &run.ratios {
        println!("ratio {name} {ratio:.2}");
    }
}

/// Where the databases go.
pub fn folder(settings: &Settings) -> tempfile::TempDir {
    let folder = match &settings.folder {
        Some(parent) => tempfile::tempdir_in(parent),
        None => tempfile::tempdir(),
    };
    folder.expect("a folder for the databases")
}

impl Run<'_> {
    fn wants(&self, names: &[&str]) -> bool {
        let only = &self.settings.only;
        only.is_empty() || names.iter().any(|name| only.iter().any(|wanted| wanted == name))
    }

    /// Commits to fresh databases, and to ones that were closed and opened again.
    fn commits(&mut self) {
        for (name, callers, rows, relaxed, reopened) in [
            ("durable-1", 1, 1, false, false),
            ("durable-1-reopened", 1, 1, false, true),
            ("durable-16", 16, 1, false, false),
            ("durable-1x10", 1, 10, false, false),
            ("durable-16x10", 16, 10, false, false),
            ("relaxed-1", 1, 1, true, false),
            ("relaxed-16", 16, 1, true, false),
        ] {
            if !self.wants(&[name]) {
                continue;
            }
            let mut rounds = Rounds::default();
            for round in 0..self.settings.rounds {
                let folder = self.folder.join(format!("{name}-{round}"));
                let (embedded, deno, raw) =
                    (folder.join("embedded"), folder.join("deno"), folder.join("raw"));
                let work = (callers, rows, relaxed, reopened, self.time);
                rounds.embedded.push(commit::<Embedded>(&embedded, work));
                rounds.deno.push(commit::<Deno>(&deno, work));
                if callers == 1 {
                    rounds.raw.push(commit::<Raw>(&raw, work));
                }
                std::fs::remove_dir_all(folder).expect("it is removed");
            }
            self.ratios.push(report::rates(name, &rounds));
        }
    }

    /// Loading, and reading what was loaded.
    fn loaded(&mut self) {
        let reads = [
            "get",
            "get-missing",
            "get-many",
            "list-100",
            "list-1000",
            "list-1000-reverse",
            "scan",
        ];
        let others = ["bulk-load", "disk", "open"];
        if !self.wants(&reads) && !self.wants(&others) {
            return;
        }
        let rows = data::rows(self.settings.rows);
        let paths = ["embedded", "deno", "raw"].map(|name| self.folder.join(name));
        let embedded = load::<Embedded>(&paths[0], &rows);
        let deno = load::<Deno>(&paths[1], &rows);
        let raw = load::<Raw>(&paths[2], &rows);
        let figures = [
            ("bulk-load", "s", [embedded.0, deno.0, raw.0]),
            ("disk", "MB", [embedded.1, deno.1, raw.1]),
        ];
        for (name, unit, [embedded, deno, raw]) in figures {
            self.ratios.push(report::figures(name, unit, embedded, deno, raw));
        }
        self.open(&paths);
        let (embedded, deno, raw) = (
            Embedded::open(&paths[0], false),
            Deno::open(&paths[1], false),
            Raw::open(&paths[2], false),
        );
        for name in reads {
            if !self.wants(&[name]) {
                continue;
            }
            let mut rounds = Rounds::default();
            // The first round only warms up.
            for round in 0..=self.settings.rounds {
                let samples = (
                    read(&embedded, name, &rows, self.time),
                    read(&deno, name, &rows, self.time),
                    read(&raw, name, &rows, self.time),
                );
                if round > 0 {
                    rounds.embedded.push(samples.0);
                    rounds.deno.push(samples.1);
                    rounds.raw.push(samples.2);
                }
            }
            self.ratios.push(report::rates(name, &rounds));
        }
        embedded.close();
        deno.close();
        raw.close();
    }

    fn open(&mut self, [embedded, deno, raw]: &[PathBuf; 3]) {
        if !self.wants(&["open"]) {
            return;
        }
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..self.settings.rounds {
            times[0].push(open::<Embedded>(embedded));
            times[1].push(open::<Deno>(deno));
            times[2].push(open::<Raw>(raw));
        }
        let [embedded, deno, raw] = times.map(|mut times| median(&mut times));
        // Named apart from the ratios: both are far below what anybody waits for.
        report::figures("open", "ms", embedded, deno, raw);
    }
}

fn commit<P: Peer>(
    folder: &Path,
    (callers, rows, relaxed, reopened, time): (u64, u64, bool, bool, Duration),
) -> Sample {
    let mut peer = P::open(folder, relaxed);
    if reopened {
        peer.commit(1, 1, time / 10);
        peer.close();
        peer = P::open(folder, relaxed);
    }
    peer.commit(callers, rows, time / 10);
    let sample = Sample::of(peer.commit(callers, rows, time), time);
    peer.close();
    sample
}

/// Seconds of the load, and megabytes on disk after closing.
fn load<P: Peer>(folder: &Path, rows: &[Row]) -> (f64, f64) {
    let peer = P::open(folder, false);
    let (time, ()) = once(|| peer.load(rows));
    peer.close();
    // What compacts behind the load is part of neither figure; it is given a moment to end.
    std::thread::sleep(Duration::from_millis(500));
    (time.as_secs_f64(), disk_bytes(folder) as f64 / 1e6)
}

/// Milliseconds until an entry can be read.
fn open<P: Peer>(folder: &Path) -> f64 {
    let (time, peer) = once(|| {
        let peer = P::open(folder, false);
        assert!(peer.get(&data::key(0)));
        peer
    });
    peer.close();
    std::thread::sleep(Duration::from_millis(100));
    time.as_secs_f64() * 1e3
}

fn read<P: Peer>(peer: &P, name: &str, rows: &[Row], time: Duration) -> Sample {
    let mut random = Random::new(7);
    let count = rows.len() as u64;
    let (first, end) = data::bounds();
    let mut any = move || random.below(count);
    let times = match name {
        "get" => repeat(time, || assert!(peer.get(&data::key(any())))),
        "get-missing" => repeat(time, || assert!(!peer.get(&data::key(count + any())))),
        "get-many" => repeat(time, || {
            let keys: Vec<_> = (0..10).map(|_| data::key(any())).collect();
            assert_eq!(peer.get_many(&keys), 10);
        }),
        "list-100" => repeat(time, || {
            peer.list(&data::key(any()), &end, 100, false);
        }),
        "list-1000" => repeat(time, || {
            peer.list(&data::key(any()), &end, 1000, false);
        }),
        "list-1000-reverse" => repeat(time, || {
            peer.list(&first, &data::key(any()), 1000, true);
        }),
        _ => {
            let mut start = first.clone();
            // A page of a scan through everything, around and around.
            repeat(time, || {
                let (found, last) = peer.list(&start, &end, 1000, false);
                start = match last {
                    Some(mut last) if found == 1000 => {
                        last.push(0);
                        last
                    }
                    _ => first.clone(),
                };
            })
        }
    };
    Sample::of(times, time)
}

/// Bytes that a folder takes on disk.
fn disk_bytes(folder: &Path) -> u64 {
    let mut bytes = 0;
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let metadata = file.metadata().expect("it is there");
        bytes += if metadata.is_dir() {
            disk_bytes(&file.path())
        } else {
            std::os::unix::fs::MetadataExt::blocks(&metadata) * 512
        };
    }
    bytes
}
