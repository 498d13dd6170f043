//! One-line previews, of which a list draws dozens a frame.

use std::hint::black_box;

use keyglass_store::value::literal::preview;
use keyglass_store::{Encoding, StoredValue};

use crate::Settings;
use crate::measure::{median, rate};
use crate::payloads::all;

/// As many characters as a wide list shows.
const CHARACTERS: usize = 120;

pub fn run(settings: &Settings) {
    println!("\n| preview of {CHARACTERS} characters | thousand/s |\n|---|---|");
    for payload in all() {
        let stored = StoredValue {
            encoding: Encoding::V8,
            bytes: payload.bytes.clone().into(),
        };
        let work = || {
            black_box(preview(black_box(&stored), CHARACTERS));
        };
        let mut rates: Vec<_> = (0..settings.rounds).map(|_| rate(settings.round, work)).collect();
        let rate = median(&mut rates);
        println!(
            "| {} ({} bytes) | {:.1} |",
            payload.name,
            payload.bytes.len(),
            rate / 1e3
        );
        println!(
            "figure preview-{} {rate:.0}",
            payload.name.replace([' ', ','], "-")
        );
    }
}
