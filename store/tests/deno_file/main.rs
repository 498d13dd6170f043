//! Deno's SQLite files, read and written beside the program that uses them.
#![cfg(feature = "deno-file")]

#[cfg(test)]
mod backup;
#[cfg(test)]
mod expired;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod following;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod parting;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod recovering;
#[cfg(test)]
mod writing;
#[cfg(test)]
mod writing_beside;
