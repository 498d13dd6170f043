//! The server of KV Connect over the wire: what it does, what it refuses and in which words, and whom it does not serve.
//!
//! Tables hold the cases; each has a name, which a failure tells.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod client;
#[cfg(test)]
mod commits;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod greedy;
#[cfg(test)]
mod greedy_http2;
#[cfg(test)]
mod mutated;
#[cfg(test)]
mod official;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod served;
#[cfg(test)]
mod watching;
