//! The status line.

use egui::{Align, Layout, RichText, Ui};

use super::{PanelContext, repaint_after};
use crate::app::App;
use crate::command::Command;
use crate::execute::Action;
use crate::model::format;
use crate::session::Session;
use crate::theme;
use crate::widgets::button::{focus_ring, link_button};
use crate::widgets::waiting::waiting;

pub(super) fn show(ui: &mut Ui, app: &mut App, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let unread = app.notices.unread();
    let num_notices = app.notices.log().len();
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        ui.add_space(12.0);
        if let Some(session) = app.sessions.get_mut(app.active) {
            facts(ui, session, context);
            if let Some(location) = app.opening.first() {
                waiting(ui, &format!("Opening {location}…"));
            }
        } else if let Some(location) = app.opening.first() {
            fact(ui, &format!("Opening {location}…"));
        } else {
            fact(ui, "No database is open");
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(12.0);
            let text = if unread > 0 {
                format!("{} unread", format::counted(unread as u64, "notice", "notices"))
            } else {
                format::counted(num_notices as u64, "notice", "notices")
            };
            let color = if unread > 0 {
                tokens.color.warning
            } else {
                tokens.color.dim
            };
            let label = egui::Label::new(RichText::new(&text).font(tokens.status()).color(color))
                .selectable(false)
                .sense(egui::Sense::click());
            let shown = ui.add(label).on_hover_text("Show all notices (Ctrl+4)");
            shown.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &text));
            focus_ring(ui, &shown, tokens.size.radius_small);
            if shown.clicked() {
                context.ask(Action::Command(Command::ShowNotices));
            }
            if let Some(session) = app.sessions.get(app.active) {
                jobs(ui, session, context);
            }
        });
    });
}

fn fact(ui: &mut Ui, text: &str) {
    let tokens = theme::tokens(ui);
    let text = RichText::new(text).font(tokens.status()).color(tokens.color.dim);
    ui.add(egui::Label::new(text).selectable(false).truncate());
}

fn facts(ui: &mut Ui, session: &mut Session, context: &PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let kind = session.kind_name();
    let lock = if session.is_writable() { "" } else { ", read-only" };
    fact(ui, &format!("{} · {kind}{lock}", session.title));
    if let Some(counted) = session
        .tree
        .counted(&keyglass_store::EncodedKey::default(), context.now)
    {
        let about = if counted.complete { "" } else { "≥ " };
        fact(
            ui,
            &format!("{about}{}", format::counted(counted.entries, "key", "keys")),
        );
    }
    if let Some(bytes) = session.statistics.disk_bytes {
        fact(ui, &format::bytes(bytes));
    }
    if let Some(stamp) = session.statistics.versionstamp {
        let text = format!("version {}", format::short_versionstamp(stamp));
        let label = RichText::new(text)
            .font(tokens.mono_small())
            .color(tokens.color.dim);
        ui.add(egui::Label::new(label).selectable(false))
            .on_hover_text(stamp.to_string());
    }
    if let Some(at) = session.changed_at {
        fact(ui, &format!("changed {}", format::ago(at, context.now)));
        repaint_after(ui, format::ago_changes_in(at, context.now));
    }
}

fn jobs(ui: &mut Ui, session: &Session, context: &mut PanelContext<'_>) {
    for job in &session.jobs {
        if ui.add(link_button("Cancel").small()).clicked() {
            context.ask(Action::CancelJob(job.id));
        }
        let done = format::counted(session.job_entries(job.id), "entry", "entries");
        fact(ui, &format!("{} · {done}", job.label));
    }
}
