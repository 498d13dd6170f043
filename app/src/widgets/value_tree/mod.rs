//! A value as foldable, typed rows; primitives can be edited where they stand.

mod bytes;
mod date;
mod drag;
mod drawn_row;
mod edit;
mod keys;
mod order;
mod rows;
mod types;

use std::collections::HashSet;
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Context, Id, Memory, Rect, Response, Ui};
use keyglass_store::value::literal::print;
use keyglass_store::value::{Node, Object, Value};

pub use bytes::{bytes_at, meant_bytes, with_bytes_at};
use date::PickedDate;
use drag::Drag;
use drawn_row::{DrawnRow, EditEnd, Editing, RowEvent, text_at};
pub use edit::{EditError, Edited, apply, apply_here};
pub use path::{Step, ValuePath};
use rows::{ValueRow, flatten};

use crate::content::value_changes::ValueChanges;
use crate::content::value_path as path;
use crate::theme;
use crate::widgets::context_menu;
use crate::widgets::row_scroller::{RowScroller, ScrollPosition};

/// Bytes of a text that is edited where it stands: longer ones take longer to lay out than a frame has.
const LONGEST_TEXT: usize = 4096;

/// What a person did to a value tree. The caller keeps it, one for each value.
#[derive(Debug, Clone, Default)]
pub struct ValueTreeState {
    selected: Option<ValuePath>,
    /// The row that adds to the selected part is meant, not the part itself.
    on_add: bool,
    /// The selected part is edited as soon as it is shown.
    edits_next: bool,
    /// The selected part is too long to be edited where it stands.
    leads_to_code: bool,
    toggled: HashSet<ValuePath>,
    editing: Option<Editing>,
    picking: Option<PickedDate>,
    scroll: ScrollPosition,
    rows: Arc<Vec<ValueRow>>,
    /// What [`Self::rows`] were made from.
    made_from: Option<(u64, bool)>,
    /// The list of rows, where its selected row has a name that can be changed.
    renames_in: Option<Id>,
}

impl ValueTreeState {
    /// The selected part.
    #[must_use]
    pub fn selected(&self) -> Option<&ValuePath> {
        self.selected.as_ref()
    }

    /// Selects a part.
    pub fn select(&mut self, path: ValuePath) {
        self.selected = Some(path);
        self.on_add = false;
    }

    /// Selects a part that was just added, and begins with its name, or with itself where it has none.
    pub fn begin_added(&mut self, value: &Value, path: ValuePath) {
        self.edit_name(value, path.clone());
        match &mut self.editing {
            Some(editing) => editing.leads_to_value = true,
            None => {
                self.select(path);
                self.edits_next = true;
            }
        }
    }

    /// Begins to edit a part as text, as a double click would.
    pub fn edit(&mut self, value: &Value, path: ValuePath) {
        let Some(node) = path.find(value) else { return };
        let text = match value.object_of(&node) {
            // The digits are what anybody wants to change.
            Some((_, Object::KvU64(number))) => Some(number.to_string()),
            _ => text_at(value, &path),
        };
        match text {
            Some(text) if text.len() > LONGEST_TEXT => {
                self.select(path);
                self.leads_to_code = true;
            }
            Some(text) => self.begin(path, false, text),
            None => {}
        }
    }

    /// Begins to edit the name of a property or the key of a map's entry, as F2 would.
    pub fn edit_name(&mut self, value: &Value, path: ValuePath) {
        let text = match path.0.last() {
            Some(Step::Property(name)) => name.to_string_lossy(),
            Some(Step::MapValue(position)) => {
                let key = path.parent().unwrap_or_default().with(Step::MapKey(*position));
                match key.find(value) {
                    Some(node) if !matches!(node, Node::Object(_)) => {
                        print(&Value::primitive(node), usize::MAX)
                    }
                    _ => return,
                }
            }
            _ => return,
        };
        self.begin(path, true, text);
    }

    /// Whether the keys that rename are for the tree now: the selected row has a name, or one is being typed.
    #[must_use]
    pub fn takes_rename_keys(&self, ctx: &Context) -> bool {
        let focused = ctx.memory(Memory::focused);
        let is_typing = self.editing.is_some() && ctx.text_edit_focused();
        is_typing || focused.is_some_and(|focused| self.renames_in == Some(focused))
    }

    fn begin(&mut self, path: ValuePath, is_name: bool, text: String) {
        self.select(path.clone());
        self.editing = Some(Editing {
            path,
            is_name,
            leads_to_value: false,
            before: text.clone(),
            text,
            has_focus: false,
        });
    }

    fn toggle(&mut self, path: &ValuePath) {
        if !self.toggled.remove(path) {
            self.toggled.insert(path.clone());
        }
        self.made_from = None;
    }
}

/// What a person wants done to the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueTreeEvent {
    /// Replace the part at a path by what this literal says.
    Edit(ValuePath, String),
    /// Add a part to the object at a path.
    Add(ValuePath),
    /// Remove the part at a path.
    Remove(ValuePath),
    /// Put the part at a path where the one with this number in its order stands.
    Move(ValuePath, usize),
    /// Give the property at a path this name, or the map's entry at a path the key that this literal says.
    Rename(ValuePath, String),
    /// Put this text on the clipboard.
    Copy(String),
    /// Edit the value as code, because the part is too long to be edited where it stands.
    EditCode,
}

