//! What a backup says of itself: where it is from, and what each of its states is.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::sums::{Sum, Sums};
use crate::database::LastingId;
use crate::key::EncodedKey;
use crate::versionstamp::Versionstamp;

/// The format that this build writes, and the newest that it reads.
pub(super) const FORMAT: u64 = 1;

/// The database that a backup is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it is: a path or a URL.
    pub location: String,
    /// Its id, where it has one.
    pub id: Option<LastingId>,
}

impl Source {
    /// Whether another one is the same database: by their ids where both have one, otherwise by where they are.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        match (&self.id, &other.id) {
            (Some(own), Some(other)) => own == other,
            _ => self.location == other.location,
        }
    }
}

/// One state of a database that a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its number: 1 for the first one.
    pub number: u64,
    /// The moment at which the database was so, in milliseconds since the Unix epoch by its clock.
    pub moment: i64,
    /// The last moment at which it was found to be still so, in milliseconds since the Unix epoch.
    pub until: i64,
    /// What its entries come to.
    pub sums: Sums,
    /// Of these, how many expire.
    pub expiring: u64,
    /// The newest versionstamp among its entries.
    pub newest: Option<Versionstamp>,
    /// How often the database was read for it.
    pub passes: u64,
    /// Keys that had changed whenever the database was read again, and of which it is therefore not known that they stood
    /// so at that moment.
    pub unsettled: u64,
    /// The first of these.
    pub unsettled_named: Vec<EncodedKey>,
    /// Whether the database told when entries expire; otherwise they are kept without that.
    pub expiry: bool,
    /// Whether the database showed its queue; otherwise no message is kept.
    pub queue: bool,
}

impl State {
    /// Whether the database was so at one moment, all of it.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.unsettled == 0
    }

    fn json(&self) -> Map<String, Json> {
        let prefixes = self.sums.prefixes.as_ref().map(|prefixes| {
            let told = prefixes.iter().map(|(prefix, sum)| {
                let mut told = json_of_sum(sum);
                told.insert("prefix".to_owned(), json!(prefix.to_string()));
                told.insert("bytesOfPrefix".to_owned(), json!(hexadecimal(prefix.as_bytes())));
                Json::Object(told)
            });
            told.collect::<Vec<_>>()
        });
        let unsettled = self.unsettled_named.iter();
        let unsettled: Vec<_> = unsettled.map(|key| hexadecimal(key.as_bytes())).collect();
        let mut members = json_of_sum(&self.sums.all);
        members.insert("number".to_owned(), json!(self.number));
        members.insert("moment".to_owned(), json!(self.moment));
        members.insert("until".to_owned(), json!(self.until));
        members.insert("prefixes".to_owned(), json!(prefixes));
        members.insert("expiring".to_owned(), json!(self.expiring));
        let newest = self.newest.map(|newest| newest.to_string());
        members.insert("newestVersionstamp".to_owned(), json!(newest));
        members.insert("passes".to_owned(), json!(self.passes));
        members.insert("unsettled".to_owned(), json!(self.unsettled));
        members.insert("unsettledKeys".to_owned(), json!(unsettled));
        let carried = json!({"expiry": self.expiry, "queue": self.queue});
        members.insert("carried".to_owned(), carried);
        members
    }

    fn parse(json: &Json) -> Option<Self> {
        let number = |name| json.get(name)?.as_u64();
        let moment = |name| json.get(name)?.as_i64();
        let carried = |name| json.get("carried")?.get(name)?.as_bool();
        let prefixes = match json.get("prefixes")? {
            Json::Null => None,
            told => {
                let mut prefixes = BTreeMap::new();
                for told in told.as_array()? {
                    let prefix = bytes(told.get("bytesOfPrefix")?.as_str()?)?;
                    prefixes.insert(EncodedKey::from_bytes(prefix), parse_sum(told)?);
                }
                Some(prefixes)
            }
        };
        let newest = match json.get("newestVersionstamp")? {
            Json::Null => None,
            newest => Some(newest.as_str()?.parse().ok()?),
        };
        let unsettled = json.get("unsettledKeys")?.as_array()?.iter();
        let unsettled = unsettled.map(|key| Some(EncodedKey::from_bytes(bytes(key.as_str()?)?)));
        Some(Self {
            number: number("number")?,
            moment: moment("moment")?,
            until: moment("until")?,
            sums: Sums {
                all: parse_sum(json)?,
                prefixes,
            },
            expiring: number("expiring")?,
            newest,
            passes: number("passes")?,
            unsettled: number("unsettled")?,
            unsettled_named: unsettled.collect::<Option<_>>()?,
            expiry: carried("expiry")?,
            queue: carried("queue")?,
        })
    }
}

