//! A value as foldable, typed rows; primitives can be edited where they stand.

mod path;
mod rows;

use std::collections::HashSet;
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{
    EventFilter, Key, Modifiers, Rect, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, pos2,
    vec2,
};
use keyglass_store::value::literal::print;
use keyglass_store::value::{Node, Value};

pub use path::{Step, ValuePath};
use rows::{ValueRow, flatten};

use crate::theme::{self, Tokens, icons};
use crate::widgets::button::paint_disclosure;
use crate::widgets::line_text;
use crate::widgets::menu::{MenuEntry, menu_separator};
use crate::widgets::preview_text::{preview_job, span_color};
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition, row_after_keys};

/// What a person did to a value tree. The caller keeps it, one for each value.
#[derive(Debug, Clone, Default)]
pub struct ValueTreeState {
    /// The selected part.
    pub selected: Option<ValuePath>,
    toggled: HashSet<ValuePath>,
    editing: Option<Editing>,
    scroll: ScrollPosition,
    rows: Arc<Vec<ValueRow>>,
    /// What [`Self::rows`] were made from.
    made_from: Option<(u64, bool)>,
}

#[derive(Debug, Clone)]
struct Editing {
    path: ValuePath,
    before: String,
    text: String,
    has_focus: bool,
}

impl ValueTreeState {
    /// Begins to edit a primitive as text, as a double click would.
    pub fn edit(&mut self, value: &Value, path: ValuePath) {
        if let Some(node) = path.find(value).filter(|node| !matches!(node, Node::Object(_))) {
            let text = print(&Value::primitive(node), usize::MAX);
            self.selected = Some(path.clone());
            self.editing = Some(Editing {
                path,
                before: text.clone(),
                text,
                has_focus: false,
            });
        }
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
    /// Put this text on the clipboard.
    Copy(String),
}

/// Shows a value.
#[must_use = "show it"]
pub struct ValueTree<'a> {
    state: &'a mut ValueTreeState,
    value: &'a Value,
    revision: u64,
    editable: bool,
    changes: &'a [(ValuePath, String)],
}

/// What a value tree did.
pub struct ValueTreeOutput {
    /// The area.
    pub response: Response,
    /// What a person wants.
    pub events: Vec<ValueTreeEvent>,
}

/// What a row reports.
enum RowEvent {
    Select,
    Toggle,
    BeginEdit,
    EndEdit(Option<String>),
    Value(ValueTreeEvent),
}

impl<'a> ValueTree<'a> {
    /// Shows `value`. Its rows are made again when `revision` changes, which the caller raises with the value.
    pub fn new(state: &'a mut ValueTreeState, value: &'a Value, revision: u64) -> Self {
        Self {
            state,
            value,
            revision,
            editable: false,
            changes: &[],
        }
    }

    /// Whether parts can be edited, added and removed.
    pub fn editable(mut self, editable: bool) -> Self {
        self.editable = editable;
        self
    }

