//! What was asked of a server, and how that goes.

use std::sync::Mutex;
use std::time::Duration;

use super::fault;
use super::server::lock;
use crate::database::Metered;
use crate::error::ConnectError;

#[derive(Default)]
pub(super) struct Meter(Mutex<Metered>);

impl Meter {
    pub(super) fn read(&self) -> Metered {
        lock(&self.0).clone()
    }

    pub(super) fn sent(&self, bytes: usize, again: bool) {
        let mut metered = lock(&self.0);
        metered.requests += 1;
        metered.repeated += u64::from(again);
        metered.bytes_sent += bytes as u64;
    }

    pub(super) fn received(&self, bytes: usize) {
        lock(&self.0).bytes_received += bytes as u64;
    }

    pub(super) fn committed(&self) {
        lock(&self.0).commits += 1;
    }

    pub(super) fn entries(&self, number: usize) {
        lock(&self.0).entries_read += number as u64;
    }

    pub(super) fn is_well(&self) {
        lock(&self.0).trouble = None;
    }

    /// Something was not answered, and is asked again after a pause, or not.
    pub(super) fn is_troubled(&self, error: &ConnectError, pause: Option<Duration>) {
        let (mut reason, _url) = fault::parts(error);
        if let Some(first) = reason.get(..1).map(str::to_uppercase) {
            reason.replace_range(..1, &first);
        }
        let then = match pause.map(|pause| pause.as_secs()) {
            None => String::new(),
            Some(0) => "; asking again".to_owned(),
            Some(seconds) => format!("; asking again in {seconds} s"),
        };
        lock(&self.0).trouble = Some(format!("{reason}{then}"));
    }
}
