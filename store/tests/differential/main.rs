//! The embedded store and `denokv_sqlite`, the engine inside Deno, through the same random operations.
//!
//! They must answer alike: outcomes, failed checks, error messages, entries, order, expiries, queue. The only
//! differences allowed are:
//!
//! 1. Numbers of versionstamps: Deno's grow by random steps. What counts is which commit a stamp names.
//! 2. An operation that fails by a type error keeps the mutations before it in Deno, which is a bug. Here it
//!    leaves nothing.
//! 3. An entry whose expiry has passed stays readable in Deno until it is swept. Here it is gone at once.
//! 4. How bigints and numbers that were summed are written as V8 bytes; what they are is the same.

#[cfg(test)]
mod comparison;
#[cfg(test)]
mod deno;
