//! The transaction that is being composed: a docked list, alive with what stands in the database now.

use egui::text::{CCursor, CCursorRange};
use egui::{Align, Color32, Id, Layout, RichText, Sense, TextEdit, Ui, vec2};
use keyglass_store::limits::Limits;
use keyglass_store::value::literal;

use super::{PanelContext, mark};
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::format;
use crate::model::mark::Mark;
use crate::model::transaction::{CheckState, Meter, OperationKind, OperationRow, TransactionDraft};
use crate::theme::{self, Tokens, icons};
use crate::widgets::badge::paint_tag;
use crate::widgets::button::{IconButton, link_button, primary_button, quiet_button};
use crate::widgets::code_editor::highlight_job;
use crate::widgets::line_text;
use crate::widgets::panel_frame::panel_header;

/// Widths of the columns in points: operation, key, and what it comes to.
const TAG_WIDTH: f32 = 62.0;
const KEY_WIDTH: f32 = 250.0;
const STATE_WIDTH: f32 = 210.0;
/// Height of a field in a row, in points.
const FIELD_HEIGHT: f32 = 22.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut TransactionDraft,
    mark: Option<&Mark>,
    context: &mut PanelContext<'_>,
) {
    ui.spacing_mut().item_spacing.y = 0.0;
    header(ui, draft, mark, context);
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let mut edited = false;
        let limits = draft.meter().limits;
        for (index, problem) in draft.problems().into_iter().enumerate() {
            let Some(row) = draft.rows.get(index) else { continue };
            let (id, state) = (row.id, state_of(ui, draft, row, problem));
            let takes_focus = draft.takes_focus(id);
            if let Some(row) = draft.rows.get_mut(index) {
                edited |= row_ui(ui, row, state, takes_focus, &limits, context);
            }
        }
        if edited {
            draft.edited();
        }
        add_buttons(ui, context);
        if draft.rows.is_empty() {
            let tokens = theme::tokens(ui);
            let text = "Checks, sets and deletes that are committed as one. Add rows here, or with + Transaction under an entry.";
            ui.horizontal(|ui| {
                ui.add_space(tokens.size.padding);
                ui.label(RichText::new(text).color(tokens.color.dim));
            });
        }
    });
}

fn header(ui: &mut Ui, draft: &TransactionDraft, mark: Option<&Mark>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let meter = draft.meter();
    let dim = |ui: &mut Ui, text: String, color: Color32| {
        ui.label(RichText::new(text).font(tokens.body()).color(color));
    };
    panel_header(
        ui,
        "Transaction",
        |ui| {
            let rows = draft.rows.len() as u64;
            if rows > 0 {
                dim(
                    ui,
                    format::counted(rows, "operation", "operations"),
                    tokens.color.dim,
                );
            }
            if let Some(stamp) = draft.committed() {
                dim(
                    ui,
                    format!("Committed with versionstamp {stamp}"),
                    tokens.color.good,
                );
            } else if !draft.failed.is_empty() {
                let text = match draft.failed.len() {
                    1 => "Not committed: one check failed".to_owned(),
                    several => format!("Not committed: {several} checks failed"),
                };
                dim(ui, text, tokens.color.bad);
            }
        },
        |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let close = IconButton::new(icons::CHEVRON_DOWN, "Hide the transaction");
            if ui.add(close).clicked() {
                context.ask(Command::ToggleTransaction);
            }
            if draft.committed().is_none() {
                context.command(ui, Command::CommitTransaction, primary_button("Commit").small());
            } else {
                let again = primary_button("Use again").small();
                context.command(ui, Command::ReuseTransaction, again);
            }
            mark.and_then(|mark| mark::label(ui, mark));
            context.command(ui, Command::ClearTransaction, quiet_button("Clear").small());
            if !draft.failed.is_empty() {
                context.command(
                    ui,
                    Command::RebaseTransaction,
                    quiet_button("Rebase checks").small(),
                );
            }
            for (text, fits) in told(meter) {
                let color = if fits { tokens.color.dim } else { tokens.color.bad };
                dim(ui, text, color);
            }
        },
    );
}

