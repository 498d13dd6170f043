//! One row of a value tree: drawn, clicked, edited.

use egui::accesskit::Role;
use egui::{
    EventFilter, Key, Modifiers, Rect, Response, RichText, Sense, Stroke, StrokeKind, TextEdit, Ui,
    WidgetInfo, pos2, vec2,
};
use keyglass_store::value::literal::print;
use keyglass_store::value::{Node, Object, Value};

use super::date;
use super::drag::Drag;
use super::order::place_of;
use super::rows::ValueRow;
use super::types::OfferedType;
use super::{ValuePath, ValueTreeEvent};
use crate::content::value_changes::PartChange;
use crate::theme::{self, Tokens, icons};
use crate::widgets::button::paint_disclosure;
use crate::widgets::menu::{MenuEntry, menu_separator, submenu};
use crate::widgets::preview_text::{preview_job, span_color};
use crate::widgets::{context_menu, line_text};

/// Width of the end of a row where its icon is, in points.
const ICON_WIDTH: f32 = 30.0;

/// Width of a value in a tooltip, in points.
const TOOLTIP_WIDTH: f32 = 440.0;
/// Characters of a value in a tooltip.
const TOOLTIP_CHARS: usize = 1200;

/// What a row has no room for: a string as it reads, or else the literal.
fn full_text(value: &Value, path: &ValuePath) -> String {
    let text = match path.find(value) {
        Some(Node::String(text)) => text.into_string_lossy(),
        _ => text_at(value, path).unwrap_or_default(),
    };
    match text.char_indices().nth(TOOLTIP_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A text being edited where it stands.
#[derive(Debug, Clone)]
pub(super) struct Editing {
    pub path: ValuePath,
    /// Whether the name of the part is edited instead of the part.
    pub is_name: bool,
    /// The value comes next, because the part is new.
    pub leads_to_value: bool,
    pub before: String,
    pub text: String,
    pub has_focus: bool,
}

/// What a row reports.
pub(super) enum RowEvent {
    Select,
    Toggle,
    BeginEdit,
    PickDate,
    BeginRename,
    EndEdit(EditEnd),
    Value(ValueTreeEvent),
}

/// How an edit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EditEnd {
    Kept,
    GivenUp,
}

impl Editing {
    /// What is wanted, if anything was changed.
    pub fn event(self, value: &Value, end: EditEnd) -> Option<ValueTreeEvent> {
        if end == EditEnd::GivenUp || self.text == self.before {
            return None;
        }
        if self.is_name {
            return Some(ValueTreeEvent::Rename(self.path, self.text));
        }
        let node = self.path.find(value)?;
        let digits = self.text.trim().trim_end_matches('n');
        let is_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let text = match value.object_of(&node) {
            Some((_, Object::KvU64(_))) if is_digits => format!("new Deno.KvU64({digits}n)"),
            _ => self.text,
        };
        Some(ValueTreeEvent::Edit(self.path, text))
    }
}

/// The part at a path as a literal.
pub(super) fn text_at(value: &Value, path: &ValuePath) -> Option<String> {
    let node = path.find(value)?;
    let mut part = value.clone();
    part.set_root(node);
    Some(print(&part, 80))
}

/// A row where it is drawn.
pub(super) struct DrawnRow<'r> {
    pub row: &'r ValueRow,
    pub rect: Rect,
    pub selected: bool,
    pub editable: bool,
    /// How it differs from what it was.
    pub change: Option<&'r PartChange>,
}

