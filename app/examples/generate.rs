//! Makes a large database, the same each time, to try how the window copes:
//!
//! `cargo run --release -p keyglass --example generate -- FOLDER --keys 10000000`

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use keyglass::model::draft::parse_value;
use keyglass_store::embedded::{BulkLoad, Store};
use keyglass_store::{Key, KeyPart, StoredValue};

/// What is made in a row without a word.
const TELL_EVERY: u64 = 1_000_000;
/// Different values of each prefix.
const VALUES: u64 = 997;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Makes a large database in a new folder.
#[derive(Parser)]
struct Arguments {
    /// The folder to make
    folder: PathBuf,
    /// How many entries it shall have
    #[arg(long, default_value_t = 1_000_000)]
    keys: u64,
}

/// A prefix, how many of a hundred entries it gets, what its keys and its values are.
struct Shelf {
    name: &'static str,
    percent: u64,
    rest: fn(u64) -> Vec<KeyPart>,
    value: fn(u64) -> String,
}

/// One level of millions, folders of folders, few large folders, and keys of every type.
const SHELVES: [Shelf; 5] = [
    Shelf {
        name: "events",
        percent: 20,
        rest: |at| {
            let day = format!("2026-{:02}-{:02}", at / 28 % 12 + 1, at % 28 + 1);
            vec![day.into(), KeyPart::BigInt((at / 336).into())]
        },
        value: |at| {
            format!(
                "{{kind: '{}', at: new Date({}), user: {}, ok: {}}}",
                pick(at, &["click", "view", "order", "login"]),
                1_767_225_600_000 + at * 60_000,
                at * 31 % 5000,
                at % 7 != 0
            )
        },
    },
    Shelf {
        name: "items",
        percent: 40,
        rest: |at| vec![KeyPart::Number(at as f64)],
        value: |at| match at % 6 {
            0 => format!(
                "'item number {at}, a {}'",
                pick(at, &["lamp", "rope", "anvil", "kettle"])
            ),
            1 => format!("{at}.5"),
            2 => format!("{at}00000000000000n"),
            3 => format!("[{at}, 'two', null, undefined, true]"),
            4 => format!("new Map([['sku', 'SKU-{at:06}'], ['tags', new Set(['new', 'heavy'])]])"),
            _ => format!("{{sku: 'SKU-{at:06}', price: {}.99, stock: {at}n}}", at % 500),
        },
    },
    Shelf {
        name: "sessions",
        percent: 10,
        rest: |at| vec![KeyPart::Bytes(mixed(at).to_be_bytes().to_vec())],
        value: |at| format!("new Uint8Array([{}, {}, 0, 255])", at % 256, at / 256 % 256),
    },
    Shelf {
        name: "users",
        percent: 29,
        rest: |at| {
            let part = pick(at, &["address", "cart", "notes", "profile", "visits"]);
            vec![KeyPart::Number((at / 5) as f64), part.into()]
        },
        value: |at| {
            format!(
                "{{name: '{} {}', email: 'user{at}@example.com', credit: {}.25, since: new Date({})}}",
                pick(at, &["Ada", "Grace", "Edsger", "Barbara", "Donald"]),
                pick(at / 5, &["Lovelace", "Hopper", "Dijkstra", "Liskov", "Knuth"]),
                at % 1000,
                1_700_000_000_000 + at * 1000
            )
        },
    },
    Shelf {
        name: "visits",
        percent: 1,
        rest: |at| vec![KeyPart::Boolean(at % 2 == 1), format!("page {}", at / 2).into()],
        value: |at| format!("new Deno.KvU64({}n)", at * 17),
    },
];

fn main() -> Outcome<()> {
    let Arguments { folder, keys } = Arguments::parse();
    let begun = Instant::now();
    let store = Store::create(&folder)?;
    let mut load = store.bulk_load();
    let mut made = 0;
    let mut percent = 0;
    for shelf in SHELVES {
        // What rounding leaves over goes to the last one.
        percent += shelf.percent;
        let end = keys / 100 * percent + keys % 100 * percent / 100;
        fill(&mut load, &shelf, end - made, made)?;
        made = end;
    }
    load.finish()?;
    let seconds = begun.elapsed().as_secs_f64();
    tell(&format!("{made} entries in {seconds:.0} s: {}", folder.display()))
}

/// Adds so many entries; `before` were made already.
fn fill(load: &mut BulkLoad, shelf: &Shelf, entries: u64, before: u64) -> Outcome<()> {
    let values: Result<Vec<StoredValue>, _> = (0..VALUES)
        .map(|at| parse_value(&(shelf.value)(at)).map_err(|error| error.to_string()))
        .collect();
    let values = values?;
    for (at, value) in (0..entries).zip(values.iter().cycle()) {
        let mut parts = vec![KeyPart::String(shelf.name.to_owned())];
        parts.extend((shelf.rest)(at));
        load.add(Key(parts).encode()?, value.clone(), None)?;
        let made = before + at + 1;
        if made.is_multiple_of(TELL_EVERY) {
            tell(&format!("{made} entries"))?;
        }
    }
    Ok(())
}

fn tell(text: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

fn pick(at: u64, texts: &[&'static str]) -> &'static str {
    let index = at.checked_rem(texts.len() as u64).unwrap_or(0);
    let text = usize::try_from(index).ok().and_then(|index| texts.get(index));
    text.copied().unwrap_or_default()
}

/// Numbers that look like chance, a different one for each.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}
