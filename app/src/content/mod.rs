//! What a database holds, as the window knows it: rows, blobs, sets of keys, values by their places, texts to copy.

pub mod blob;
pub mod change_kind;
pub mod change_line;
pub mod condition;
pub mod copy;
pub mod difference_line;
pub mod engine_facts;
pub mod field_changes;
pub mod identity;
pub mod key_set;
pub mod past_moments;
pub mod recovered;
pub mod request_line;
pub mod request_text;
pub mod row;
pub mod value_changes;
pub mod value_path;