impl DrawnRow<'_> {
    /// Its name among the widgets.
    pub(super) fn id(&self, ui: &Ui) -> egui::Id {
        ui.scope_id().with((&self.row.path, self.row.adds))
    }

    /// Draws the row and returns what a person did to it.
    pub fn show(
        &self,
        ui: &mut Ui,
        value: &Value,
        editing: Option<&mut Editing>,
        drag: &mut Drag,
    ) -> Option<RowEvent> {
        let tokens = theme::tokens(ui);
        let (row, rect) = (self.row, self.rect);
        let id = self.id(ui);
        let moves = self.editable && !row.adds && !row.path.0.is_empty() && editing.is_none();
        let sense = if moves {
            Sense::CLICK | Sense::DRAG
        } else {
            Sense::CLICK
        };
        let response = ui.interact(rect, id, sense);
        if !row.adds {
            drag.row(ui, &row.path, rect, &response);
        }
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
        if let Some(editing) = editing {
            let is_name = editing.is_name;
            let rest = if is_name {
                inner
            } else {
                self.paint_label(ui, tokens, inner)
            };
            return edit_field(ui, tokens, rest, editing).map(RowEvent::EndEdit);
        }
        let rest = self.paint_label(ui, tokens, inner);
        let is_cut = self.paint_value(ui, tokens, rest);
        let event = self
            .context_menu(&response, value)
            .or_else(|| self.clicked(&response, left + 18.0));
        let response = match &row.same {
            Some(same) => response.on_hover_text(format!("The same object as {same}")),
            None => response,
        };
        if let Some(moment) = self.row.date {
            response.clone().on_hover_text(date::told(&response.ctx, moment));
        } else if is_cut {
            response.on_hover_ui(|ui| {
                ui.set_max_width(TOOLTIP_WIDTH);
                ui.label(RichText::new(full_text(value, &row.path)).font(tokens.mono()));
            });
        }
        event
    }

    fn describe(&self, ui: &Ui, response: &Response) {
        let row = self.row;
        response.widget_info(|| {
            let text: String = row.text.iter().map(|(_, text)| text.as_str()).collect();
            let mut label = match (row.adds, row.label.is_empty()) {
                (true, _) => row.label.clone(),
                (false, true) => text,
                (false, false) => format!("{}: {text}", row.label),
            };
            if let Some(change) = self.change {
                label = format!("{label}, {change}");
            }
            if let Some(same) = &row.same {
                label = format!("{label}, the same object as {same}");
            }
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

    /// Returns what is left for the value.
    fn paint_label(&self, ui: &Ui, tokens: &Tokens, inner: Rect) -> Rect {
        let mut job = egui::text::LayoutJob::default();
        if !self.row.label.is_empty() {
            let font = tokens.mono();
            let color = span_color(tokens, self.row.label_kind);
            line_text::append(&mut job, &self.row.label, &font, color);
            line_text::append(&mut job, ": ", &font, tokens.color.dim);
        }
        let label = line_text::layout(ui.painter(), job, inner.width() * 0.6);
        let covered = line_text::paint(ui.painter(), inner, label);
        inner.with_min_x(covered.right())
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

    /// The value, what it was before, and the note at the right end. True if there is no room for all of it.
    fn paint_value(&self, ui: &Ui, tokens: &Tokens, rest: Rect) -> bool {
        let mut rest = rest;
        if self.picks_date() {
            let job = line_text::job(icons::CALENDAR, tokens.icon(), tokens.color.dim);
            let icon = line_text::layout(ui.painter(), job, f32::INFINITY);
            rest.max.x = line_text::paint_right(ui.painter(), rest, icon).left() - 8.0;
        }
        if !self.row.note.is_empty() {
            let job = line_text::job(&self.row.note, tokens.mono_small(), tokens.color.dim);
            let note = line_text::layout(ui.painter(), job, rest.width() * 0.5);
            rest.max.x = line_text::paint_right(ui.painter(), rest, note).left() - 8.0;
        }
        if self.row.same.is_some() {
            let job = line_text::job(icons::LINK, tokens.icon(), tokens.color.dim);
            let icon = line_text::layout(ui.painter(), job, f32::INFINITY);
            rest.max.x = line_text::paint_right(ui.painter(), rest, icon).left() - 8.0;
        }
        let was = self.change.map(|change| {
            let job = line_text::job(&change.to_string(), tokens.mono_small(), tokens.color.accent);
            line_text::layout(ui.painter(), job, (rest.width() * 0.5).max(60.0))
        });
        let was_width = was.as_ref().map_or(0.0, |was| was.size().x + 8.0);
        if was.is_some() {
            rest.min.x += 4.0;
        }
        let job = preview_job(tokens, &self.row.text);
        let text = line_text::layout(ui.painter(), job, rest.width() - was_width);
        let is_cut =
            text.elided || self.row.is_text && self.row.text.iter().any(|(_, text)| text.ends_with('…'));
        let covered = line_text::paint(ui.painter(), rest, text);
        if let Some(was) = was {
            if matches!(self.change, Some(PartChange::Was(_) | PartChange::Added)) {
                let frame = covered.expand2(vec2(4.0, 1.0));
                let stroke = Stroke::new(1.0, tokens.color.accent);
                ui.painter()
                    .rect_stroke(frame, tokens.size.radius_small, stroke, StrokeKind::Inside);
            }
            line_text::paint(ui.painter(), rest.with_min_x(covered.right() + 10.0), was);
        }
        is_cut
    }

    /// Whether the row is a `Date` whose moment can be chosen.
    fn picks_date(&self) -> bool {
        self.editable && self.row.date.is_some()
    }

    fn clicked(&self, response: &Response, text_left: f32) -> Option<RowEvent> {
        if response.double_clicked() && self.editable && self.row.is_text {
            return Some(RowEvent::BeginEdit);
        }
        if response.double_clicked() && self.picks_date() {
            return Some(RowEvent::PickDate);
        }
        if !response.clicked() && !response.secondary_clicked() {
            return None;
        }
        let pointer = response.interact_pointer_pos();
        let on_icon = pointer.is_some_and(|pointer| pointer.x > self.rect.right() - ICON_WIDTH);
        if self.picks_date() && response.clicked() && on_icon {
            return Some(RowEvent::PickDate);
        }
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
        let mut edits = false;
        let mut rename = false;
        let mut picks_date = false;
        context_menu::show(response, |ui| {
            ui.set_min_width(170.0);
            ui.set_max_width(210.0);
            ui.spacing_mut().item_spacing.y = 0.0;
            if ui.add(MenuEntry::new("Copy value").icon(icons::COPY)).clicked() {
                event = text_at(value, &row.path).map(ValueTreeEvent::Copy);
            }
            if ui.add(MenuEntry::new("Copy path").icon(icons::LINK)).clicked() {
                event = Some(ValueTreeEvent::Copy(row.path.to_string()));
            }
            if self.editable {
                menu_separator(ui);
                if row.is_text {
                    let entry = MenuEntry::new("Edit").icon(icons::PENCIL).shortcut("Enter");
                    edits = ui.add(entry).clicked();
                }
                if self.picks_date() {
                    let entry = MenuEntry::new("Choose date…")
                        .icon(icons::CALENDAR)
                        .shortcut("Enter");
                    picks_date = ui.add(entry).clicked();
                }
                event = event.take().or_else(|| self.type_entries(ui, value));
                event = event.take().or_else(|| self.move_entries(ui, value));
                let entry = MenuEntry::new("Rename…").icon(icons::KEY).shortcut("F2");
                rename = ui
                    .add_enabled(row.is_named, entry)
                    .on_disabled_hover_text("Only a property and a map's entry have a name")
                    .clicked();
                let removable = !row.path.0.is_empty();
                let remove = MenuEntry::new("Remove")
                    .icon(icons::TRASH)
                    .shortcut("Del")
                    .danger();
                if ui.add_enabled(removable, remove).clicked() {
                    event = Some(ValueTreeEvent::Remove(row.path.clone()));
                }
            }
        });
        if edits {
            return Some(RowEvent::BeginEdit);
        }
        if rename {
            return Some(RowEvent::BeginRename);
        }
        if picks_date {
            return Some(RowEvent::PickDate);
        }
        event.map(RowEvent::Value)
    }

    fn type_entries(&self, ui: &mut Ui, value: &Value) -> Option<ValueTreeEvent> {
        let mut event = None;
        let path = &self.row.path;
        submenu(ui, "Change to", icons::SWAP, |ui| {
            ui.set_min_width(120.0);
            ui.set_max_width(150.0);
            ui.spacing_mut().item_spacing.y = 0.0;
            for offered in OfferedType::ALL {
                // It exists only as a whole value.
                if offered == OfferedType::KvU64 && !path.0.is_empty() {
                    continue;
                }
                if ui.add(MenuEntry::new(offered.name())).clicked() {
                    let node = path.find(value).unwrap_or(Node::Null);
                    let literal = offered.literal_of(value, &node);
                    event = Some(ValueTreeEvent::Edit(path.clone(), literal));
                }
            }
        });
        event
    }

    fn move_entries(&self, ui: &mut Ui, value: &Value) -> Option<ValueTreeEvent> {
        let (place, number) = place_of(value, &self.row.path)?;
        let mut event = None;
        let up = place.checked_sub(1);
        let down = Some(place + 1).filter(|to| *to < number);
        for (to, text, icon, shortcut) in [
            (up, "Move up", icons::ARROW_UP, "Alt+Up"),
            (down, "Move down", icons::ARROW_DOWN, "Alt+Down"),
        ] {
            let entry = MenuEntry::new(text).icon(icon).shortcut(shortcut);
            if ui.add_enabled(to.is_some(), entry).clicked() {
                event = to.map(|to| ValueTreeEvent::Move(self.row.path.clone(), to));
            }
        }
        event
    }
}

/// How the edit ended, if it did.
fn edit_field(ui: &mut Ui, tokens: &Tokens, rest: Rect, editing: &mut Editing) -> Option<EditEnd> {
    let field = Rect::from_min_max(
        pos2(rest.left() - 5.0, rest.top() + 1.0),
        pos2(rest.right(), rest.bottom() - 1.0),
    );
    ui.painter()
        .rect_filled(field, tokens.size.radius_small, tokens.color.field);
    let id = ui.scope_id().with("edit");
    let edit = TextEdit::singleline(&mut editing.text)
        .id(id)
        .frame(egui::Frame::NONE.inner_margin(egui::Margin::symmetric(5, 2)))
        .font(tokens.mono())
        .desired_width(field.width() - 10.0);
    let response =
        ui.place(field, edit)
            .accessible_name(if editing.is_name { "New name" } else { "New value" });
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
        return Some(EditEnd::GivenUp);
    }
    response.lost_focus().then_some(EditEnd::Kept)
}
