//! Our server of KV Connect beside the official one, for a real Deno program, in turns.
//!
//! `cargo bench -p keyglass-store --features connect --bench served [-- [--seconds N] [--rounds N] [--only WORK]...]`,
//! after `tests/run` has installed Deno and `cargo install denokv --root .peers` the official server; or `DENOKV` names
//! its program. Both sync each commit to the disk before they answer.
//!
//! With `--recording` ours stands beside itself, while somebody looks at what its clients ask: what that costs. It is one
//! server, which is looked at in every second turn, so that all else is the same.
//!
//! For each work and 1 and 32 operations in flight it prints the medians over the rounds: operations a second, and
//! microseconds of processor time that the server took for each; and lines `ratio WORK IN_FLIGHT X` for programs, where
//! more than 1 means that ours is faster. `watchers` is another question: how long after its commit a change is with
//! one of a thousand watchers.

#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

mod server;

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use server::{Kind, Running};

/// What ends a bench, as a sentence.
pub type Failure = Box<dyn Error>;

const WORKS: [(&str, u32); 13] = [
    ("get", 1),
    ("get", 32),
    ("set", 1),
    ("set", 32),
    ("getMany", 1),
    ("getMany", 32),
    ("list", 1),
    ("list", 32),
    ("atomic", 1),
    ("atomic", 32),
    ("watch", 1),
    ("watch", 32),
    ("watchers", 1),
];

/// What a client did.
#[derive(Deserialize)]
struct Done {
    done: f64,
    seconds: f64,
    p50: f64,
    p99: f64,
}

/// One turn of one server.
struct Turn {
    per_second: f64,
    /// Processor time of the server for each operation, in microseconds.
    processor: f64,
    p50: f64,
    p99: f64,
}

struct Settings {
    seconds: u32,
    rounds: usize,
    only: Vec<String>,
    recording: bool,
}

fn settings() -> Result<Settings, Failure> {
    let mut settings = Settings {
        seconds: 3,
        rounds: 3,
        only: Vec::new(),
        recording: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--seconds" => settings.seconds = value()?.parse()?,
            "--rounds" => settings.rounds = value()?.parse()?,
            "--only" => settings.only.push(value()?),
            "--recording" => settings.recording = true,
            "--bench" => {}
            _ => return Err(format!("unknown: {argument}").into()),
        }
    }
    Ok(settings)
}

fn client(url: &str, work: &str, in_flight: u32, seconds: u32) -> Command {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(home.join("../.peers/node_modules/deno/deno"));
    command
        .env("DENO_NO_UPDATE_CHECK", "1")
        .env("DENO_KV_ACCESS_TOKEN", server::TOKEN)
        .args(["run", "--allow-all", "--unstable-kv"])
        .arg(home.join("benches/served/client.ts"))
        .args([url, work, &in_flight.to_string(), &seconds.to_string()]);
    command
}

fn turn(server: &Running, work: &str, in_flight: u32, seconds: u32) -> Result<Turn, Failure> {
    let mut child = client(server.url(), work, in_flight, seconds)
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    let (mut begun, mut done) = (None, None);
    for line in lines {
        let line = line?;
        if line == "begun" {
            begun = Some(server.processor_time()?);
        } else {
            let took = server.processor_time()? - begun.ok_or("it ended before it began")?;
            done = Some((serde_json::from_str::<Done>(&line)?, took));
        }
    }
    child.wait()?;
    let (done, took) = done.ok_or_else(|| format!("the client failed: {work} at {}", server.url()))?;
    Ok(Turn {
        per_second: done.done / done.seconds,
        processor: took.as_secs_f64() * 1e6 / done.done,
        p50: done.p50,
        p99: done.p99,
    })
}

fn median(turns: &[Turn], of: impl Fn(&Turn) -> f64) -> f64 {
    let mut values: Vec<f64> = turns.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> Result<(), Failure> {
    if server::is_server()? {
        return Ok(());
    }
    let settings = settings()?;
    let folder = tempfile::tempdir()?;
    let mut ours = Running::start(Kind::Ours, folder.path())?;
    let (name, other) = match settings.recording {
        true => ("looked at", None),
        false => ("official", Some(Running::start(Kind::Official, folder.path())?)),
    };
    for server in [Some(&ours), other.as_ref()].into_iter().flatten() {
        if !client(server.url(), "fill", 1, 0).status()?.success() {
            return Err(format!("it cannot be filled: {}", server.url()).into());
        }
    }
    println!("{}", server::machine());
    println!("| work | in flight | ours /s | {name} /s | ratio | ours, CPU µs each | {name}, CPU µs each |");
    println!("|---|---|---|---|---|---|---|");
    let (mut ratios, mut watchers) = (Vec::new(), Vec::new());
    for (work, in_flight) in WORKS {
        if !settings.only.is_empty() && !settings.only.iter().any(|only| only == work) {
            continue;
        }
        let (mut of_ours, mut of_other) = (Vec::new(), Vec::new());
        for round in 0..settings.rounds {
            let mut both = [(false, &mut of_ours), (true, &mut of_other)];
            if round % 2 == 1 {
                both.reverse();
            }
            for (is_other, turns) in both {
                if other.is_none() {
                    ours.look(is_other)?;
                }
                let server = other.as_ref().filter(|_| is_other).unwrap_or(&ours);
                turns.push(turn(server, work, in_flight, settings.seconds)?);
            }
        }
        if work == "watchers" {
            for (name, turns) in [("ours", &of_ours), (name, &of_other)] {
                watchers.push(format!(
                    "{name}: half within {:.1} ms, 99 of 100 within {:.1} ms",
                    median(turns, |turn| turn.p50),
                    median(turns, |turn| turn.p99)
                ));
            }
            continue;
        }
        let per_second = |turns: &[Turn]| median(turns, |turn| turn.per_second);
        let processor = |turns: &[Turn]| median(turns, |turn| turn.processor);
        let ratio = per_second(&of_ours) / per_second(&of_other);
        println!(
            "| {work} | {in_flight} | {:.0} | {:.0} | {ratio:.2} | {:.0} | {:.0} |",
            per_second(&of_ours),
            per_second(&of_other),
            processor(&of_ours),
            processor(&of_other)
        );
        ratios.push(format!("ratio {work} {in_flight} {ratio:.2}"));
    }
    println!();
    if !watchers.is_empty() {
        println!("From a commit to one of a thousand watchers, as Deno sees it:");
    }
    for line in watchers.iter().chain(&ratios) {
        println!("{line}");
    }
    Ok(())
}
