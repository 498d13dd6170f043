//! Any bytes are a file of a backup, or refused.
#![no_main]

use keyglass_store::backup::read_as_records;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| read_as_records(bytes));