    /// What was changed, with the text that stood there before.
    pub fn changes(mut self, changes: &'a [(ValuePath, String)]) -> Self {
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
        let mut events = Vec::new();
        let mut happened: Option<(usize, RowEvent)> = None;
        let height = theme::tokens(ui).size.value_row;
        let mut scroll = state.scroll;
        let scroller = RowScroller::new(&mut scroll, "Value", rows.len() as u64, height).role(Role::Tree);
        let output = scroller.show(ui, |ui, index, rect| {
            let index = index as usize;
            if let Some(row) = rows.get(index) {
                let drawn = DrawnRow {
                    row,
                    rect,
                    selected: !row.adds && state.selected.as_ref() == Some(&row.path),
                    editable: self.editable,
                    was: self
                        .changes
                        .iter()
                        .find(|(path, _)| *path == row.path && !row.adds),
                };
                let editing = state
                    .editing
                    .as_mut()
                    .filter(|editing| editing.path == row.path && !row.adds);
                if let Some(event) = drawn.show(ui, self.value, editing) {
                    happened = Some((index, event));
                }
            }
        });
        state.scroll = scroll;
        if let Some((index, event)) = happened
            && let Some(row) = rows.get(index)
        {
            match event {
                RowEvent::Select => {
                    state.selected = Some(row.path.clone());
                    output.response.request_focus();
                }
                RowEvent::Toggle => {
                    state.toggle(&row.path);
                    state.selected = Some(row.path.clone());
                    output.response.request_focus();
                }
                RowEvent::BeginEdit => state.edit(self.value, row.path.clone()),
                RowEvent::EndEdit(text) => {
                    state.editing = None;
                    output.response.request_focus();
                    events.extend(text.map(|text| ValueTreeEvent::Edit(row.path.clone(), text)));
                }
                RowEvent::Value(event) => events.push(event),
            }
        }
        if state.editing.is_none() {
            keys(
                ui,
                state,
                self.value,
                self.editable,
                &rows,
                &output.response,
                output.page,
                &mut events,
            );
        }
        ValueTreeOutput {
            response: output.response,
            events,
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one call, split for length"
)]
fn keys(
    ui: &Ui,
    state: &mut ValueTreeState,
    value: &Value,
    editable: bool,
    rows: &[ValueRow],
    list: &Response,
    page: u64,
    events: &mut Vec<ValueTreeEvent>,
) {
    let index = rows
        .iter()
        .position(|row| !row.adds && state.selected.as_ref() == Some(&row.path));
    let next = row_after_keys(ui, list, index.map(|index| index as u64), rows.len() as u64, page);
    if let Some(row) = next.and_then(|next| rows.get(next as usize)) {
        state.selected = Some(row.path.clone());
        state.scroll.scroll_to_row(next.unwrap_or(0), RowAlign::Nearest);
    }
    let Some(row) = index.and_then(|index| rows.get(index)) else {
        return;
    };
    if !list.has_focus() {
        return;
    }
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowRight) && row.open == Some(false) {
        state.toggle(&row.path);
    }
    if pressed(Key::ArrowLeft) {
        if row.open == Some(true) {
            state.toggle(&row.path);
        } else if let Some(parent) = row.path.parent() {
            let index = rows.iter().position(|row| !row.adds && row.path == parent);
            state
                .scroll
                .scroll_to_row(index.unwrap_or(0) as u64, RowAlign::Nearest);
            state.selected = Some(parent);
        }
    }
    if pressed(Key::Enter) {
        if row.open.is_some() {
            state.toggle(&row.path);
        } else if editable && row.is_primitive {
            state.edit(value, row.path.clone());
        }
    }
    if editable && !row.path.0.is_empty() && pressed(Key::Delete) {
        events.push(ValueTreeEvent::Remove(row.path.clone()));
    }
    let copied = ui.input(|input| input.events.contains(&egui::Event::Copy));
    if copied && let Some(text) = text_at(value, &row.path) {
        events.push(ValueTreeEvent::Copy(text));
    }
}

/// The part at a path as a literal.
fn text_at(value: &Value, path: &ValuePath) -> Option<String> {
    let node = path.find(value)?;
    let mut part = value.clone();
    part.set_root(node);
    Some(print(&part, 80))
}

struct DrawnRow<'r> {
    row: &'r ValueRow,
    rect: Rect,
    selected: bool,
    editable: bool,
    was: Option<&'r (ValuePath, String)>,
}

