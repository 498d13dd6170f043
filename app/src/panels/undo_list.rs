//! What was committed from this window, to undo and redo it.

use egui::{Align, Layout, RichText, Ui};

use super::PanelContext;
use crate::action::{AppAction, DatabaseAction, TransactionAction};
use crate::command::Command;
use crate::format;
use crate::model::undo::{self, Direction, Step, UndoList};
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, link_button, quiet_button};
use crate::widgets::panel_frame::panel_header;
use crate::widgets::preview_text::{self, SpanKind};

/// `title` names the database.
pub(super) fn show(ui: &mut Ui, title: &str, list: &UndoList, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    panel_header(
        ui,
        "History",
        |ui| {
            let about = format!(
                "The last {} commits made from this window, as far as {} hold them; those of others are under Watch",
                undo::STEPS,
                format::bytes(undo::BYTES as u64)
            );
            let text = RichText::new(title).color(tokens.color.dim);
            ui.add(egui::Label::new(text).selectable(false))
                .on_hover_text(about);
        },
        |ui| {
            if ui
                .add(IconButton::new(icons::CLOSE, "Hide the history"))
                .clicked()
            {
                context.ask(Command::ShowUndoList);
            }
            context.command(ui, Command::Redo, IconButton::new(icons::REDO, "Redo"));
            context.command(ui, Command::Undo, IconButton::new(icons::UNDO, "Undo"));
        },
    );
    if list.steps().is_empty() {
        egui::Frame::NONE.inner_margin(tokens.size.padding).show(ui, |ui| {
            let text = "Nothing was committed from this window yet. What you save, delete and commit is listed here, to be undone and redone.";
            ui.label(RichText::new(text).color(tokens.color.dim));
        });
        return;
    }
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for step in list.steps().iter().rev() {
            step_ui(ui, list, step, context);
        }
    });
}

fn step_ui(ui: &mut Ui, list: &UndoList, step: &Step, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let undone = step.undone_at.is_some();
    let (icon, color) = if !step.refused.is_empty() {
        (icons::WARNING, tokens.color.warning)
    } else if undone {
        (icons::UNDO, tokens.color.dim)
    } else {
        (icons::CHECK_CIRCLE, tokens.color.good)
    };
    let frame = egui::Frame::NONE.inner_margin(egui::Margin::symmetric(10, 2));
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.label(RichText::new(icon).font(tokens.icon()).color(color));
            let time = RichText::new(format::utc_clock(step.at))
                .font(tokens.mono())
                .color(tokens.color.dim);
            ui.label(time).on_hover_text(format::utc(step.at));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                button(ui, list, step, context);
                let state = step
                    .undone_at
                    .map(|at| format!("undone {}", format::ago(at, context.now)));
                if let (Some(state), Some(at)) = (state, step.undone_at) {
                    ui.label(RichText::new(state).font(tokens.small()).color(tokens.color.dim));
                    super::repaint_after(ui, format::ago_changes_in(at, context.now));
                }
                if let Some(stamp) = step.versionstamp {
                    let text = format!("version {}", format::short_versionstamp(stamp));
                    let text = RichText::new(text)
                        .font(tokens.mono_small())
                        .color(tokens.color.dim);
                    ui.add(egui::Label::new(text).selectable(false))
                        .on_hover_text(stamp.to_string());
                }
                if step.is_one_commit() {
                    let verb = match step.direction() {
                        Direction::Undo => "undo",
                        Direction::Redo => "redo",
                    };
                    let tooltip =
                        format!("Put the rows that {verb} this into the transaction, to look at and to edit");
                    let rows = ui.add(link_button("To transaction")).on_hover_text(tooltip);
                    if rows
                        .accessible_name(format!("To transaction: {}", step.sentence))
                        .clicked()
                    {
                        context.ask(TransactionAction::AddStep(step.id));
                    }
                }
                if let Some(key) = step.key() {
                    let link = ui.add(link_button("Show"));
                    if link.accessible_name(format!("Show {key}")).clicked() {
                        context.ask(DatabaseAction::GoTo(key.clone()));
                    }
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let color = if undone {
                        tokens.color.dim
                    } else {
                        tokens.color.text
                    };
                    let text = RichText::new(&step.sentence).color(color);
                    let label = ui.add(egui::Label::new(text).truncate());
                    if let Some(file) = step.undo_file() {
                        label.on_hover_text(format!("Kept in {}", file.display()));
                    }
                    values(ui, step);
                });
            });
        });
        for reason in &step.refused {
            ui.horizontal(|ui| {
                ui.add_space(22.0);
                let what = if undone { "Not redone" } else { "Not undone" };
                let text = RichText::new(format!("{what}: {reason}"))
                    .font(tokens.small())
                    .color(tokens.color.warning);
                ui.add(egui::Label::new(text).truncate());
            });
        }
    });
}

/// The value before and after.
fn values(ui: &mut Ui, step: &Step) {
    let tokens = theme::tokens(ui);
    let mut spans = Vec::new();
    for preview in [&step.before, &step.after].into_iter().flatten() {
        if !spans.is_empty() {
            spans.push((SpanKind::Punctuation, " → ".to_owned()));
        }
        spans.extend(preview.spans.iter().cloned());
    }
    if !spans.is_empty() {
        let job = preview_text::preview_job(tokens, &spans);
        ui.add(egui::Label::new(job).truncate().selectable(false));
    }
}

fn button(ui: &mut Ui, list: &UndoList, step: &Step, context: &mut PanelContext<'_>) {
    let direction = step.direction();
    let verb = match direction {
        Direction::Undo => "Undo",
        Direction::Redo => "Redo",
    };
    let (text, tooltip) = if step.refused.is_empty() {
        (verb.to_owned(), "Nothing is overwritten that changed since")
    } else {
        (format!("{verb} again"), "It was refused; look again")
    };
    let reason = if context.environment.writable {
        "This is being done"
    } else {
        "The database is read-only"
    };
    let allowed = context.environment.writable && list.stepping != Some(step.id);
    let button = ui
        .add_enabled(allowed, quiet_button(&text).small().min_width(64.0))
        .on_hover_text(tooltip)
        .on_disabled_hover_text(reason)
        .accessible_name(format!("{verb}: {}", step.sentence));
    if button.clicked() {
        context.ask(AppAction::Step(step.id, direction));
    }
}
