//! Any bytes are a row or a journal of a store folder, or refused.
#![no_main]

use keyglass_store::embedded::read_as_anything;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| read_as_anything(bytes));