impl DrawnRow<'_> {
    fn show(&self, ui: &mut Ui, value: &Value, editing: Option<&mut Editing>) -> Option<RowEvent> {
        let tokens = theme::tokens(ui);
        let (row, rect) = (self.row, self.rect);
        let id = ui.scope_id().with((&row.path, row.adds));
        let response = ui.interact(rect, id, Sense::click());
        self.describe(ui, &response);
        if self.selected || response.hovered() {
            let fill = if self.selected {
                tokens.color.selection
            } else {
                tokens.hover()
            };
            ui.painter().rect_filled(rect, 0.0, fill);
        }
        let left = rect.left() + 6.0 + row.depth as f32 * 16.0;
        if let Some(open) = row.open {
            paint_disclosure(ui, pos2(left + 6.0, rect.center().y), open, tokens.color.dim);
        }
        let inner = rect.with_min_x(left + 18.0).with_max_x(rect.right() - 10.0);
        if row.adds {
            return self.show_add(ui, tokens, inner, &response);
        }
        let mut job = egui::text::LayoutJob::default();
        if !row.label.is_empty() {
            let font = tokens.mono();
            let color = span_color(tokens, row.label_kind);
            line_text::append(&mut job, &row.label, &font, color);
            line_text::append(&mut job, ": ", &font, tokens.color.dim);
        }
        let label = line_text::layout(ui.painter(), job, inner.width() * 0.6);
        let covered = line_text::paint(ui.painter(), inner, label);
        let rest = inner.with_min_x(covered.right());
        if let Some(editing) = editing {
            return edit_field(ui, tokens, rest, editing).map(RowEvent::EndEdit);
        }
        self.paint_value(ui, tokens, rest);
        self.context_menu(&response, value)
            .or_else(|| self.clicked(&response, left + 18.0))
    }

    fn describe(&self, ui: &Ui, response: &Response) {
        let row = self.row;
        response.widget_info(|| {
            let text: String = row.text.iter().map(|(_, text)| text.as_str()).collect();
            let label = match (row.adds, row.label.is_empty()) {
                (true, _) => row.label.clone(),
                (false, true) => text,
                (false, false) => format!("{}: {text}", row.label),
            };
            let role = if row.adds { Role::Button } else { Role::TreeItem };
            WidgetInfo::labeled(role, ui.is_enabled(), label)
        });
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_level(row.depth + 1);
            node.set_selected(self.selected);
            if let Some(open) = row.open {
                node.set_expanded(open);
            }
        });
    }

    fn show_add(&self, ui: &Ui, tokens: &Tokens, inner: Rect, response: &Response) -> Option<RowEvent> {
        let color = if response.hovered() {
            tokens.color.accent
        } else {
            tokens.color.dim
        };
        let job = line_text::job(
            &format!("+ {}", self.row.label.to_lowercase()),
            tokens.mono(),
            color,
        );
        line_text::paint(
            ui.painter(),
            inner,
            line_text::layout(ui.painter(), job, inner.width()),
        );
        let path = self.row.path.clone();
        response
            .clicked()
            .then_some(RowEvent::Value(ValueTreeEvent::Add(path)))
    }

    /// The value, what it was before, and the note at the right end.
    fn paint_value(&self, ui: &Ui, tokens: &Tokens, rest: Rect) {
        let mut rest = rest;
        if !self.row.note.is_empty() {
            let job = line_text::job(&self.row.note, tokens.mono_small(), tokens.color.dim);
            let note = line_text::layout(ui.painter(), job, rest.width() * 0.5);
            rest.max.x = line_text::paint_right(ui.painter(), rest, note).left() - 8.0;
        }
        let was = self.was.map(|(_, before)| {
            let job = line_text::job(&format!("was {before}"), tokens.mono_small(), tokens.color.accent);
            line_text::layout(ui.painter(), job, 120.0)
        });
        let was_width = was.as_ref().map_or(0.0, |was| was.size().x + 8.0);
        if was.is_some() {
            rest.min.x += 4.0;
        }
        let job = preview_job(tokens, &self.row.text);
        let text = line_text::layout(ui.painter(), job, rest.width() - was_width);
        let covered = line_text::paint(ui.painter(), rest, text);
        if let Some(was) = was {
            let frame = covered.expand2(vec2(4.0, 1.0));
            let stroke = Stroke::new(1.0, tokens.color.accent);
            ui.painter()
                .rect_stroke(frame, tokens.size.radius_small, stroke, StrokeKind::Inside);
            line_text::paint(ui.painter(), rest.with_min_x(covered.right() + 10.0), was);
        }
    }

    fn clicked(&self, response: &Response, text_left: f32) -> Option<RowEvent> {
        if response.double_clicked() && self.editable && self.row.is_primitive {
            return Some(RowEvent::BeginEdit);
        }
        if !response.clicked() && !response.secondary_clicked() {
            return None;
        }
        let pointer = response.interact_pointer_pos();
        let on_triangle = pointer.is_some_and(|pointer| pointer.x < text_left);
        if self.row.open.is_some() && response.clicked() && (on_triangle || response.double_clicked()) {
            Some(RowEvent::Toggle)
        } else {
            Some(RowEvent::Select)
        }
    }

    fn context_menu(&self, response: &Response, value: &Value) -> Option<RowEvent> {
        let row = self.row;
        let mut event = None;
        response.context_menu(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if ui.add(MenuEntry::new("Copy value").icon(icons::COPY)).clicked() {
                event = text_at(value, &row.path).map(ValueTreeEvent::Copy);
            }
            if ui.add(MenuEntry::new("Copy path").icon(icons::LINK)).clicked() {
                event = Some(ValueTreeEvent::Copy(row.path.to_string()));
            }
            if self.editable {
                menu_separator(ui);
                event = event.take().or_else(|| self.type_entries(ui));
                let removable = !row.path.0.is_empty();
                let remove = MenuEntry::new("Remove").icon(icons::TRASH).danger();
                if ui.add_enabled(removable, remove).clicked() {
                    event = Some(ValueTreeEvent::Remove(row.path.clone()));
                }
            }
        });
        event.map(RowEvent::Value)
    }

    fn type_entries(&self, ui: &mut Ui) -> Option<ValueTreeEvent> {
        let mut event = None;
        ui.menu_button("Change to", |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (name, literal) in TYPES {
                if ui.add(MenuEntry::new(name)).clicked() {
                    event = Some(ValueTreeEvent::Edit(self.row.path.clone(), literal.to_owned()));
                }
            }
        });
        event
    }
}

