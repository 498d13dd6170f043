//! The window as a person uses it: the real state, threads and databases, without a display.

mod browse;
mod edit;
mod harness;
mod jobs;
mod live;
mod pictures;
mod transact;
