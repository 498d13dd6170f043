//! What operations do, one case a line.

mod checks;
mod counters;
mod sums;
mod writes;

use denokv_proto::datapath as pb;

use crate::cases::{self, Case};
use crate::served::{Peer, key, meaning, mutation, set, value};

/// A part of an operation, with keys and values written in JavaScript.
enum Part {
    Set(&'static str, &'static str),
    Delete(&'static str),
    Sum(&'static str, &'static str),
    /// With the least, the greatest, and whether to clip.
    SumWithin(&'static str, &'static str, &'static str, &'static str, bool),
    Min(&'static str, &'static str),
    Max(&'static str, &'static str),
    Suffixed(&'static str, &'static str),
    Absent(&'static str),
    /// With the versionstamp that the key has.
    Unchanged(&'static str),
    /// With another one.
    Changed(&'static str),
}

enum Ends {
    Committed,
    Failed(&'static [u32]),
    Refused(&'static str),
}

use Ends::{Committed, Failed, Refused};
use Part::{Absent, Changed, Delete, Max, Min, Set, Suffixed, Sum, SumWithin, Unchanged};

pub const A: &str = r#"["a"]"#;
pub const B: &str = r#"["b"]"#;
const C: &str = r#"["c"]"#;
const MAX: &str = "new Deno.KvU64(18446744073709551615n)";
const ZERO: &str = "new Deno.KvU64(0n)";
pub const ONE: &str = "new Deno.KvU64(1n)";
pub const TWO: &str = "new Deno.KvU64(2n)";
const THREE: &str = "new Deno.KvU64(3n)";

type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [Part],
    Ends,
    &'static [(&'static str, Option<&'static str>)],
);

/// One for each line of the tables.
pub(crate) fn cases() -> Vec<Case> {
    let tables = [writes::CASES, checks::CASES, counters::CASES, sums::CASES];
    let rows = tables.into_iter().flatten();
    rows.map(|row| Case::new(row.0, move |peer| run(peer, row)))
        .collect()
}

#[test]
fn operations_do_what_denos_do() {
    cases::hold(&cases());
}

fn run(peer: &Peer, (name, before, parts, ends, after): &Row) {
    let mut client = peer.client();
    client.commit([A, B, C].map(|text| mutation(2, key(text), None)).to_vec());
    if !before.is_empty() {
        client.commit(before.iter().map(|(key, value)| set(key, value)).collect());
    }
    let mut request = pb::AtomicWrite::default();
    for part in *parts {
        let within = |text: &str| value(text).data;
        let (number, at, with) = match part {
            Absent(at) | Unchanged(at) | Changed(at) => {
                let mut versionstamp = match client.get(&key(at)) {
                    Some(entry) => entry.versionstamp,
                    None => vec![0; 10],
                };
                match part {
                    Absent(_) => versionstamp.clear(),
                    Changed(_) => versionstamp[7] ^= 0xff,
                    _ => {}
                }
                request.checks.push(pb::Check {
                    key: key(at),
                    versionstamp,
                });
                continue;
            }
            Set(at, with) => (1, at, Some(with)),
            Delete(at) => (2, at, None),
            Sum(at, with) | SumWithin(at, with, ..) => (3, at, Some(with)),
            Max(at, with) => (4, at, Some(with)),
            Min(at, with) => (5, at, Some(with)),
            Suffixed(at, with) => (9, at, Some(with)),
        };
        let mut mutation = mutation(number, key(at), with.map(|text| value(text)));
        if let SumWithin(_, _, min, max, clamp) = part {
            (mutation.sum_min, mutation.sum_max) = (within(min), within(max));
            mutation.sum_clamp = *clamp;
        }
        request.mutations.push(mutation);
    }
    match (client.write(&request), ends) {
        (Ok(output), Committed) => assert_eq!(output.status, 1, "{name}"),
        (Ok(output), Failed(checks)) => {
            assert_eq!(output.status, 2, "{name}");
            assert_eq!(output.failed_checks, *checks, "{name}");
            assert!(output.versionstamp.is_empty(), "{name}");
        }
        (Err(refused), Refused(text)) => assert_eq!(refused, (400, (*text).to_owned()), "{name}"),
        (other, _) => panic!("{name}: {other:?}"),
    }
    for (at, expected) in *after {
        let found = client.get(&key(at));
        let found = found.map(|entry| meaning(&entry.value, entry.encoding));
        let expected = expected.map(|text| {
            let value = value(text);
            meaning(&value.data, value.encoding)
        });
        assert_eq!(found, expected, "{name}");
    }
}
