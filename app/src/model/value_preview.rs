//! What the bytes in the entry panel hold, as the worker recognises them.

use keyglass_store::Database;

use super::panel::{PanelModel, Telling};
use crate::content::blob::{Blob, BlobKey};
use crate::errand::{Answer, Errand, Look};
use crate::recognise::Recognised;

/// The preview of the bytes that are shown. Bytes are named by a number that changes with them.
#[derive(Debug, Default)]
pub struct ValuePreview {
    shown: Option<u64>,
    found: Option<(u64, Option<Box<Recognised>>)>,
    blob: Option<(u64, Box<Blob>)>,
    wants: Vec<Errand>,
}

impl ValuePreview {
    /// Shows other bytes, or none; they are looked into once.
    pub fn show<'b>(&mut self, identity: Option<u64>, bytes: impl FnOnce() -> &'b [u8]) {
        if self.shown == identity {
            return;
        }
        self.shown = identity;
        if let Some(identity) = identity {
            let bytes = bytes().to_vec();
            self.wants.push(Look::Bytes { identity, bytes }.into());
        }
    }

    /// Shows a blob of which the entry is a part; it is read once for each name.
    pub fn show_blob(&mut self, identity: u64, key: &BlobKey) {
        if self.shown != Some(identity) {
            self.shown = Some(identity);
            let key = key.clone();
            self.wants.push(Look::Blob { identity, key }.into());
        }
    }

    /// The blob that is shown.
    #[must_use]
    pub fn blob(&self) -> Option<&Blob> {
        let (identity, blob) = self.blob.as_ref()?;
        (self.shown == Some(*identity)).then_some(blob)
    }

    /// Takes a blob that was read.
    pub fn apply_blob(&mut self, identity: u64, mut blob: Box<Blob>) {
        self.found = Some((identity, blob.recognised.take()));
        self.blob = Some((identity, blob));
    }

    /// Names the bytes that are shown.
    #[must_use]
    pub fn shown(&self) -> Option<u64> {
        self.shown
    }

    /// What they hold, if they look like anything.
    #[must_use]
    pub fn found(&self) -> Option<&Recognised> {
        let (identity, found) = self.found.as_ref()?;
        found.as_deref().filter(|_| self.shown == Some(*identity))
    }

    /// Whether they are still being looked into.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.shown.is_some() && self.shown != self.found.as_ref().map(|(identity, _)| *identity)
    }

    /// Takes what was found.
    pub fn apply(&mut self, identity: u64, found: Option<Box<Recognised>>) {
        self.found = Some((identity, found));
    }

    /// What the worker shall do.
    pub fn take_wants(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.wants)
    }
}

impl PanelModel for ValuePreview {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        Self::take_wants(self)
    }

    fn take_answer(&mut self, answer: Answer, telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            Answer::Recognised { identity, found } => self.apply(identity, found),
            Answer::Blob {
                identity,
                blob: Ok(blob),
            } => self.apply_blob(identity, blob),
            Answer::Blob { blob: Err(error), .. } => telling.notices.error(error.to_string(), telling.now),
            other => return Some(other),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognise::recognise;

    #[test]
    fn bytes_are_looked_into_once_and_only_what_is_shown_is_found() {
        let mut preview = ValuePreview::default();
        preview.show(Some(1), || b"one");
        preview.show(Some(1), || b"one");
        assert_eq!(preview.take_wants().len(), 1);
        assert!(preview.is_waiting());
        preview.show(Some(2), || b"two");
        preview.apply(1, recognise(b"one").map(Box::new));
        assert!(preview.found().is_none() && preview.is_waiting());
        preview.apply(2, recognise(b"two").map(Box::new));
        assert_eq!(preview.found().unwrap().title, "UTF-8 text, 3 B");
        preview.show(None, || b"");
        assert!(preview.found().is_none() && !preview.is_waiting());
    }
}
