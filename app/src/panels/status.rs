//! The status line.

use egui::{Align, Color32, FontId, Layout, RichText, Ui};

use super::{PanelContext, repaint_after};
use crate::action::DatabaseAction;
use crate::app::App;
use crate::command::Command;
use crate::format;
use crate::session::Session;
use crate::theme;
use crate::widgets::button::{focus_ring, link_button};
use crate::widgets::line_text;
use crate::widgets::waiting::waiting;

/// Between two facts, in points.
const GAP: f32 = 14.0;

/// What it means that entries have expired.
const EXPIRED: &str =
    "Expired entries are in the file until Deno sweeps them, which it does as it opens the file";

pub(super) fn show(ui: &mut Ui, app: &mut App, context: &mut PanelContext<'_>) {
    // What stands at the right is clicked, so it comes first; facts get what is left.
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.add_space(12.0);
        notices(ui, app, context);
        if let Some(session) = app.sessions.front() {
            jobs(ui, session, context);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(12.0);
            if let Some(session) = app.sessions.front_mut() {
                facts(ui, session, context);
                if let Some(location) = app.opening.first() {
                    waiting(ui, &format!("Opening {location}…"));
                }
            } else if let Some(location) = app.opening.first() {
                fact(ui, &format!("Opening {location}…"));
            } else {
                fact(ui, "No database is open");
            }
        });
    });
}

fn notices(ui: &mut Ui, app: &App, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let (unread, told) = (app.notices.unread() as u64, app.notices.log().len() as u64);
    let (text, color) = if unread > 0 {
        let number = format::counted(unread, "notice", "notices");
        (format!("{number} unread"), tokens.color.warning)
    } else {
        (format::counted(told, "notice", "notices"), tokens.color.dim)
    };
    let label = egui::Label::new(RichText::new(&text).font(tokens.status()).color(color))
        .selectable(false)
        .sense(egui::Sense::click());
    let shown = ui.add(label).on_hover_text("Show all notices (Ctrl+4)");
    shown.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &text));
    focus_ring(ui, &shown, tokens.size.radius_small);
    if shown.clicked() {
        context.ask(Command::ShowNotices);
    }
}

fn fact(ui: &mut Ui, text: &str) {
    let tokens = theme::tokens(ui);
    let text = RichText::new(text).font(tokens.status()).color(tokens.color.dim);
    ui.add(egui::Label::new(text).selectable(false).truncate());
}

/// Something to know of the database.
struct Fact {
    text: String,
    font: FontId,
    tooltip: Option<String>,
    /// Those of higher ranks are left out first where there is no room.
    rank: u8,
}

fn facts(ui: &mut Ui, session: &mut Session, context: &PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let kind = session.kind_name();
    let lock = if session.is_writable() { "" } else { ", read-only" };
    fact(ui, &format!("{} · {kind}{lock}", session.title));
    let mut facts = Vec::new();
    let mut add = |rank, text, font, tooltip| {
        facts.push(Fact {
            text,
            font,
            tooltip,
            rank,
        });
    };
    let all = keyglass_store::EncodedKey::default();
    if let Some(counted) = session.tree.counted(&all, context.now) {
        let tooltip = (counted.expired > 0).then(|| EXPIRED.to_owned());
        add(
            0,
            format::apart(&counted, "key", "keys"),
            tokens.status(),
            tooltip,
        );
    }
    if let Some(bytes) = session.statistics.disk_bytes {
        add(2, format::bytes(bytes), tokens.status(), None);
    }
    if let Some(stamp) = session.statistics.versionstamp {
        let text = format!("version {}", format::short_versionstamp(stamp));
        add(3, text, tokens.mono_small(), Some(stamp.to_string()));
    }
    if let Some(at) = session.changed_at {
        let text = format!("changed {}", format::ago(at, context.now));
        add(1, text, tokens.status(), None);
        repaint_after(ui, format::ago_changes_in(at, context.now));
    }
    drop_what_does_not_fit(ui, &mut facts);
    for fact in facts {
        let text = RichText::new(fact.text).font(fact.font).color(tokens.color.dim);
        let shown = ui.add(egui::Label::new(text).selectable(false));
        if let Some(tooltip) = fact.tooltip {
            shown.on_hover_text(tooltip);
        }
    }
}

fn drop_what_does_not_fit(ui: &Ui, facts: &mut Vec<Fact>) {
    let width = |fact: &Fact| {
        let job = line_text::job(&fact.text, fact.font.clone(), Color32::PLACEHOLDER);
        line_text::layout(ui.painter(), job, f32::INFINITY).size().x + GAP
    };
    while facts.iter().map(width).sum::<f32>() > ui.available_width() {
        let last = facts.iter().map(|fact| fact.rank).max();
        facts.retain(|fact| Some(fact.rank) != last);
    }
}

fn jobs(ui: &mut Ui, session: &Session, context: &mut PanelContext<'_>) {
    for job in &session.jobs {
        if ui.add(link_button("Cancel").small()).clicked() {
            context.ask(DatabaseAction::CancelJob(job.id));
        }
        let done = format::counted(session.job_entries(job.id), "entry", "entries");
        let percent = session
            .job_fraction(job.id)
            .map(|fraction| format!(" · {} %", (fraction * 100.0) as u32));
        fact(
            ui,
            &format!("{} · {done}{}", job.label, percent.unwrap_or_default()),
        );
    }
}
