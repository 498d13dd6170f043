//! Two sides read side by side in key order.

use std::cmp::Ordering;

use super::Side;
use crate::entry::Entry;
use crate::transfer::TransferError;

/// What stands under one key on two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pair {
    /// Only the left side has it.
    Left(Entry),
    /// Only the right side has it.
    Right(Entry),
    /// Both have it.
    Both(Entry, Entry),
}

impl Pair {
    /// Bytes of the entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Left(entry) | Self::Right(entry) => entry.size(),
            Self::Both(left, right) => left.size() + right.size(),
        }
    }

    /// The left and the right side.
    #[must_use]
    pub fn into_sides(self) -> (Option<Entry>, Option<Entry>) {
        match self {
            Self::Left(left) => (Some(left), None),
            Self::Right(right) => (None, Some(right)),
            Self::Both(left, right) => (Some(left), Some(right)),
        }
    }
}

/// Goes through two sides at once, key by key.
pub struct Pairs<'a> {
    left: Next<'a>,
    right: Next<'a>,
}

struct Next<'a> {
    entries: Box<Side<'a>>,
    /// The entry that comes next; none once the side has ended.
    next: Option<Entry>,
    begun: bool,
}

impl Next<'_> {
    fn peek(&mut self) -> Result<Option<&Entry>, TransferError> {
        if !self.begun {
            self.begun = true;
            self.next = self.entries.next().transpose()?;
        }
        Ok(self.next.as_ref())
    }

    fn take(&mut self) -> Option<Entry> {
        self.begun = false;
        self.next.take()
    }
}

impl<'a> Pairs<'a> {
    /// Of two sides, each in key order.
    #[must_use]
    pub fn new(left: Box<Side<'a>>, right: Box<Side<'a>>) -> Self {
        let side = |entries| Next {
            entries,
            next: None,
            begun: false,
        };
        Self {
            left: side(left),
            right: side(right),
        }
    }

    fn pair(&mut self) -> Result<Option<Pair>, TransferError> {
        let order = match (self.left.peek()?, self.right.peek()?) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(left), Some(right)) => left.key.cmp(&right.key),
        };
        Ok(match order {
            Ordering::Less => self.left.take().map(Pair::Left),
            Ordering::Greater => self.right.take().map(Pair::Right),
            Ordering::Equal => self
                .left
                .take()
                .zip(self.right.take())
                .map(|(left, right)| Pair::Both(left, right)),
        })
    }
}

impl Iterator for Pairs<'_> {
    type Item = Result<Pair, TransferError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.pair().transpose()
    }
}
