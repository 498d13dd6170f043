//! The real program, called from outside.

// The lints that allow a test to panic look for this attribute.
#[cfg(test)]
#[cfg(unix)]
mod backing_up;
#[cfg(test)]
mod committing;
#[cfg(test)]
mod comparing;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod expired;
#[cfg(test)]
mod history;
#[cfg(test)]
#[cfg(unix)]
mod interrupts;
#[cfg(test)]
#[cfg(unix)]
mod read_only;
#[cfg(test)]
#[cfg(unix)]
mod readme;
#[cfg(test)]
mod recovering;
#[cfg(test)]
mod refusals;
#[cfg(test)]
#[cfg(unix)]
mod server;
#[cfg(test)]
#[cfg(unix)]
mod serving;
#[cfg(test)]
mod transfer;
#[cfg(test)]
#[cfg(unix)]
mod unseen_expiry;
#[cfg(test)]
mod watching;
#[cfg(test)]
mod writing;
