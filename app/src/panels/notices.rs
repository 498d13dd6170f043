//! Toasts, and the log that keeps all notices.

use std::collections::HashMap;

use egui::{Align, Layout, RichText, Ui, vec2};

use super::PanelContext;
use crate::action::AppAction;
use crate::command::Command;
use crate::format;
use crate::model::notices::{Notice, NoticeKind, Notices, Offer};
use crate::model::undo::Direction;
use crate::moment::text_with_offset;
use crate::theme::{self, Tokens, icons};
use crate::widgets::button::{IconButton, link_button};
use crate::widgets::local_zone;
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
    let mut toast = Toast::new(notice.id, kind, notice.told());
    if let Some(first) = notice.details.first() {
        let rest = if notice.details.len() > 1 {
            "\nClick for more"
        } else {
            ""
        };
        toast = toast.details(format!("{first}{rest}"));
    }
    if let Some(offer) = &notice.offer {
        toast = toast.action(offer.text());
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
    let foot = vec2(0.0, theme::tokens(ui).size.header);
    let place = egui::Rect::from_min_max(place.min, place.max - foot);
    for event in toasts::show_toasts(ui.ctx(), list, place) {
        match event {
            ToastEvent::Action(id) => match notices.get(id).and_then(|notice| notice.offer.clone()) {
                Some(Offer::Step(step)) => context.ask(AppAction::Step(step, Direction::Undo)),
                Some(Offer::RemovedFilter(location, filter)) => {
                    context.ask(AppAction::RestoreFilter(location, filter));
                }
                Some(Offer::Recover(path)) => context.ask(AppAction::AskRecover(path)),
                None => {}
            },
            ToastEvent::Opened(_) | ToastEvent::MoreOpened => context.ask(Command::ShowNotices),
            ToastEvent::Dismissed(_) | ToastEvent::Expired(_) | ToastEvent::AllDismissed => {}
        }
    }
}

pub(super) fn show_log(
    ui: &mut Ui,
    notices: &Notices,
    heights: &mut NoticeHeights,
    context: &mut PanelContext<'_>,
) {
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
                context.ask(Command::ShowNotices);
            }
            if !notices.log().is_empty() && ui.add(link_button("Copy all")).clicked() {
                context.ask(AppAction::Copy(
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
        heights.are_of(ui.available_width());
        for notice in notices.log().iter().rev() {
            let (height, is_known) = heights.of(notice, tokens);
            let place = egui::Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), height));
            let is_below = place.top() > ui.clip_rect().bottom();
            // What is out of sight is not laid out; what lies below is not even measured.
            if !ui.is_rect_visible(place) && (is_known || is_below) {
                ui.allocate_space(place.size());
            } else {
                let height = notice_ui(ui, notice, context).height();
                heights.known.insert(notice.id, height);
            }
        }
    });
}

/// How high the notices are in the log, as far as they were shown, at one width.
#[derive(Debug, Default)]
pub struct NoticeHeights {
    width: f32,
    known: HashMap<u64, f32>,
}

impl NoticeHeights {
    /// Forgets what holds for another width only.
    fn are_of(&mut self, width: f32) {
        if (self.width - width).abs() > f32::EPSILON {
            self.width = width;
            self.known.clear();
        }
    }

    /// A height, and whether it is more than a guess.
    fn of(&self, notice: &Notice, tokens: &Tokens) -> (f32, bool) {
        let lines = 1 + notice.details.len();
        let guess = lines as f32 * tokens.size.value_row;
        self.known
            .get(&notice.id)
            .map_or((guess, false), |height| (*height, true))
    }
}

fn notice_ui(ui: &mut Ui, notice: &Notice, context: &mut PanelContext<'_>) -> egui::Rect {
    let tokens = theme::tokens(ui);
    let (icon, color) = match notice.kind {
        NoticeKind::Info => (icons::INFO, tokens.color.accent),
        NoticeKind::Good => (icons::CHECK_CIRCLE, tokens.color.good),
        NoticeKind::Warning => (icons::WARNING, tokens.color.warning),
        NoticeKind::Error => (icons::ERROR, tokens.color.bad),
    };
    let frame = egui::Frame::NONE.inner_margin(egui::Margin::symmetric(10, 2));
    let shown = frame.show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.label(RichText::new(icon).font(tokens.icon()).color(color));
            let time = format::utc_time(notice.at);
            let time = RichText::new(time).font(tokens.mono()).color(tokens.color.dim);
            ui.label(time).on_hover_ui(|ui| {
                ui.label(format::utc(notice.at));
                ui.label(format!(
                    "Local {}",
                    text_with_offset(notice.at, &local_zone::of(ui.ctx()))
                ));
            });
            ui.with_layout(Layout::right_to_left(Align::TOP), |ui| {
                let name = format!("Copy {}", notice.summary);
                if ui.add(IconButton::new(icons::COPY, &name).size(18.0)).clicked() {
                    context.ask(AppAction::Copy(text_of(notice)));
                }
                ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
                    ui.add(egui::Label::new(RichText::new(notice.told()).color(tokens.color.text)).wrap());
                    if let Some(offer @ Offer::Recover(path)) = &notice.offer
                        && ui.add(link_button(offer.text())).clicked()
                    {
                        context.ask(AppAction::AskRecover(path.clone()));
                    }
                    for detail in &notice.details {
                        let detail = RichText::new(detail)
                            .font(tokens.mono_small())
                            .color(tokens.color.dim);
                        ui.add(egui::Label::new(detail).wrap());
                    }
                });
            });
        });
    });
    shown.response.rect
}

/// A notice as text, for the clipboard.
fn text_of(notice: &Notice) -> String {
    let mut text = format!("{} {}", format::utc(notice.at), notice.told());
    for detail in &notice.details {
        text.push_str("\n  ");
        text.push_str(detail);
    }
    text
}