/// What a transaction takes of what its database takes, from right to left, and whether it fits.
fn told(meter: Meter) -> [(String, bool); 4] {
    let limits = meter.limits;
    let bytes = |bytes: usize| format::bytes(bytes as u64);
    let count = |number: usize| format::count(number as u64);
    let of = |name: &str, taken: usize, limit: usize, say: fn(usize) -> String| {
        (format!("{name}{} / {}", say(taken), say(limit)), taken <= limit)
    };
    [
        of("", meter.bytes, limits.commit_bytes, bytes),
        of("keys ", meter.key_bytes, limits.commit_key_bytes, bytes),
        of("mutations ", meter.mutations, limits.mutations, count),
        of("checks ", meter.checks, limits.checks, count),
    ]
}

fn color_of(tokens: &Tokens, kind: OperationKind) -> Color32 {
    match kind {
        OperationKind::Check => tokens.color.check,
        OperationKind::Set => tokens.color.set,
        OperationKind::Delete => tokens.color.delete,
        OperationKind::Sum | OperationKind::Min | OperationKind::Max => tokens.color.arithmetic,
    }
}

/// What a row comes to: a text and its colour.
fn state_of(
    ui: &Ui,
    draft: &TransactionDraft,
    row: &OperationRow,
    problem: Option<String>,
) -> (String, Color32) {
    let color = &theme::tokens(ui).color;
    if draft.committed().is_some() {
        let text = if row.kind == OperationKind::Check {
            "passed"
        } else {
            "done"
        };
        return (text.to_owned(), color.good);
    }
    if let Some(problem) = problem {
        return (problem, color.bad);
    }
    let failed = draft.failed.contains(&row.id);
    let state = draft.state(row);
    match row.kind {
        OperationKind::Check => match (draft.check_state(row), state.flatten()) {
            (CheckState::Unknown, _) => ("…".to_owned(), color.dim),
            (CheckState::Passes, _) => ("passes now".to_owned(), color.good),
            (CheckState::Fails, now) => {
                let word = if failed { "failed" } else { "fails now" };
                let now = now.map_or_else(
                    || "the key is absent".to_owned(),
                    |entry| format!("it is {}", format::short_versionstamp(entry.versionstamp)),
                );
                (format!("{word}: {now}"), color.bad)
            }
        },
        OperationKind::Set => match state {
            Some(Some(entry)) if entry.expires_at.is_some() => ("keeps expiry".to_owned(), color.dim),
            Some(Some(_)) => ("replaces".to_owned(), color.dim),
            Some(None) => ("new key".to_owned(), color.dim),
            None => (String::new(), color.dim),
        },
        OperationKind::Delete => match state {
            Some(None) => ("is absent already".to_owned(), color.dim),
            _ => (String::new(), color.dim),
        },
        OperationKind::Sum | OperationKind::Min | OperationKind::Max => match state {
            Some(Some(entry)) => {
                let preview = literal::preview(&entry.value, 40);
                let text: String = preview.spans.iter().map(|(_, text)| text.as_str()).collect();
                (format!("with {text}"), color.dim)
            }
            Some(None) => ("new key".to_owned(), color.dim),
            None => (String::new(), color.dim),
        },
    }
}

