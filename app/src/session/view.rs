//! Where the panels of one database are scrolled to, and what they have open.

use std::cell::OnceCell;

use keyglass_store::Versionstamp;
use keyglass_store::key::EncodedKey;

use super::anchor::RowAnchor;
use crate::content::identity::SharedObject;
use crate::content::value_changes::ValueChanges;
use crate::model::type_ahead::TypeAhead;
use crate::widgets::diff::Diff;
use crate::widgets::hex_view::HexViewState;
use crate::widgets::row_scroller::ScrollPosition;
use crate::widgets::value_tree::ValueTreeState;

/// Two of the three versions of an entry that changed while it was edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Comparison {
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
pub struct ShownChanges {
    /// Of which entry, seen in which state, after how many edits.
    pub of: (EncodedKey, Option<Versionstamp>, u64),
    /// The changes.
    pub changes: ValueChanges,
    /// The edited value in the interchange form, once that was asked for.
    pub json: OnceCell<String>,
}

/// The objects that stand in several places of the value that is shown.
#[derive(Debug)]
pub struct ShownShared {
    /// Of which entry, after how many edits.
    pub of: (EncodedKey, u64),
    /// The objects.
    pub objects: Vec<SharedObject>,
    /// The code has marks for them, as it would be too long otherwise.
    pub has_marks: bool,
}

/// Where the panels are scrolled to, and how wide their columns are.
#[derive(Debug, Default)]
pub struct SessionView {
    /// The tree.
    pub tree: ScrollPosition,
    /// What stays where it is in the tree when rows come and go.
    pub tree_anchor: Option<RowAnchor>,
    /// The table.
    pub table: ScrollPosition,
    /// What stays where it is in the table.
    pub table_anchor: Option<RowAnchor>,
    /// The key that was gone to, until it is known whether an entry stands there.
    pub gone_to: Option<EncodedKey>,
    /// The row of the tree's selected node when it was there last.
    pub tree_row: Option<u64>,
    /// The row of the table's selected entry when it was there last.
    pub table_row: Option<u64>,
    /// The watch's timeline.
    pub timeline: ScrollPosition,
    /// The queue.
    pub queue: ScrollPosition,
    /// What was found.
    pub found: ScrollPosition,
    /// The entry that was opened from there last shall come on screen.
    pub scroll_to_found: bool,
    /// What was found shall get the keyboard's focus.
    pub focus_found: bool,
    /// The field of what to find shall get the keyboard's focus.
    pub focus_find: bool,
    /// The value as a tree.
    pub value_tree: ValueTreeState,
    /// How the edited value differs from what was seen, if it does.
    pub value_changes: Option<ShownChanges>,
    /// The objects that stand in several places of the value.
    pub shared: Option<ShownShared>,
    /// An edit of such an object changes it only where it is edited.
    pub edits_only_here: bool,
    /// A text that is too long to be shown at once was asked for.
    pub shows_long_text: bool,
    /// The code of the value shall get the keyboard's focus as soon as it is shown.
    pub focus_value: bool,
    /// The table shall get it.
    pub focus_table: bool,
    /// The tree shall get it.
    pub focus_tree: bool,
    /// The tree has it.
    pub tree_has_focus: bool,
    /// What was typed to find a node of the tree, and when, in milliseconds since the Unix epoch.
    pub type_ahead: (String, i64),
    /// What was typed to find a row of the table.
    pub table_type_ahead: TypeAhead,
    /// The bytes that the value holds.
    pub hex: HexViewState,
    /// The stored form of a value is shown as bytes, not the bytes that it holds.
    pub shows_stored_bytes: bool,
    /// The stored bytes.
    pub stored_hex: HexViewState,
    /// Bytes that were packed inside the value's.
    pub unpacked: HexViewState,
    /// What is compared when an entry changed while it was edited.
    pub comparison: Comparison,
    /// The comparison that is shown, with the texts that it compares.
    pub diff: Option<((String, String), Diff)>,
    /// The comparison.
    pub diff_scroll: ScrollPosition,
    /// Events of the timeline when it was drawn last.
    pub seen_events: u64,
    /// Width of the widest key seen in the table, in points.
    pub widest_key: f32,
}

impl SessionView {
    /// Forgets what was edited in the value, because that was given up.
    pub fn forget_edits(&mut self) {
        self.value_changes = None;
        self.hex = HexViewState::default();
    }
}
