//! The message that is selected: its payload as a tree, when it is due, how often it is tried again, and where it is stored
//! if every delivery fails.

use egui::accesskit::Role;
use egui::scroll_area::ScrollBarVisibility;
use egui::{Align, Label, Layout, RichText, ScrollArea, Sense, Ui, WidgetInfo};
use keyglass_store::EncodedKey;
use keyglass_store::database::QueueMessage;
use keyglass_store::value::{Encoding, StoredValue, Value, ValueError};

use super::PanelContext;
use super::watch_rows::key_job;
use crate::action::DatabaseAction;
use crate::format;
use crate::theme;
use crate::widgets::panel_frame::bar;
use crate::widgets::value_tree::{ValueTree, ValueTreeState};

/// Backoffs and keys that are named; of more there is the number.
const NAMED: usize = 6;

/// How the message is looked at.
#[derive(Debug, Default)]
pub(super) struct MessageView {
    tree: ValueTreeState,
    /// The message that was decoded last, and what its payload holds.
    decoded: Option<(QueueMessage, Result<Value, ValueError>)>,
    revision: u64,
}

pub(super) fn show(
    ui: &mut Ui,
    message: &QueueMessage,
    view: &mut MessageView,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let top = ui.available_rect_before_wrap();
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(top.x_range(), top.top() + 0.5, line);
    let is_other =
        |(shown, _): &(QueueMessage, _)| shown.payload != message.payload || shown.id != message.id;
    if view.decoded.as_ref().is_none_or(is_other) {
        if view
            .decoded
            .as_ref()
            .is_none_or(|(shown, _)| shown.id != message.id)
        {
            view.tree = ValueTreeState::default();
        }
        let payload = StoredValue {
            encoding: Encoding::V8,
            bytes: message.payload.clone(),
        };
        let value = payload.decode();
        view.decoded = Some((message.clone(), value));
        view.revision += 1;
    }
    bar(ui, tokens.size.filter_bar, |ui| {
        let facts = facts(message);
        let text = RichText::new(&facts).color(tokens.color.dim);
        ui.add(Label::new(text).truncate()).on_hover_text(&facts);
    });
    if !message.keys_if_undelivered.is_empty() {
        bar(ui, tokens.size.filter_bar, |ui| undelivered(ui, message, context));
    }
    match view.decoded.as_ref().map(|(_, value)| value) {
        Some(Ok(value)) => {
            ValueTree::new(&mut view.tree, value, view.revision).show(ui);
        }
        Some(Err(reason)) => {
            ui.label(RichText::new(format!("The payload cannot be read: {reason}")).color(tokens.color.bad));
        }
        None => {}
    }
}

/// `Due 12:00:03.000 UTC · 40 B · tried again 3 times, after 1 s, 5 s, 30 s · id …`
fn facts(message: &QueueMessage) -> String {
    let mut facts = vec![format!("Due {}", format::utc(message.due_at))];
    facts.push(format::bytes(message.payload.len() as u64));
    facts.push(retries(&message.backoff_schedule));
    if message.keys_if_undelivered.is_empty() {
        facts.push("dropped if undelivered".to_owned());
    }
    facts.push(format!("id {}", message.id));
    facts.join(" · ")
}

/// What is left of the backoff schedule, in milliseconds.
fn retries(backoff_schedule: &[u32]) -> String {
    let spans = backoff_schedule.iter().take(NAMED);
    let spans: Vec<String> = spans.map(|after| format::gap(i64::from(*after))).collect();
    let more = match backoff_schedule.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match backoff_schedule.len() {
        0 => "not tried again".to_owned(),
        1 => format!("tried again once, after {}", spans.join(", ")),
        number => format!("tried again {number} times, after {}{more}", spans.join(", ")),
    }
}

fn undelivered(ui: &mut Ui, message: &QueueMessage, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.label(RichText::new("If undelivered").color(tokens.color.dim));
        // Keys for which there is no room are scrolled to.
        ui.style_mut().always_scroll_the_only_direction = true;
        ScrollArea::horizontal()
            .scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden)
            .show(ui, |ui| {
                for key in message.keys_if_undelivered.iter().take(NAMED) {
                    link(ui, key, context);
                }
                let more = message.keys_if_undelivered.len().saturating_sub(NAMED);
                if more > 0 {
                    ui.label(RichText::new(format!("and {more} more")).color(tokens.color.dim));
                }
            });
    });
}

/// A key that shows its entry.
fn link(ui: &mut Ui, key: &EncodedKey, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let label = Label::new(key_job(tokens, key))
        .selectable(false)
        .sense(Sense::click());
    let shown = ui.add(label).on_hover_text("Show what stands there");
    let name = key.to_string();
    shown.widget_info(|| WidgetInfo::labeled(Role::Link, true, &name));
    crate::widgets::button::focus_ring(ui, &shown, tokens.size.radius_small);
    if shown.clicked() {
        context.ask(DatabaseAction::GoTo(key.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_the_backoff_schedule_is_told() {
        assert_eq!(retries(&[]), "not tried again");
        assert_eq!(retries(&[1000]), "tried again once, after 1 s");
        let many = retries(&[1000, 5000, 30_000, 1000, 1000, 1000, 1000, 1000]);
        assert!(
            many.starts_with("tried again 8 times, after 1 s, 5 s, 30 s,"),
            "{many}"
        );
        assert!(many.ends_with(" and 2 more"), "{many}");
    }
}
