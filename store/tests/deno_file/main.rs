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
#[cfg(target_os = "linux")]
mod full_disk;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod parting;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod recovering;
#[cfg(test)]
mod schemas;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "../small_disk/mod.rs"]
mod small_disk;
#[cfg(test)]
mod writing;
#[cfg(test)]
mod writing_beside;
