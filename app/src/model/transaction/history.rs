//! The undo of a draft: what its rows were before each edit.

use super::row::OperationRow;

/// Edits that can be undone.
const STEPS: usize = 200;
/// Bytes of texts that are kept for that.
const BYTES: usize = 16 << 20;

/// What the rows of a draft were.
#[derive(Debug, Default)]
pub(super) struct DraftHistory {
    past: Vec<Vec<OperationRow>>,
    future: Vec<Vec<OperationRow>>,
    /// The rows as they were seen last.
    last: Vec<OperationRow>,
    /// The row whose text is being typed, letter by letter.
    typed: Option<u64>,
}

fn bytes(rows: &[OperationRow]) -> usize {
    let texts = rows.iter().map(|row| {
        let texts = &row.texts;
        size_of::<OperationRow>() + texts.key.len() + texts.value.len() + texts.undelivered.len()
    });
    texts.sum()
}

fn is_same(one: &[OperationRow], other: &[OperationRow]) -> bool {
    let same = |(one, other): (&OperationRow, &OperationRow)| {
        one.id == other.id
            && one.kind == other.kind
            && one.texts == other.texts
            && one.choices == other.choices
    };
    one.len() == other.len() && one.iter().zip(other).all(same)
}

impl DraftHistory {
    /// Rows were edited; `typed` is the row in which a letter was typed, which makes one step with the letters before.
    pub fn edited(&mut self, rows: &[OperationRow], typed: Option<u64>) {
        if is_same(&self.last, rows) {
            return;
        }
        let before = std::mem::replace(&mut self.last, rows.to_vec());
        if typed.is_none() || self.typed != typed || self.past.is_empty() {
            self.past.push(before);
        }
        self.typed = typed;
        self.future.clear();
        let mut kept: usize = self.past.iter().map(|rows| bytes(rows)).sum();
        while self.past.len() > 1 && (self.past.len() > STEPS || kept > BYTES) {
            kept -= bytes(&self.past.remove(0));
        }
    }

    /// Other rows take the place of these, which is no edit.
    pub fn begin(&mut self, rows: &[OperationRow]) {
        *self = Self {
            last: rows.to_vec(),
            ..Self::default()
        };
    }

    /// The rows as they were before the last edit.
    pub fn undo(&mut self) -> Option<Vec<OperationRow>> {
        let rows = self.past.pop()?;
        self.future.push(std::mem::replace(&mut self.last, rows.clone()));
        self.typed = None;
        Some(rows)
    }

    /// The rows as they were before the last undo.
    pub fn redo(&mut self) -> Option<Vec<OperationRow>> {
        let rows = self.future.pop()?;
        self.past.push(std::mem::replace(&mut self.last, rows.clone()));
        self.typed = None;
        Some(rows)
    }

    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }
}
