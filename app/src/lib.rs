//! Keyglass: a native inspector for Deno KV databases.

pub mod theme;
pub mod widgets;
