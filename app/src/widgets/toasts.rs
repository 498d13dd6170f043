//! Toasts: what needs a glance, stacked at the bottom right, gone after a while.
//!
//! They are plain data and ordinary widgets, so screen readers and tests see them, and nothing is drawn
//! again before the first of them goes.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{
    Align, Align2, Area, Color32, Context, Frame, Id, Layout, Margin, Order, Rect, Ui, UiBuilder, WidgetInfo,
    vec2,
};

use crate::theme::{self, Tokens, icons};
use crate::widgets::button::{IconButton, focus_ring, link_button};
use crate::widgets::line_text;

/// How long a failure is told while the window is in front, in seconds. It stays in the log.
const SECONDS_OF_ERROR: f64 = 30.0;

/// How fast a toast is read beside other things.
const LETTERS_A_SECOND: f64 = 20.0;

/// What a toast tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastKind {
    /// Something happened.
    Info,
    /// Something succeeded.
    Good,
    /// Something needs care.
    Warning,
    /// Something failed.
    Error,
}

/// One toast.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// Tells it from others, in events.
    pub id: u64,
    /// What it tells.
    pub kind: ToastKind,
    /// One line.
    pub summary: String,
    /// More, in quieter text.
    pub details: Option<String>,
    /// The text of a button: `Undo`.
    pub action: Option<String>,
    /// How long it stays where it can be seen, in seconds.
    pub seconds: f64,
    /// When it goes, in egui's time. Set when it is first seen.
    deadline: Option<f64>,
}

impl Toast {
    /// A toast that stays 5 seconds, or half a minute if it tells a failure.
    #[must_use]
    pub fn new(id: u64, kind: ToastKind, summary: impl Into<String>) -> Self {
        Self {
            id,
            kind,
            summary: summary.into(),
            details: None,
            action: None,
            seconds: if kind == ToastKind::Error {
                SECONDS_OF_ERROR
            } else {
                5.0
            },
            deadline: None,
        }
    }

    /// With more to read, for which it stays longer.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        let details = details.into();
        #[expect(clippy::cast_precision_loss, reason = "a text is short")]
        let reading = details.chars().count() as f64 / LETTERS_A_SECOND;
        self.seconds += reading;
        self.details = Some(details);
        self
    }

    /// With a button; it stays at least 10 seconds.
    #[must_use]
    pub fn action(mut self, action: impl Into<String>) -> Self {
        self.action = Some(action.into());
        self.seconds = self.seconds.max(10.0);
        self
    }

    /// Whether it tells of something that was not done, or not wholly, as the log does.
    #[must_use]
    pub fn tells_trouble(&self) -> bool {
        matches!(self.kind, ToastKind::Warning | ToastKind::Error)
    }

    fn look(&self, tokens: &Tokens) -> (&'static str, Color32) {
        match self.kind {
            ToastKind::Info => (icons::INFO, tokens.color.accent),
            ToastKind::Good => (icons::CHECK_CIRCLE, tokens.color.good),
            ToastKind::Warning => (icons::WARNING, tokens.color.warning),
            ToastKind::Error => (icons::ERROR, tokens.color.bad),
        }
    }
}

/// What happened to a toast, by its id, or to all of them. It has left the list unless the log is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastEvent {
    /// Its button was clicked.
    Action(u64),
    /// It was dismissed.
    Dismissed(u64),
    /// Its time was over.
    Expired(u64),
    /// It was clicked: show it in the log.
    Opened(u64),
    /// Those that wait were clicked: show them in the log.
    MoreOpened,
    /// All of them were dismissed.
    AllDismissed,
}

/// At most this many are shown; older ones wait out of sight, and are counted above the stack.
const SHOWN: usize = 3;

