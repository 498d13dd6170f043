//! Toasts, and the log that keeps all notices.

use egui::{RichText, Ui};

use super::PanelContext;
use crate::command::Command;
use crate::execute::Action;
use crate::model::format;
use crate::model::notices::{Notice, NoticeKind, Notices, Undoable};
use crate::model::undo::Direction;
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, link_button};
use crate::widgets::panel_frame::panel_header;
use crate::widgets::toasts::{self, Toast, ToastEvent, ToastKind};

/// The toast of a notice.
pub fn toast_of(notice: &Notice) -> Toast {
    let kind = match notice.kind {
        NoticeKind::Info => ToastKind::Info,
        NoticeKind::Good => ToastKind::Good,
        NoticeKind::Warning => ToastKind::Warning,
        NoticeKind::Error => ToastKind::Error,
    };
    let mut toast = Toast::new(notice.id, kind, notice.summary.clone());
    if let Some(first) = notice.details.first() {
        let rest = if notice.details.len() > 1 {
            "\nClick for more"
        } else {
            ""
        };
        toast = toast.details(format!("{first}{rest}"));
    }
    if notice.undo.is_some() {
        toast = toast.action("Undo");
    }
    toast
}

/// Shows toasts in the corner of `place`, above what stands at its foot.
pub(super) fn show_toasts(
    ui: &Ui,
    list: &mut Vec<Toast>,
    notices: &Notices,
    place: egui::Rect,
    context: &mut PanelContext<'_>,
) {
    let foot = egui::vec2(0.0, theme::tokens(ui).size.header);
    let place = egui::Rect::from_min_max(place.min, place.max - foot);
    for event in toasts::show_toasts(ui.ctx(), list, place) {
        match event {
            ToastEvent::Action(id) => match notices.get(id).and_then(|notice| notice.undo.clone()) {
                Some(Undoable::Step(step)) => context.ask(Action::Step(step, Direction::Undo)),
                Some(Undoable::RemovedFilter(location, filter)) => {
                    context.ask(Action::RestoreFilter(location, filter));
                }
                None => {}
            },
            ToastEvent::Opened(_) => context.ask(Action::Command(Command::ShowNotices)),
            ToastEvent::Dismissed(_) | ToastEvent::Expired(_) => {}
        }
    }
}

pub(super) fn show_log(ui: &mut Ui, notices: &Notices, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    panel_header(
        ui,
        "Notices",
        |_| {},
        |ui| {
            if ui
                .add(IconButton::new(icons::CLOSE, "Hide the notices"))
                .clicked()
            {
                context.ask(Action::Command(Command::ShowNotices));
            }
            if !notices.log().is_empty() && ui.add(link_button("Copy all")).clicked() {
                context.ask(Action::Copy(
                    notices.log().iter().map(text_of).collect::<Vec<_>>().join("\n"),
                ));
            }
        },
    );
    if notices.log().is_empty() {
        egui::Frame::NONE
            .inner_margin(tokens.size.padding)
            .show(ui, |ui| {
                ui.label(RichText::new("Nothing to tell so far").color(tokens.color.dim));
            });
        return;
    }
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for notice in notices.log().iter().rev() {
            let (icon, color) = match notice.kind {
                NoticeKind::Info => (icons::INFO, tokens.color.accent),
                NoticeKind::Good => (icons::CHECK_CIRCLE, tokens.color.good),
                NoticeKind::Warning => (icons::WARNING, tokens.color.warning),
                NoticeKind::Error => (icons::ERROR, tokens.color.bad),
            };
            egui::Frame::NONE
                .inner_margin(egui::Margin::symmetric(10, 2))
                .show(ui, |ui| {
                    ui.horizontal_top(|ui| {
                        ui.spacing_mut().item_spacing.x = 8.0;
                        ui.label(RichText::new(icon).font(tokens.icon()).color(color));
                        let time = format::utc_time(notice.at);
                        ui.label(RichText::new(time).font(tokens.mono()).color(tokens.color.dim));
                        ui.vertical(|ui| {
                            ui.label(RichText::new(&notice.summary).color(tokens.color.text));
                            for detail in &notice.details {
                                ui.label(
                                    RichText::new(detail)
                                        .font(tokens.mono_small())
                                        .color(tokens.color.dim),
                                );
                            }
                        });
                    });
                });
        }
    });
}

/// A notice as text, for the clipboard.
fn text_of(notice: &Notice) -> String {
    let mut text = format!("{} {}", format::utc(notice.at), notice.summary);
    for detail in &notice.details {
        text.push_str("\n  ");
        text.push_str(detail);
    }
    text
}
