//! The table, and the lines for programs.

use crate::measure::{Sample, median};

/// The rounds of one workload.
#[derive(Default)]
pub struct Rounds {
    pub embedded: Vec<Sample>,
    pub deno: Vec<Sample>,
    pub raw: Vec<Sample>,
}

fn rate(samples: &[Sample]) -> f64 {
    median(&mut samples.iter().map(|sample| sample.rate).collect::<Vec<_>>())
}

fn latency(samples: &[Sample]) -> f64 {
    median(&mut samples.iter().map(|sample| sample.median).collect::<Vec<_>>())
}

/// A cell: operations in a second, and the median time of one.
fn cell(samples: &[Sample]) -> String {
    if samples.is_empty() {
        return "–".to_owned();
    }
    format!("{:.0} ({:.1} µs)", rate(samples), latency(samples))
}

pub fn heading() {
    println!(
        "| work | embedded /s (median) | denokv_sqlite /s (median) | raw rusqlite /s (median) | ratio | of medians |"
    );
    println!("|---|---|---|---|---|---|");
}

/// One row of rates. The first ratio is that of rates, the second that of median times: a neighbour on the machine
/// that stops both for a while changes the first more.
pub fn rates(name: &str, rounds: &Rounds) -> (String, f64) {
    let ratio = rate(&rounds.embedded) / rate(&rounds.deno);
    let of_medians = latency(&rounds.deno) / latency(&rounds.embedded);
    println!(
        "| {name} | {} | {} | {} | {ratio:.2} | {of_medians:.2} |",
        cell(&rounds.embedded),
        cell(&rounds.deno),
        cell(&rounds.raw)
    );
    (name.to_owned(), ratio)
}

/// One row of single figures, of which less is better.
pub fn figures(name: &str, unit: &str, embedded: f64, deno: f64, raw: f64) -> (String, f64) {
    let ratio = deno / embedded;
    println!("| {name}, {unit} | {embedded:.1} | {deno:.1} | {raw:.1} | {ratio:.2} | |");
    (name.to_owned(), ratio)
}
