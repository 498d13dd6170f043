//! The embedded store through its public face.

#[cfg(test)]
mod children;
#[cfg(test)]
mod commits;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod expiry;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod format;
#[cfg(test)]
mod history;
#[cfg(test)]
mod loading;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod read_only;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "../small_disk/mod.rs"]
mod small_disk;
#[cfg(test)]
mod typed;
#[cfg(test)]
mod upkeep;
#[cfg(test)]
mod watching;
