//! What a copy does with one key.

use super::{CopyOptions, Wanted};
use crate::entry::Entry;
use crate::transfer::Existing;

/// What happens to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// It is not looked at.
    Nothing,
    /// What is wanted stands there.
    Same,
    /// What stands there stays.
    Skip,
    /// The copy stops.
    Refuse,
    /// What is wanted takes its place, or nothing does.
    Write,
}

/// By which rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Policy {
    existing: Existing,
    mirror: bool,
    /// Whether both sides tell expiries.
    compares_expiry: bool,
}

impl Policy {
    pub(super) fn of(options: &CopyOptions, compares_expiry: bool) -> Self {
        Self {
            compares_expiry,
            existing: options.existing,
            mirror: options.mirror,
        }
    }

    /// Decides about a key by what is wanted there and what stands there.
    pub(super) fn decide(self, wanted: Option<&Wanted>, there: Option<&Entry>) -> Plan {
        match (wanted, there) {
            (None, None) => Plan::Nothing,
            (None, Some(_)) if self.mirror => Plan::Write,
            (None, Some(_)) => Plan::Nothing,
            (Some(_), None) => Plan::Write,
            (Some(wanted), Some(there)) if wanted.is(there, self.compares_expiry) => Plan::Same,
            (Some(_), Some(_)) if self.mirror => Plan::Write,
            (Some(_), Some(_)) => match self.existing {
                Existing::Skip => Plan::Skip,
                Existing::Overwrite => Plan::Write,
                Existing::Fail => Plan::Refuse,
            },
        }
    }
}