/// Shows a value.
#[must_use = "show it"]
pub struct ValueTree<'a> {
    state: &'a mut ValueTreeState,
    value: &'a Value,
    revision: u64,
    editable: bool,
    changes: Option<&'a ValueChanges>,
    now: i64,
}

/// What a value tree did.
pub struct ValueTreeOutput {
    /// The area.
    pub response: Response,
    /// What a person wants.
    pub events: Vec<ValueTreeEvent>,
}

impl<'a> ValueTree<'a> {
    /// Shows `value`. Its rows are made again when `revision` changes, which the caller raises with the value.
    pub fn new(state: &'a mut ValueTreeState, value: &'a Value, revision: u64) -> Self {
        Self {
            state,
            value,
            revision,
            editable: false,
            changes: None,
            now: 0,
        }
    }

    /// Whether parts can be edited, added and removed.
    pub fn editable(mut self, editable: bool) -> Self {
        self.editable = editable;
        self
    }

    /// The time, in milliseconds since the Unix epoch, for choosing dates.
    pub fn now(mut self, now: i64) -> Self {
        self.now = now;
        self
    }

    /// What was changed, which is marked.
    pub fn changes(mut self, changes: Option<&'a ValueChanges>) -> Self {
        self.changes = changes;
        self
    }

    /// Fills the available space.
    pub fn show(self, ui: &mut Ui) -> ValueTreeOutput {
        let state = self.state;
        if state.made_from != Some((self.revision, self.editable)) {
            state.rows = Arc::new(flatten(self.value, &state.toggled, self.editable));
            state.made_from = Some((self.revision, self.editable));
        }
        let rows = Arc::clone(&state.rows);
        if std::mem::take(&mut state.edits_next)
            && let Some(path) = state.selected.clone().filter(|_| self.editable)
        {
            state.edit(self.value, path);
        }
        // The keys that end an edit are not for the rows as well.
        let has_keys = state.editing.is_none() && state.picking.is_none();
        let mut events = Vec::new();
        let mut happened: Option<(usize, RowEvent)> = None;
        let mut drag = Drag::default();
        let mut happened_at = Rect::NOTHING;
        let height = theme::tokens(ui).size.value_row;
        let mut scroll = state.scroll;
        let mut current = None;
        let scroller = RowScroller::new(&mut scroll, "Value", rows.len() as u64, height).role(Role::Tree);
        let output = scroller.show(ui, |ui, index, rect| {
            let index = index as usize;
            if let Some(row) = rows.get(index) {
                let drawn = DrawnRow {
                    row,
                    rect,
                    selected: row.adds == state.on_add && state.selected.as_ref() == Some(&row.path),
                    editable: self.editable,
                    change: self
                        .changes
                        .filter(|_| !row.adds)
                        .and_then(|changes| changes.at(&row.path)),
                };
                current = current.or_else(|| drawn.selected.then(|| drawn.id(ui)));
                if let Some(picked) = state.picking.as_mut().filter(|picked| picked.path == row.path) {
                    picked.rect = rect;
                }
                let editing = state
                    .editing
                    .as_mut()
                    .filter(|editing| editing.path == row.path && !row.adds);
                if let Some(event) = drawn.show(ui, self.value, editing, &mut drag) {
                    happened = Some((index, event));
                    happened_at = rect;
                }
            }
        });
        state.scroll = scroll;
        events.extend(drag.end(ui, self.value));
        if let Some((index, event)) = happened
            && let Some(row) = rows.get(index)
        {
            match event {
                RowEvent::Select => {
                    state.select(row.path.clone());
                    output.response.request_focus();
                }
                RowEvent::Toggle => {
                    state.toggle(&row.path);
                    state.select(row.path.clone());
                    output.response.request_focus();
                }
                RowEvent::BeginEdit => state.edit(self.value, row.path.clone()),
                RowEvent::PickDate => state.pick_date(row, happened_at),
                RowEvent::BeginRename => state.edit_name(self.value, row.path.clone()),
                RowEvent::EndEdit(end) => {
                    output.response.request_focus();
                    let editing = state.editing.take();
                    events.extend(editing.and_then(|editing| {
                        state.edits_next = editing.leads_to_value && end == EditEnd::Kept;
                        editing.event(self.value, end)
                    }));
                }
                RowEvent::Value(event) => events.push(event),
            }
        }
        events.extend(date::show(ui, &mut state.picking, self.now));
        if has_keys {
            context_menu::open_by_keyboard(ui, &output.response, current);
            let list = keys::List {
                value: self.value,
                editable: self.editable,
                rows: &rows,
                response: &output.response,
                page: output.page,
            };
            keys::take(ui, state, &list, &mut events);
        }
        if std::mem::take(&mut state.leads_to_code) {
            events.push(ValueTreeEvent::EditCode);
        }
        let is_renamable =
            |row: &&ValueRow| row.is_named && !state.on_add && state.selected.as_ref() == Some(&row.path);
        let renamable = rows.iter().find(is_renamable).filter(|_| self.editable);
        state.renames_in = renamable.map(|_| output.response.id);
        ValueTreeOutput {
            response: output.response,
            events,
        }
    }
}
