//! Transfers between databases and files.
#![cfg(feature = "deno-file")]

#[cfg(test)]
mod comparing;
#[cfg(test)]
mod copying;
#[cfg(test)]
mod expired;
#[cfg(test)]
mod exporting;
#[cfg(test)]
mod failing;
#[cfg(test)]
mod fixture;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod full_disk;
#[cfg(test)]
mod importing;
#[cfg(test)]
mod journaling;
#[cfg(test)]
#[path = "../pass_through/mod.rs"]
mod pass_through;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "../small_disk/mod.rs"]
mod small_disk;