/// Shows the newest toasts at the bottom right of `place` and removes those that are done.
pub fn show_toasts(ctx: &Context, toasts: &mut Vec<Toast>, place: Rect) -> Vec<ToastEvent> {
    let mut events = Vec::new();
    if toasts.is_empty() {
        return events;
    }
    let now = ctx.input(|input| input.time);
    let area = Area::new(Id::unique("toasts"))
        .order(Order::Middle)
        .pivot(Align2::RIGHT_BOTTOM)
        .fixed_pos(place.right_bottom() - vec2(12.0, 12.0))
        .interactable(true)
        .fade_in(false);
    let hovered = area
        .show(ctx, |ui| {
            ui.set_width(340.0);
            ui.spacing_mut().item_spacing.y = 8.0;
            let start = toasts.len().saturating_sub(SHOWN);
            if start > 0 {
                waiting_ui(ui, start, &mut events);
            }
            for toast in toasts.iter().skip(start) {
                let builder = UiBuilder::new()
                    .id_salt(toast.id)
                    .accessibility_role(Role::Alert)
                    .accessibility_label(toast.summary.clone());
                ui.scope_builder(builder, |ui| toast_ui(ui, toast, &mut events));
            }
        })
        .response
        .contains_pointer();
    // What waits out of sight, or behind another window, was not seen.
    let start = toasts.len().saturating_sub(SHOWN);
    let is_in_front = ctx.input(|input| input.focused);
    for (index, toast) in toasts.iter_mut().enumerate() {
        if toast.kind == ToastKind::Error && !is_in_front {
            toast.deadline = None;
            continue;
        }
        if index < start && toast.deadline.is_none() {
            continue;
        }
        let deadline = *toast.deadline.get_or_insert(now + toast.seconds);
        if hovered {
            // What is being read does not go; afterwards a moment is left.
            toast.deadline = Some(deadline.max(now + 2.0));
        } else if deadline <= now {
            events.push(ToastEvent::Expired(toast.id));
        }
    }
    if events.contains(&ToastEvent::AllDismissed) {
        toasts.clear();
    }
    toasts.retain(|toast| {
        !events.iter().any(|event| {
            let (ToastEvent::Action(id) | ToastEvent::Dismissed(id) | ToastEvent::Expired(id)) = event else {
                return false;
            };
            *id == toast.id
        })
    });
    let next = toasts.iter().filter_map(|toast| toast.deadline).reduce(f64::min);
    if let Some(next) = next {
        ctx.request_repaint_after(Duration::from_secs_f64((next - now).max(0.0)));
    }
    events
}

/// Says how many toasts wait, and dismisses all of them.
fn waiting_ui(ui: &mut Ui, number: usize, events: &mut Vec<ToastEvent>) {
    let tokens = theme::tokens(ui);
    let frame = Frame::popup(ui.style())
        .fill(tokens.color.field)
        .inner_margin(Margin::symmetric(14, 4));
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            let more = format!("{number} more");
            if ui
                .add(link_button(&more).small())
                .on_hover_text("Show all notices")
                .clicked()
            {
                events.push(ToastEvent::MoreOpened);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(link_button("Dismiss all").small()).clicked() {
                    events.push(ToastEvent::AllDismissed);
                }
            });
        });
    });
}

fn toast_ui(ui: &mut Ui, toast: &Toast, events: &mut Vec<ToastEvent>) {
    let tokens = theme::tokens(ui);
    let (icon, color) = toast.look(tokens);
    let frame = Frame::popup(ui.style())
        .fill(tokens.color.field)
        .inner_margin(Margin {
            left: 14,
            right: 8,
            top: 6,
            bottom: 8,
        });
    let frame = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing = vec2(8.0, 2.0);
        ui.horizontal_top(|ui| {
            let job = line_text::job(icon, tokens.icon(), color);
            ui.add_space(0.0);
            let (rect, _) = ui.allocate_exact_size(vec2(14.0, 22.0), egui::Sense::hover());
            let galley = line_text::layout(ui.painter(), job, f32::INFINITY);
            line_text::paint_centered(ui.painter(), rect, galley);
            ui.with_layout(Layout::right_to_left(Align::TOP), |ui| {
                let name = format!("Dismiss {}", toast.summary);
                if ui
                    .add(IconButton::new(icons::CLOSE, &name).icon_size(10.0))
                    .clicked()
                {
                    events.push(ToastEvent::Dismissed(toast.id));
                }
                if let Some(action) = &toast.action
                    && ui.add(link_button(action)).clicked()
                {
                    events.push(ToastEvent::Action(toast.id));
                }
                ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
                    texts(ui, tokens, toast, events);
                });
            });
        });
    });
    let rect = frame.response.rect;
    let edge = Rect::from_min_max(rect.left_top(), rect.left_bottom() + vec2(3.0, 0.0));
    let painter = ui.painter().with_clip_rect(edge);
    painter.rect_filled(rect, tokens.size.radius, color);
}

fn texts(ui: &mut Ui, tokens: &Tokens, toast: &Toast, events: &mut Vec<ToastEvent>) {
    ui.add_space(3.0);
    let summary = egui::RichText::new(&toast.summary).color(tokens.color.text);
    let label = egui::Label::new(summary).sense(egui::Sense::click()).wrap();
    let label = ui.add(label);
    label.widget_info(|| WidgetInfo::labeled(Role::Link, true, &toast.summary));
    focus_ring(ui, &label, tokens.size.radius_small);
    if label.clicked() {
        events.push(ToastEvent::Opened(toast.id));
    }
    if let Some(details) = &toast.details {
        let details = egui::RichText::new(details)
            .font(tokens.small())
            .color(tokens.color.dim);
        ui.add(egui::Label::new(details).wrap());
    }
}
