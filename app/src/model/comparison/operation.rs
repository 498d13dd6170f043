//! What makes one side as the other one is, checked against what was compared.

use keyglass_store::limits::Limits;
use keyglass_store::transfer::compare::Difference;
use keyglass_store::{AtomicOperation, Entry};

use super::{ComparisonModel, key_of, sides_of};

/// Which side is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// This database becomes as the other one is.
    TakeFromThere,
    /// The other database becomes as this one is.
    PutThere,
}

/// Rows of a transaction that were made of what is selected.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The checks, and what is set and deleted.
    pub operation: AtomicOperation,
    /// How many differences it ends.
    pub taken: usize,
    /// How many are selected that it does not, because one commit does not take them, too.
    pub left: usize,
}

impl ComparisonModel {
    /// What ends the selected differences, as many of them as one commit takes.
    #[must_use]
    pub fn operation(&self, direction: Direction, limits: &Limits) -> Prepared {
        let source_tells_expiry = self.compared().is_some_and(|compared| {
            let [here, there] = compared.tells_expiry;
            match direction {
                Direction::TakeFromThere => there,
                Direction::PutThere => here,
            }
        });
        let (mut operation, mut taken) = (AtomicOperation::new(), 0);
        let all = self.differences();
        for difference in self.selected.iter().filter_map(|place| all.get(*place)) {
            let next = end(operation.clone(), difference, direction, source_tells_expiry);
            if next.validate(limits).is_err() {
                break;
            }
            operation = next;
            taken += 1;
        }
        Prepared {
            operation,
            taken,
            left: self.selected.len() - taken,
        }
    }
}

fn end(
    operation: AtomicOperation,
    difference: &Difference,
    direction: Direction,
    source_tells_expiry: bool,
) -> AtomicOperation {
    let [here, there] = sides_of(difference);
    let (target, source): (Option<&Entry>, Option<&Entry>) = match direction {
        Direction::TakeFromThere => (here, there),
        Direction::PutThere => (there, here),
    };
    let key = key_of(difference).clone();
    let operation = operation.check(key.clone(), target.map(|entry| entry.versionstamp));
    match source {
        None => operation.delete(key),
        Some(source) => {
            // An expiry that the source does not tell is no reason to end one that is there.
            let expires_at = match source_tells_expiry {
                true => source.expires_at,
                false => target.and_then(|entry| entry.expires_at),
            };
            operation.set_expiring(key, source.value.clone(), expires_at)
        }
    }
}
