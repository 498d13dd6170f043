//! One row: its operation, its key and its value, and what it comes to.

use egui::accesskit::Role;
use egui::text::{CCursor, CCursorRange};
use egui::{
    Align, Color32, CursorIcon, Id, Key, Layout, Modifiers, Rect, Response, RichText, Sense, TextEdit, Ui,
    WidgetInfo, vec2,
};
use keyglass_store::value::literal;

use super::super::PanelContext;
use super::effect;
use crate::action::{DatabaseAction, TransactionAction};
use crate::format;
use crate::model::transaction::{OperationKind, OperationRow, RowChoices, RowOutlook, RowTexts};
use crate::theme::{self, Tokens, icons};
use crate::widgets::badge::paint_tag;
use crate::widgets::button::{IconButton, focus_ring, link_button};
use crate::widgets::code_editor::highlight_job;
use crate::widgets::menu::{MenuEntry, fit_menu, menu_separator};
use crate::widgets::{context_menu, line_text};

/// Widths of the columns in points: grip, operation and key.
const GRIP_WIDTH: f32 = 16.0;
const TAG_WIDTH: f32 = 62.0;
const KEY_WIDTH: f32 = 250.0;
/// What a row comes to gets at most so much of it.
const EFFECT_SHARE: f32 = 0.36;
/// Height of a field in a row, in points.
const FIELD_HEIGHT: f32 = 22.0;
/// A value whose text is longer, in bytes, is edited beside the transaction.
const LONG_TEXT: usize = 1000;

/// What a row is drawn from.
pub(super) struct DrawnRow<'a> {
    pub row: &'a OperationRow,
    pub index: usize,
    pub num_rows: usize,
    pub outlook: &'a RowOutlook,
    pub is_committed: bool,
    pub has_failed: bool,
    pub is_open: bool,
    pub takes_focus: bool,
    /// The database does not tell when entries expire.
    pub hides_expiry: bool,
}

/// A row that is dragged by its grip.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Dragged {
    pub id: u64,
    pub is_dropped: bool,
}

fn drag_memory() -> Id {
    Id::unique("row of the transaction that is dragged")
}

/// The row that is dragged in this frame, if any.
pub(super) fn dragged(ui: &Ui) -> Option<Dragged> {
    ui.data_mut(|data| data.remove_temp(drag_memory()))
}

fn color_of(tokens: &Tokens, kind: OperationKind) -> Color32 {
    match kind {
        OperationKind::Check => tokens.color.check,
        OperationKind::Set => tokens.color.set,
        OperationKind::Delete => tokens.color.delete,
        OperationKind::Sum | OperationKind::Min | OperationKind::Max => tokens.color.arithmetic,
        OperationKind::Enqueue => tokens.color.enqueue,
    }
}

/// Draws a row; its texts, if they were edited.
pub(super) fn show(ui: &mut Ui, drawn: &DrawnRow<'_>, context: &mut PanelContext<'_>) -> Option<RowTexts> {
    let tokens = theme::tokens(ui);
    let row = drawn.row;
    let height = tokens.size.operation_row;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let id = Id::unique("operation").with(row.id);
    // The keyboard has the grip for all that this does.
    let whole = ui.interact(rect, id.with("row"), Sense::CLICK);
    whole.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("Operation {}", drawn.index + 1)));
    if drawn.is_open {
        ui.painter().rect_filled(rect, 0.0, tokens.color.selection);
    } else if whole.hovered() {
        ui.painter().rect_filled(rect, 0.0, tokens.hover());
    }
    let line = egui::Stroke::new(1.0, tokens.soft_line());
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    let grip = grip(ui, rect.with_max_x(rect.left() + GRIP_WIDTH), id, drawn, context);
    for response in [&grip, &whole] {
        context_menu::show(response, |ui| menu(ui, drawn, context));
    }
    if whole.double_clicked() {
        context.ask(TransactionAction::Open(row.id));
    }
    if row.choices.is_off {
        ui.multiply_opacity(0.5);
    }
    let inner = rect
        .with_min_x(rect.left() + GRIP_WIDTH)
        .with_max_x(rect.right() - tokens.size.padding);
    let tag = inner.with_max_x(inner.left() + TAG_WIDTH);
    paint_tag(ui, tag, row.kind.name(), color_of(tokens, row.kind));
    let fields = inner.with_min_x(tag.right() + tokens.size.gap);
    let mut texts = row.texts.clone();
    let layout = Layout::right_to_left(Align::Center);
    let builder = egui::UiBuilder::new().id_salt(id).max_rect(fields).layout(layout);
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if ui.add(IconButton::new(icons::CLOSE, "Remove this row")).clicked() {
            context.ask(DatabaseAction::RemoveOperation(row.id));
        }
        if ui.rect_contains_pointer(rect) || drawn.is_open {
            let open = IconButton::new(icons::PENCIL, "Edit this row beside the transaction");
            if ui.add(open.selected(drawn.is_open)).clicked() {
                context.ask(TransactionAction::Open(row.id));
            }
        }
        come_to(ui, drawn, height, context);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            // In the middle of the row, whatever stands beside it.
            let place_of = |width: f32| (rect.center().y, width);
            if row.kind.has_key() {
                key(ui, drawn, id, &mut texts, &place_of);
                if drawn.takes_focus {
                    focus_all(ui, id.with("key"), &texts.key);
                }
            } else if drawn.takes_focus {
                focus_all(ui, id.with("value"), &texts.value);
            }
            match row.kind {
                OperationKind::Check => {
                    let expected = row.choices.versionstamp;
                    let expected =
                        expected.map_or_else(|| "is absent".to_owned(), |stamp| format!("is {stamp}"));
                    let text = RichText::new(expected)
                        .font(tokens.mono())
                        .color(tokens.color.dim);
                    ui.add(egui::Label::new(text).truncate());
                }
                OperationKind::Delete => {}
                _ => value(ui, drawn, id, &mut texts, &place_of, context),
            }
        });
    });
    (texts != row.texts).then_some(texts)
}