/// What a backup says of itself and its newest state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Of which database it is.
    pub source: Source,
    /// Its newest state.
    pub state: State,
}

impl Manifest {
    pub(super) fn json(&self) -> Json {
        let mut members = self.state.json();
        members.insert("format".to_owned(), json!(FORMAT));
        members.insert("source".to_owned(), json!(self.source.location));
        let id = self.source.id.as_ref().map(LastingId::to_string);
        members.insert("sourceId".to_owned(), json!(id));
        Json::Object(members)
    }

    /// Reads what [`Self::json`] wrote.
    pub(super) fn parse(json: &Json) -> Option<Self> {
        if json.get("format")?.as_u64()? != FORMAT {
            return None;
        }
        let id = json.get("sourceId")?;
        Some(Self {
            source: Source {
                location: json.get("source")?.as_str()?.to_owned(),
                id: id.as_str().and_then(LastingId::parse),
            },
            state: State::parse(json)?,
        })
    }
}

fn json_of_sum(sum: &Sum) -> Map<String, Json> {
    let members = [
        ("entries", json!(sum.entries)),
        ("bytes", json!(sum.bytes)),
        ("hash", json!(format!("{:032x}", sum.hash))),
    ];
    let members = members.into_iter();
    members.map(|(name, json)| (name.to_owned(), json)).collect()
}

fn parse_sum(json: &Json) -> Option<Sum> {
    Some(Sum {
        entries: json.get("entries")?.as_u64()?,
        bytes: json.get("bytes")?.as_u64()?,
        hash: u128::from_str_radix(json.get("hash")?.as_str()?, 16).ok()?,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let byte = |digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    digits.chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_as_it_was_written() {
        let sum = |entries| Sum {
            entries,
            bytes: 30,
            hash: u128::MAX - u128::from(entries),
        };
        let key = |bytes: &[u8]| EncodedKey::from_bytes(bytes.to_vec());
        let state = State {
            number: 7,
            moment: 1_795_435_200_000,
            until: 1_795_435_300_000,
            sums: Sums {
                all: sum(5),
                prefixes: Some(BTreeMap::from([
                    (key(b"\x02a\0"), sum(2)),
                    (key(b"\xff"), sum(3)),
                ])),
            },
            expiring: 1,
            newest: Some(Versionstamp([7; 10])),
            passes: 3,
            unsettled: 1,
            unsettled_named: vec![key(b"\x02a\0")],
            expiry: false,
            queue: true,
        };
        let manifest = Manifest {
            source: Source {
                location: "https://kv.example".to_owned(),
                id: LastingId::parse("2b1c4a6e-0000-4000-8000-000000000000"),
            },
            state,
        };
        assert_eq!(Manifest::parse(&manifest.json()), Some(manifest.clone()));
        let mut bare = manifest;
        bare.source.id = None;
        bare.state.newest = None;
        bare.state.sums.prefixes = None;
        assert_eq!(Manifest::parse(&bare.json()), Some(bare));
        assert_eq!(Manifest::parse(&json!({"format": 2})), None);
        assert_eq!(bytes("0g"), None);
        assert_eq!(bytes("000"), None);
    }

    #[test]
    fn a_database_is_known_again_by_its_id_or_else_by_where_it_is() {
        let source = |location: &str, id: Option<char>| Source {
            location: location.to_owned(),
            id: id.and_then(|digit| LastingId::parse(&format!("{digit}b1c4a6e-0000-4000-8000-000000000000"))),
        };
        let known = source("a", Some('1'));
        assert!(known.is(&source("b", Some('1'))));
        assert!(!known.is(&source("a", Some('2'))));
        assert!(known.is(&source("a", None)));
        assert!(!known.is(&source("b", None)));
    }
}
