//! What must hold of the repository itself and no lint can tell: `cargo nextest run -p keyglass-tests tidy`.

mod commands;
mod directions;
mod length;
mod named_tests;
mod pictures;
mod sleeps;
mod source;
mod units;
mod wrappers;