/// Where the row is dragged by, and has the keyboard.
fn grip(ui: &mut Ui, rect: Rect, id: Id, drawn: &DrawnRow<'_>, context: &mut PanelContext<'_>) -> Response {
    let tokens = theme::tokens(ui);
    let row = drawn.row;
    let response = ui.interact(rect, id.with("grip"), Sense::click_and_drag());
    response.widget_info(|| {
        let text = format!("Row {}: {} {}", drawn.index + 1, row.kind.name(), row.texts.key);
        WidgetInfo::labeled(Role::Row, true, text)
    });
    focus_ring(ui, &response, 0.0);
    if response.hovered() || response.has_focus() || drawn.is_open {
        let job = line_text::job(icons::GRIP, tokens.icon(), tokens.color.dim);
        let galley = line_text::layout(ui.painter(), job, rect.width());
        line_text::paint_centered(ui.painter(), rect, galley);
    }
    if response.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::Grab);
    }
    if response.clicked() {
        response.request_focus();
    }
    if response.dragged() || response.drag_stopped() {
        let dragged = Dragged {
            id: row.id,
            is_dropped: response.drag_stopped(),
        };
        ui.data_mut(|data| data.insert_temp(drag_memory(), dragged));
    }
    if response.has_focus() {
        let pressed =
            |ui: &Ui, modifiers: Modifiers, key: Key| ui.input_mut(|input| input.consume_key(modifiers, key));
        let id = row.id;
        if pressed(ui, Modifiers::ALT, Key::ArrowUp) {
            context.ask(DatabaseAction::ShiftOperation(id, false));
        } else if pressed(ui, Modifiers::ALT, Key::ArrowDown) {
            context.ask(DatabaseAction::ShiftOperation(id, true));
        } else if pressed(ui, Modifiers::NONE, Key::Delete) {
            context.ask(DatabaseAction::RemoveOperation(id));
        } else if pressed(ui, Modifiers::NONE, Key::Space) {
            context.ask(TransactionAction::Choose(id, switched(row.choices)));
        } else if pressed(ui, Modifiers::NONE, Key::Enter) {
            context.ask(TransactionAction::Open(id));
        } else if pressed(ui, Modifiers::NONE, Key::Insert) {
            context.ask(TransactionAction::Duplicate(id));
        }
    }
    response.on_hover_text("Drag to move; Alt with an arrow moves, Space switches off and on, Ins doubles, Del removes, Enter edits")
}

fn switched(choices: RowChoices) -> RowChoices {
    RowChoices {
        is_off: !choices.is_off,
        ..choices
    }
}

fn menu(ui: &mut Ui, drawn: &DrawnRow<'_>, context: &mut PanelContext<'_>) {
    fit_menu(ui, 190.0, 260.0);
    let row = drawn.row;
    let id = row.id;
    let mut chosen: Option<DatabaseAction> = None;
    let mut entry = |ui: &mut Ui, enabled: bool, text: &str, icon: &str, action: DatabaseAction| {
        if ui.add_enabled(enabled, MenuEntry::new(text).icon(icon)).clicked() {
            chosen = Some(action);
        }
    };
    entry(
        ui,
        true,
        "Edit beside",
        icons::PENCIL,
        TransactionAction::Open(id).into(),
    );
    entry(
        ui,
        true,
        "Double",
        icons::COPY,
        TransactionAction::Duplicate(id).into(),
    );
    let (text, icon) = match row.choices.is_off {
        true => ("Switch on", icons::EYE),
        false => ("Switch off", icons::EYE_OFF),
    };
    entry(
        ui,
        true,
        text,
        icon,
        TransactionAction::Choose(id, switched(row.choices)).into(),
    );
    if row.kind == OperationKind::Check {
        let text = "Expect what is there now";
        entry(
            ui,
            true,
            text,
            icons::REFRESH,
            TransactionAction::CheckAnew(id).into(),
        );
        let absent = RowChoices {
            versionstamp: None,
            ..row.choices
        };
        let text = "Expect that nothing is there";
        let can = row.choices.versionstamp.is_some();
        entry(
            ui,
            can,
            text,
            icons::PROHIBIT,
            TransactionAction::Choose(id, absent).into(),
        );
    }
    menu_separator(ui);
    let (first, last) = (drawn.index == 0, drawn.index + 1 == drawn.num_rows);
    entry(
        ui,
        !first,
        "Move up",
        icons::ARROW_UP,
        DatabaseAction::ShiftOperation(id, false),
    );
    entry(
        ui,
        !last,
        "Move down",
        icons::ARROW_DOWN,
        DatabaseAction::ShiftOperation(id, true),
    );
    if let Some(key) = row.key() {
        entry(
            ui,
            true,
            "Show the entry",
            icons::TABLE,
            DatabaseAction::GoTo(key.clone()),
        );
    }
    menu_separator(ui);
    entry(
        ui,
        true,
        "Remove",
        icons::TRASH,
        DatabaseAction::RemoveOperation(id),
    );
    if let Some(action) = chosen {
        context.ask(action);
        ui.close();
    }
}

