//! Any bytes are an answer of a server of KV Connect or none, whichever it is taken for: to a metadata exchange, a read, a
//! write, a watch.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| keyglass_store::remote::read_response(bytes));
