//! What Find and the tree's filter do in a second, without a display, and beside what a person would do otherwise:
//!
//! `cargo bench -p keyglass --bench search -- FOLDER [--deno PROGRAM] [--alone] [NAME]...`
//!
//! The folder is one that the example `generate` made. The peers are `grep` over an export of the same entries and a
//! loop in Deno over a file with the same entries; `--alone` leaves them out, names choose cases. Prints tables, and
//! lines `search NAME ENTRIES_PER_SECOND` for programs.

#![expect(clippy::print_stdout, reason = "what a bench has to say")]

mod asker;
mod memory;
mod peers;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use keyglass::errand::Place;
use keyglass_store::Database;
use keyglass_store::open::OpenOptions;

use asker::{Asker, Took};
use peers::{PeerTook, Peers};

/// Each case is run so often; the fastest counts, since others may use the machine, too.
const ROUNDS: usize = 3;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Measures Find and the tree's filter.
#[derive(Parser)]
struct Arguments {
    /// A database that the example `generate` made
    folder: PathBuf,
    /// The Deno program
    #[arg(long, default_value = "deno")]
    deno: PathBuf,
    /// Without the peers
    #[arg(long)]
    alone: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
    /// The cases to run; all of them if none is named
    names: Vec<String>,
}

/// What is searched for.
struct Case {
    name: &'static str,
    text: &'static str,
    is_expression: bool,
    place: Place,
    /// Whether the peers can look for the same.
    has_peers: bool,
}

/// Few entries of the generated database hold any of these.
const CASES: [Case; 6] = [
    Case {
        name: "keys",
        text: "page 4321",
        is_expression: false,
        place: Place::Keys,
        has_peers: false,
    },
    Case {
        name: "keys-number",
        text: "54321",
        is_expression: false,
        place: Place::Keys,
        has_peers: false,
    },
    Case {
        name: "text",
        text: "SKU-000778",
        is_expression: false,
        place: Place::Both,
        has_peers: true,
    },
    Case {
        name: "number",
        text: "77.99",
        is_expression: false,
        place: Place::Both,
        has_peers: true,
    },
    Case {
        name: "regex",
        text: "user7[0-9]7@",
        is_expression: true,
        place: Place::Both,
        has_peers: true,
    },
    Case {
        name: "regex-number",
        text: r"\b77\.9{2}",
        is_expression: true,
        place: Place::Both,
        has_peers: true,
    },
];

/// What parts of keys are filtered by.
const FILTERS: [(&str, &str); 2] = [("filter", "page 4321"), ("filter-number", "54321")];

fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    let is_chosen =
        |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|chosen| chosen == name);
    let location = arguments.folder.display().to_string();
    let database = OpenOptions::new().open(&location)?;
    let mut lines = Vec::new();
    let mut asker = Asker::start(&database)?;
    if is_chosen("memory") {
        let held = memory::held(&mut asker)?;
        let (results, megabytes) = (held.results, held.bytes as f64 / 1e6);
        println!(
            "{results} results take {megabytes:.0} MB and go in {}\n",
            text(held.dropped)
        );
        lines.push(format!("search memory {megabytes:.1} MB"));
    }
    println!("| search | entries a second | first | whole | found |");
    println!("|---|---|---|---|---|");
    for case in CASES.iter().filter(|case| is_chosen(case.name)) {
        let took = fastest(|| asker.find(case.text, case.is_expression, case.place))?;
        tell(case.name, &took, &mut lines);
    }
    for (name, text) in FILTERS.into_iter().filter(|(name, _)| is_chosen(name)) {
        let took = fastest(|| asker.filter(text))?;
        tell(name, &took, &mut lines);
    }
    if is_chosen("cancel") {
        let taken = asker.cancel()?;
        println!(
            "\nAnother search begins {} after the one that runs is cancelled",
            text(taken)
        );
        lines.push(format!("search cancel {:.2} ms", taken.as_secs_f64() * 1000.0));
    }
    let cases: Vec<&Case> = CASES
        .iter()
        .filter(|case| case.has_peers && is_chosen(case.name))
        .collect();
    if !arguments.alone && !cases.is_empty() {
        lines.extend(beside_peers(&mut asker, &*database, &arguments.deno, &cases)?);
    }
    println!("\n{}", lines.join("\n"));
    Ok(())
}

/// Has the peers look for the same, in turns with ours, so that a busy machine slows all of them.
fn beside_peers(
    asker: &mut Asker,
    database: &dyn Database,
    deno: &Path,
    cases: &[&Case],
) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    let peers = Peers::prepare(database, deno)?;
    let mut on_file = Asker::start(&peers.file()?)?;
    println!(
        "\n| search | folder | `grep` of an export | export, then `grep` | Deno's file | Deno's `kv.list` |"
    );
    println!("|---|---|---|---|---|---|");
    for case in cases {
        let ours = fastest(|| asker.find(case.text, case.is_expression, case.place))?;
        let grep = peers.grep(case.text, case.is_expression)?;
        let ours_on_file = fastest(|| on_file.find(case.text, case.is_expression, case.place))?;
        let deno = peers.deno(case.text, case.is_expression)?;
        let exported = grep.map(|grep| PeerTook {
            whole: grep.whole + peers.exported,
            ..grep
        });
        let cell = |took: Option<PeerTook>, ours: &Took| match took {
            Some(took) => {
                let ratio = ratio(took.whole, ours.whole);
                format!("{} ({ratio:.2}), {}", text(took.whole), took.found)
            }
            None => "–".to_owned(),
        };
        println!(
            "| {} | {}, {} | {} | {} | {}, {} | {} |",
            case.name,
            text(ours.whole),
            ours.found,
            cell(grep, &ours),
            cell(exported, &ours),
            text(ours_on_file.whole),
            ours_on_file.found,
            cell(deno, &ours_on_file)
        );
        for (peer, took, ours) in [
            ("grep", grep, &ours),
            ("export-grep", exported, &ours),
            ("deno", deno, &ours_on_file),
        ] {
            if let Some(took) = took {
                let ratio = ratio(took.whole, ours.whole);
                lines.push(format!("ratio {} {peer} {ratio:.2}", case.name));
            }
        }
    }
    println!(
        "\nIn brackets how many times as long as we take beside it; behind it in how many entries it was found"
    );
    Ok(lines)
}

/// The fastest of some rounds, all of which must find the same.
fn fastest(mut run: impl FnMut() -> Outcome<Took>) -> Outcome<Took> {
    let mut best = run()?;
    for _ in 1..ROUNDS {
        let next = run()?;
        if next.found != best.found || next.looked_at != best.looked_at {
            return Err("Two rounds of the same search found different entries".into());
        }
        if next.whole < best.whole {
            best = next;
        }
    }
    Ok(best)
}

fn tell(name: &str, took: &Took, lines: &mut Vec<String>) {
    let rate = took.looked_at as f64 / took.whole.as_secs_f64();
    let first = took.first.map_or_else(|| "–".to_owned(), text);
    println!(
        "| {name} | {rate:.0} | {first} | {} | {} |",
        text(took.whole),
        took.found
    );
    lines.push(format!("search {name} {rate:.0}"));
}

fn ratio(peer: Duration, ours: Duration) -> f64 {
    peer.as_secs_f64() / ours.as_secs_f64()
}

/// A time as a person reads it.
fn text(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 10.0 {
        format!("{milliseconds:.1} ms")
    } else if milliseconds < 1000.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.2} s", milliseconds / 1000.0)
    }
}
