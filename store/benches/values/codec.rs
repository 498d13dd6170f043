//! Decoding and encoding V8's format.

use std::hint::black_box;

use keyglass_store::{Encoding, StoredValue};
use v8_valueserializer::{ValueDeserializer, ValueSerializer};

use crate::Settings;
use crate::measure::{median, rate};
use crate::payloads::{Payload, all};

pub fn run(settings: &Settings) {
    println!("| decode | Keyglass | v8_valueserializer | ratio |\n|---|---|---|---|");
    for payload in all() {
        let stored = StoredValue {
            encoding: Encoding::V8,
            bytes: payload.bytes.clone().into(),
        };
        compare(
            "decode",
            settings,
            &payload,
            || {
                black_box(stored.decode().expect("it decodes"));
            },
            || {
                let read = ValueDeserializer::default().read(black_box(&payload.bytes));
                black_box(read.expect("it decodes"));
            },
        );
    }
    println!("\n| encode | Keyglass | v8_valueserializer | ratio |\n|---|---|---|---|");
    for payload in all() {
        let stored = StoredValue {
            encoding: Encoding::V8,
            bytes: payload.bytes.clone().into(),
        };
        let value = stored.decode().expect("it decodes");
        let read = ValueDeserializer::default().read(&payload.bytes);
        let (theirs, heap) = read.expect("it decodes");
        compare(
            "encode",
            settings,
            &payload,
            || {
                black_box(StoredValue::from_value(black_box(&value)).expect("it encodes"));
            },
            || {
                let written = ValueSerializer::default().finish(black_box(&heap), black_box(&theirs));
                black_box(written.expect("it encodes"));
            },
        );
    }
}

/// One row: both in turns.
fn compare(
    work: &str,
    settings: &Settings,
    payload: &Payload,
    mut ours: impl FnMut(),
    mut theirs: impl FnMut(),
) {
    let rounds =
        (0..settings.rounds).map(|_| (rate(settings.round, &mut ours), rate(settings.round, &mut theirs)));
    let (mut ours, mut theirs): (Vec<_>, Vec<_>) = rounds.unzip();
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    let megabytes = payload.bytes.len() as f64 / 1e6;
    let shown = |rate: f64| {
        if payload.is_large {
            format!("{:.0} MB/s", rate * megabytes)
        } else {
            format!("{:.2} million/s", rate / 1e6)
        }
    };
    let (name, size) = (payload.name, payload.bytes.len());
    println!(
        "| {name} ({size} bytes) | {} | {} | {:.2} |",
        shown(ours),
        shown(theirs),
        ours / theirs
    );
    let figure = if payload.is_large { ours * megabytes } else { ours };
    let name = name.replace([' ', ','], "-");
    println!("figure {work}-{name} {figure:.0}");
    println!("ratio {work}-{name} {:.2}", ours / theirs);
}
