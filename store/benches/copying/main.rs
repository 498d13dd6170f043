//! Copying to the official server and back, beside one who does one thing after the other.
//!
//! `cargo bench -p keyglass-store --features remote --bench copying [-- [--entries N] [--rounds N]]`, after
//! `cargo install denokv --root .peers` has installed the official server; or `DENOKV` names its program. It syncs each
//! commit to the disk before it answers, and takes ten checks in one.
//!
//! It prints entries a second, each the median over the rounds: a copy to the server and back, each of which ends with
//! both sides equal; beside them, on one connection, commits of ten checked entries one after the other, and pages of a
//! thousand entries one after the other, as a plain writer and reader go about it. Lines `ratio WORK X` are for programs,
//! where more than 1 means that a copy is faster.

#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

#[path = "../served/server.rs"]
#[expect(dead_code, reason = "the bench that it was made for asks it more")]
mod server;

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use keyglass_store::connect::Token;
use keyglass_store::embedded::{Durability, OpenOptions, Store};
use keyglass_store::remote::RemoteOptions;
use keyglass_store::transfer::{CopyOptions, copy};
use keyglass_store::{
    AtomicOperation, CommitOutcome, Database, EncodedKey, Entries, Key, KeyPart, KeyRange, ReadRange,
    StoredValue, Value,
};

use server::{Kind, Running};

/// What ends a bench, as a sentence.
pub type Failure = Box<dyn Error>;

/// Entries of one commit of the plain writer, as many as the official server takes checks.
const TOGETHER: u32 = 10;
/// Entries of one read of the plain reader, as many as a request takes.
const PAGE: usize = 1000;

struct Settings {
    entries: u32,
    rounds: usize,
}

fn settings() -> Result<Settings, Failure> {
    let mut settings = Settings {
        entries: 50_000,
        rounds: 3,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--entries" => settings.entries = value()?.parse()?,
            "--rounds" => settings.rounds = value()?.parse()?,
            "--bench" => {}
            _ => return Err(format!("unknown: {argument}").into()),
        }
    }
    Ok(settings)
}

fn key(number: u32) -> Result<EncodedKey, Failure> {
    let parts = [KeyPart::from("shop"), KeyPart::from(f64::from(number))];
    Ok(Key::from_iter(parts).encode()?)
}

fn value(number: u32) -> Result<StoredValue, Failure> {
    let text = format!("a thing in the shop, number {number:08}, {}", "x".repeat(60));
    Ok(StoredValue::from_value(&Value::from(text.as_str()))?)
}

fn new_store(folder: &Path) -> Result<Store, Failure> {
    // What is measured is the way, not this side's disk.
    Ok(OpenOptions::new()
        .durability(Durability::Relaxed)
        .create(folder)?)
}

/// Entries a second.
fn timed(entries: u32, work: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let begun = Instant::now();
    work()?;
    Ok(f64::from(entries) / begun.elapsed().as_secs_f64())
}

fn copies(from: &dyn Database, to: &dyn Database, entries: u32) -> Result<(), Failure> {
    let report = copy(from, to, &CopyOptions::default(), &mut |_| {
        ControlFlow::Continue(())
    })?;
    match report.stored == u64::from(entries) {
        true => Ok(()),
        false => Err(format!("{} of {entries} entries were stored", report.stored).into()),
    }
}

fn writes_plainly(to: &dyn Database, entries: u32) -> Result<(), Failure> {
    for first in (0..entries).step_by(TOGETHER as usize) {
        let mut operation = AtomicOperation::new();
        for number in first..(first + TOGETHER).min(entries) {
            operation = operation
                .check(key(number)?, None)
                .set(key(number)?, value(number)?);
        }
        if !matches!(to.commit(operation)?, CommitOutcome::Committed(_)) {
            return Err("somebody else writes there".into());
        }
    }
    Ok(())
}

fn reads_plainly(from: &dyn Database, entries: u32) -> Result<(), Failure> {
    let mut left = KeyRange::everything();
    let mut found = 0;
    loop {
        let page = ReadRange {
            range: left.clone(),
            limit: PAGE,
            reverse: false,
        };
        let page = from.read(&[page])?.pop().unwrap_or_default();
        found += page.len();
        let Some(last) = page.last().filter(|_| page.len() == PAGE) else {
            break;
        };
        left.start = KeyRange::only(&last.key).end;
    }
    match found == entries as usize {
        true => Ok(()),
        false => Err(format!("{found} of {entries} entries were read").into()),
    }
}

fn median(rounds: &mut [f64]) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds.get(rounds.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> Result<(), Failure> {
    if server::is_server()? {
        return Ok(());
    }
    let Settings { entries, rounds } = settings()?;
    let folder = tempfile::tempdir()?;
    let source = new_store(&folder.path().join("source"))?;
    writes_plainly(&source, entries)?;
    let mut figures: [Vec<f64>; 4] = Default::default();
    for round in 0..rounds {
        // Each round has servers of its own, so that none is fuller than another.
        let at = |name: &str| folder.path().join(format!("{name} {round}"));
        let [to_copy, plain] = ["copy", "plain"].map(at);
        let token = Token::of_server(server::TOKEN)?;
        let open = |home: &Path| -> Result<_, Failure> {
            std::fs::create_dir(home)?;
            let running = Running::start(Kind::Official, home)?;
            let database = RemoteOptions::new().open(running.url(), Some(&token))?;
            Ok((running, database))
        };
        let (_copied_to, database) = open(&to_copy)?;
        let (_written_to, other) = open(&plain)?;
        let back = new_store(&at("back"))?;
        let [to, from, plain_to, plain_from] = &mut figures;
        to.push(timed(entries, || copies(&source, &*database, entries))?);
        plain_to.push(timed(entries, || writes_plainly(&*other, entries))?);
        from.push(timed(entries, || copies(&*database, &back, entries))?);
        plain_from.push(timed(entries, || reads_plainly(&*other, entries))?);
        for (one, other) in
            Entries::of(&source, [KeyRange::everything()]).zip(Entries::of(&back, [KeyRange::everything()]))
        {
            let (one, other) = (one?, other?);
            if (one.key, one.value) != (other.key, other.value) {
                return Err("what came back is something else".into());
            }
        }
    }
    let [to, from, plain_to, plain_from] = figures.each_mut().map(|rounds| median(rounds));
    println!("{}, {entries} entries", server::machine());
    println!("| work | a copy, entries/s | one after the other, entries/s | ratio |");
    println!("|---|---|---|---|");
    println!(
        "| to the server | {to:.0} | {plain_to:.0} | {:.2} |",
        to / plain_to
    );
    println!(
        "| from the server | {from:.0} | {plain_from:.0} | {:.2} |",
        from / plain_from
    );
    println!();
    println!("ratio to {:.2}", to / plain_to);
    println!("ratio from {:.2}", from / plain_from);
    Ok(())
}
