//! Keyglass: a native inspector for key-value data.
fn main() {}