/// What a part can be changed to, with the literal that it becomes.
const TYPES: [(&str, &str); 8] = [
    ("string", "\"\""),
    ("number", "0"),
    ("bigint", "0n"),
    ("boolean", "false"),
    ("null", "null"),
    ("object", "{}"),
    ("Array", "[]"),
    ("Map", "new Map()"),
];

/// `Some(None)` if the edit ended without a change.
fn edit_field(ui: &mut Ui, tokens: &Tokens, rest: Rect, editing: &mut Editing) -> Option<Option<String>> {
    let field = Rect::from_min_max(
        pos2(rest.left() - 5.0, rest.top() + 1.0),
        pos2(rest.right(), rest.bottom() - 1.0),
    );
    ui.painter()
        .rect_filled(field, tokens.size.radius_small, tokens.color.field);
    let id = ui.scope_id().with("edit");
    let edit = TextEdit::singleline(&mut editing.text)
        .id(id)
        .frame(egui::Frame::NONE)
        .font(tokens.mono())
        .margin(vec2(5.0, 2.0))
        .desired_width(field.width() - 10.0);
    let response = ui.place(field, edit).accessible_name("New value");
    let stroke = Stroke::new(1.0, tokens.color.accent);
    ui.painter()
        .rect_stroke(field, tokens.size.radius_small, stroke, StrokeKind::Inside);
    if !editing.has_focus {
        response.request_focus();
        editing.has_focus = true;
        return None;
    }
    let filter = EventFilter {
        escape: true,
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let escape = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    if escape {
        return Some(None);
    }
    let changed = || (editing.text != editing.before).then(|| editing.text.clone());
    response.lost_focus().then(changed)
}