/// What the row comes to, at its end.
fn come_to(ui: &mut Ui, drawn: &DrawnRow<'_>, height: f32, context: &PanelContext<'_>) {
    let told = effect::tell(ui, drawn, context.now);
    let width = ui.available_width() * EFFECT_SHARE;
    let (place, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let galley = line_text::layout(ui.painter(), told.job, width);
    let is_cut = galley.elided;
    line_text::paint_right(ui.painter(), place, galley);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, told.text.as_str()));
    match told.tooltip {
        Some(tooltip) => {
            response.on_hover_text(tooltip);
        }
        None if is_cut => {
            response.on_hover_text(told.text);
        }
        None => {}
    }
}

fn key(
    ui: &mut Ui,
    drawn: &DrawnRow<'_>,
    id: Id,
    texts: &mut RowTexts,
    place_of: &dyn Fn(f32) -> (f32, f32),
) {
    let tokens = theme::tokens(ui);
    let width = KEY_WIDTH.min(ui.available_width() * 0.45);
    let key = Field {
        id: id.with("key"),
        name: "Key of the operation",
        hint: "[\"key\"]",
    };
    key.show(ui, &mut texts.key, place_of(width));
    if drawn.row.choices.is_versionstamped {
        let text = RichText::new("+ versionstamp")
            .font(tokens.small())
            .color(tokens.color.dim);
        ui.label(text)
            .on_hover_text("The key gets one more part: the versionstamp of the commit");
    }
}

fn value(
    ui: &mut Ui,
    drawn: &DrawnRow<'_>,
    id: Id,
    texts: &mut RowTexts,
    place_of: &dyn Fn(f32) -> (f32, f32),
    context: &mut PanelContext<'_>,
) {
    let row = drawn.row;
    if texts.value.len() > LONG_TEXT || texts.value.contains('\n') {
        let size = row.value().map_or(texts.value.len(), |value| value.bytes.len());
        let text = format!("{} · edit beside", format::bytes(size as u64));
        let button = ui.add(link_button(&text));
        if button
            .on_hover_text("This value is too long for a line")
            .clicked()
        {
            context.ask(TransactionAction::Open(row.id));
        }
        return;
    }
    let width = ui.available_width();
    let value = Field {
        id: id.with("value"),
        name: "Value of the operation",
        hint: hint(row.kind),
    };
    value.show(ui, &mut texts.value, place_of(width));
}

fn hint(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Set | OperationKind::Enqueue => "a JavaScript literal",
        _ => "new Deno.KvU64(1n)",
    }
}

/// A one-line field for a literal, in its colours.
struct Field<'a> {
    id: Id,
    name: &'a str,
    hint: &'a str,
}

impl Field<'_> {
    /// Shows it around a height, this wide.
    fn show(&self, ui: &mut Ui, text: &mut String, (middle, width): (f32, f32)) {
        let tokens = theme::tokens(ui);
        let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, _width: f32| {
            let spans = literal::highlight(text.as_str());
            let mut job = highlight_job(tokens, text.as_str(), &spans);
            job.wrap.max_width = f32::INFINITY;
            ui.fonts_mut(|fonts| fonts.layout_job(job))
        };
        let hint = RichText::new(self.hint).font(tokens.mono());
        let field = TextEdit::singleline(text)
            .id(self.id)
            .font(tokens.mono())
            .hint_text(hint.color(tokens.color.dim))
            .layouter(&mut layouter)
            .align(egui::Align2::LEFT_CENTER)
            .desired_width(width - 12.0)
            .margin(egui::Margin::symmetric(6, 2));
        let (space, _) = ui.allocate_exact_size(vec2(width, FIELD_HEIGHT), Sense::hover());
        let place = Rect::from_center_size(egui::pos2(space.center().x, middle), space.size());
        ui.put(place, field).accessible_name(self.name);
    }
}

/// Gives a field the keyboard's focus with all of its text selected, so that typing replaces it.
fn focus_all(ui: &Ui, id: Id, text: &str) {
    let (begin, end) = (CCursor::new(0), CCursor::new(text.chars().count()));
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::two(begin, end)));
    state.store(ui.ctx(), id);
    ui.memory_mut(|memory| memory.request_focus(id));
}