/// Draws a row; true if it was edited.
fn row_ui(
    ui: &mut Ui,
    row: &mut OperationRow,
    state: (String, Color32),
    takes_focus: bool,
    limits: &Limits,
    context: &mut PanelContext<'_>,
) -> bool {
    let tokens = theme::tokens(ui);
    let height = tokens.size.operation_row;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    ui.painter().hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        egui::Stroke::new(1.0, tokens.soft_line()),
    );
    let inner = rect.shrink2(vec2(tokens.size.padding, 0.0));
    let tag = inner.with_max_x(inner.left() + TAG_WIDTH);
    paint_tag(ui, tag, row.kind.name(), color_of(tokens, row.kind));
    let fields = inner.with_min_x(tag.right() + tokens.size.gap);
    let mut edited = false;
    let id = ui.scope_id().with(("operation", row.id));
    ui.scope_builder(
        egui::UiBuilder::new()
            .id_salt(id)
            .max_rect(fields)
            .layout(Layout::right_to_left(Align::Center)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            if ui.add(IconButton::new(icons::CLOSE, "Remove this row")).clicked() {
                context.ask(DatabaseAction::RemoveOperation(row.id));
            }
            if response.contains_pointer() || ui.rect_contains_pointer(rect) {
                if ui.add(IconButton::new(icons::ARROW_DOWN, "Move down")).clicked() {
                    context.ask(DatabaseAction::ShiftOperation(row.id, true));
                }
                if ui.add(IconButton::new(icons::ARROW_UP, "Move up")).clicked() {
                    context.ask(DatabaseAction::ShiftOperation(row.id, false));
                }
            }
            let (text, color) = state;
            let width = STATE_WIDTH.min(ui.available_width() * 0.3);
            let (place, told) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
            let galley = line_text::layout(ui.painter(), line_text::job(&text, tokens.body(), color), width);
            let is_cut = galley.elided;
            line_text::paint_right(ui.painter(), place, galley);
            told.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, text.as_str()));
            if is_cut {
                told.on_hover_text(text);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                // In the middle of the row, whatever stands beside it.
                let place_of = |width: f32| (rect.center().y, width);
                let (key_id, value_id) = (id.with("key"), id.with("value"));
                let width = KEY_WIDTH.min(ui.available_width() * 0.45);
                let key = Field {
                    id: key_id,
                    name: "Key of the operation",
                    hint: "[\"key\"]",
                };
                edited |= key.show(ui, &mut row.key_text, place_of(width));
                if takes_focus {
                    focus_all(ui, key_id, &row.key_text);
                    ui.scroll_to_rect(rect, None);
                }
                match row.kind {
                    OperationKind::Check => {
                        let expected = row
                            .versionstamp
                            .map_or_else(|| "is absent".to_owned(), |stamp| format!("is {stamp}"));
                        ui.label(
                            RichText::new(expected)
                                .font(tokens.mono())
                                .color(tokens.color.dim),
                        );
                    }
                    OperationKind::Delete => {}
                    _ => {
                        let width = ui.available_width();
                        let value = Field {
                            id: value_id,
                            name: "Value of the operation",
                            hint: hint(row.kind),
                        };
                        edited |= value.show(ui, &mut row.value_text, place_of(width));
                    }
                }
            });
        },
    );
    if edited {
        row.parse(limits);
    }
    edited
}

fn hint(kind: OperationKind) -> &'static str {
    if kind == OperationKind::Set {
        "a JavaScript literal"
    } else {
        "new Deno.KvU64(1n)"
    }
}

/// A one-line field for a literal, in its colours.
struct Field<'a> {
    id: Id,
    name: &'a str,
    hint: &'a str,
}

impl Field<'_> {
    /// Shows it around a height, this wide. True if it was edited.
    fn show(&self, ui: &mut Ui, text: &mut String, (middle, width): (f32, f32)) -> bool {
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
        let place = egui::Rect::from_center_size(egui::pos2(space.center().x, middle), space.size());
        ui.put(place, field).accessible_name(self.name).changed()
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

fn add_buttons(ui: &mut Ui, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let size = vec2(ui.available_width(), tokens.size.operation_row);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let inner = rect
        .shrink2(vec2(tokens.size.padding, 0.0))
        .with_min_x(rect.left() + tokens.size.padding);
    ui.scope_builder(
        egui::UiBuilder::new()
            .max_rect(inner)
            .layout(Layout::left_to_right(Align::Center)),
        |ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            for kind in OperationKind::ALL {
                let text = format!("+ {}", kind.name());
                if ui
                    .add_enabled(context.environment.writable, link_button(&text))
                    .on_disabled_hover_text("The database is read-only")
                    .clicked()
                {
                    context.ask(DatabaseAction::AddOperation(kind));
                }
            }
        },
    );
}
