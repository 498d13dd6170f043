//! Backups of databases: what is in them, what they refuse, and what comes back.
#![cfg(feature = "deno-file")]

#[cfg(test)]
mod holding;
#[cfg(test)]
#[cfg(feature = "remote")]
mod over_the_wire;
#[cfg(test)]
mod restoring;
#[cfg(test)]
mod settling;
#[cfg(test)]
mod shelf;

#[cfg(test)]
#[path = "../pass_through/mod.rs"]
mod pass_through;
