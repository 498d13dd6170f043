//! Any bytes are a damaged file of SQLite and its `-wal`, of which something is left or nothing.
#![no_main]

use keyglass_store::read_wreck;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| read_wreck(bytes));
