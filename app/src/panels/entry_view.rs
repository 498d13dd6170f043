//! How the entry panel is looked at.

use std::cell::OnceCell;

use egui::Context;
use keyglass_store::Versionstamp;
use keyglass_store::key::EncodedKey;

use crate::content::identity::SharedObject;
use crate::content::value_changes::ValueChanges;
use crate::model::entry_panel::EntryPanel;
use crate::widgets::diff::Diff;
use crate::widgets::hex_view::HexViewState;
use crate::widgets::row_scroller::ScrollPosition;
use crate::widgets::value_tree::ValueTreeState;

/// Two of the three versions of an entry that changed while it was edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Comparison {
    /// What stands there now, and what was typed.
    #[default]
    NowToMine,
    /// What was seen, and what stands there now.
    SeenToNow,
    /// What was seen, and what was typed.
    SeenToMine,
}

/// How an edited value differs from what was seen.
#[derive(Debug)]
pub(super) struct ShownChanges {
    /// Of which entry, seen in which state, after how many edits.
    pub of: (EncodedKey, Option<Versionstamp>, u64),
    /// The changes.
    pub changes: ValueChanges,
    /// The edited value in the interchange form, once that was asked for.
    pub json: OnceCell<String>,
}

/// The objects that stand in several places of the value that is shown.
#[derive(Debug)]
pub(super) struct ShownShared {
    /// Of which entry, after how many edits.
    pub of: (EncodedKey, u64),
    /// The objects.
    pub objects: Vec<SharedObject>,
    /// The code has marks for them, as it would be too long otherwise.
    pub has_marks: bool,
}

/// How the entry panel is looked at.
#[derive(Debug, Default)]
pub struct EntryView {
    /// Which key is shown.
    of: Option<EncodedKey>,
    num_edits_done: u64,
    /// The value as a tree.
    pub(super) value_tree: ValueTreeState,
    /// How the edited value differs from what was seen, if it does.
    pub(super) value_changes: Option<ShownChanges>,
    /// The objects that stand in several places of the value.
    pub(super) shared: Option<ShownShared>,
    /// An edit of such an object changes it only where it is edited.
    pub(super) edits_only_here: bool,
    /// A text that is too long to be shown at once was asked for.
    pub(super) shows_long_text: bool,
    /// The bytes that the value holds.
    pub(super) hex: HexViewState,
    /// The stored form of a value is shown as bytes, not the bytes that it holds.
    pub(super) shows_stored_bytes: bool,
    /// The stored bytes.
    pub(super) stored_hex: HexViewState,
    /// Bytes that were packed inside the value's.
    pub(super) unpacked: HexViewState,
    /// What is compared when an entry changed while it was edited.
    pub(super) comparison: Comparison,
    /// The comparison that is shown, with the texts that it compares.
    pub(super) diff: Option<((String, String), Diff)>,
    /// The comparison.
    pub(super) diff_scroll: ScrollPosition,
}

impl EntryView {
    /// Whether the key that renames belongs to a property of the value.
    #[must_use]
    pub fn takes_rename_keys(&self, ctx: &Context) -> bool {
        self.value_tree.takes_rename_keys(ctx)
    }

    /// Looks at another entry from its beginning, and forgets an edit that was given up or saved.
    pub(super) fn follow(&mut self, panel: &EntryPanel) {
        if self.of.as_ref() != panel.key() {
            self.of = panel.key().cloned();
            self.value_tree = ValueTreeState::default();
            self.value_changes = None;
            self.shows_long_text = false;
            self.hex = HexViewState::default();
            self.stored_hex = HexViewState::default();
            self.unpacked = HexViewState::default();
        }
        if self.num_edits_done != panel.num_edits_done {
            self.num_edits_done = panel.num_edits_done;
            self.value_changes = None;
            self.hex = HexViewState::default();
        }
    }
}
