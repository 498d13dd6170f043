//! Databases on servers that speak KV Connect: Deno Deploy, `denokv`, another Keyglass.
//!
//! ```no_run
//! use keyglass_store::connect::Token;
//! use keyglass_store::remote::RemoteOptions;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let token = Token::of_server(&std::env::var("DENO_KV_ACCESS_TOKEN")?)?;
//! let database = RemoteOptions::new().open("https://api.deno.com/v2/databases/ID/connect", Some(&token))?;
//! println!("{:?}", database.metered());
//! # Ok(())
//! # }
//! ```
//!
//! **By the protocol alone** there are reads of ten ranges and a thousand entries, commits, and watches of ten keys. A
//! level of the tree is found by seeking, counts by reading, changes by comparing: small ranges whole, of large ones the
//! pages that were read last. Nothing shows
//! when an entry expires, and a set that names no expiry leaves none: [`Capabilities::expiry`] is false. No view outlasts
//! a request. Where the server is a Keyglass, its owner answers all that it can see itself; see [`crate::attached`].
//!
//! **Each read is a request that somebody may pay for**; [`Database::metered`] counts them, and says what is wrong.
//!
//! **Faults.** What only reads is asked again, more and more slowly, when the server or the way to it fails for a while;
//! a server that wants to be left alone is. A token that is not good any more is renewed once. A commit that was sent and
//! not answered is never sent again: what stands under its keys is read, and where that does not tell whether it was
//! done, it is [`CommitError::Unknown`]. When the server is back, everything goes on by itself.
//!
//! It runs on one thread of its own.
//!
//! [`Capabilities::expiry`]: crate::Capabilities::expiry
//! [`CommitError::Unknown`]: crate::CommitError::Unknown
//! [`Database::metered`]: crate::Database::metered

mod ahead;
mod changes;
mod children;
mod compared;
mod database;
mod exchange;
mod fault;
mod looking;
mod meter;
mod open;
mod reading;
mod recent;
mod server;
mod trial;
mod watching;
mod writing;

/// Reads bytes as any answer of a server; for the fuzzer.
#[cfg(fuzzing)]
pub fn read_response(bytes: &[u8]) {
    use crate::database::ReadRange;
    use crate::key::KeyRange;
    let _exchanged = crate::connect::exchanged::Exchanged::parse(bytes);
    let answer = bytes::Bytes::copy_from_slice(bytes);
    for reverse in [false, true] {
        let range = ReadRange {
            range: KeyRange::everything(),
            limit: 1000,
            reverse,
        };
        if let Ok(pages) = reading::decode(answer.clone(), &[range], "") {
            assert!(pages.iter().flatten().is_sorted_by(|one, next| match reverse {
                false => one.key < next.key,
                true => one.key > next.key,
            }));
        }
    }
    writing::read_outcome(answer);
    watching::read_frames(bytes);
}

pub use open::{RemoteOptions, location};
pub use trial::{Stage, Step};
