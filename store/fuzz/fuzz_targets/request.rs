//! Any bytes are a request of KV Connect or refused, whichever of the three it is taken for.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| keyglass_store::connect::read_request(bytes));
