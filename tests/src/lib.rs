//! Keyglass as a whole, tested from outside: the built program, real windows under Xvfb, and real Deno
//! writing the same files.
//!
//! `tests/run product` builds `keyglass` with the tests, installs Deno and its official server into `.peers`, and runs these
//! tests.
//! They are unit tests of this crate, so that all of them share one binary.

#[cfg(test)]
mod attach;
#[cfg(test)]
mod backing_up;
#[cfg(test)]
mod beside_deno;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod browser;
#[cfg(test)]
mod command_line;
#[cfg(test)]
#[cfg(unix)]
mod connect;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod connect_window;
#[cfg(test)]
mod data;
#[cfg(test)]
mod deno;
#[cfg(test)]
mod denokv;
#[cfg(test)]
#[cfg(unix)]
mod drafts;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod ending;
#[cfg(test)]
mod following;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod hands;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod keychain;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod picture;
#[cfg(test)]
mod program;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod screen;
#[cfg(test)]
#[cfg(unix)]
mod serve;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod serve_window;
#[cfg(test)]
mod served_killed;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod story;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod values;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod window;
#[cfg(test)]
mod writing;
