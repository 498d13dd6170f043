//! What a database holds, as the window knows it: rows, blobs, sets of keys, values by their places, texts to copy.

pub mod blob;
pub mod copy;
pub mod engine_facts;
pub mod identity;
pub mod key_set;
pub mod recovered;
pub mod request_line;
pub mod request_text;
pub mod row;
pub mod value_changes;
pub mod value_path;
