//! Any bytes are a message of the extension of KV Connect or refused, whichever it is taken for: requests that a server
//! hears, and answers that a client does.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| keyglass_store::connect::read_extension(bytes));
