//! The status line.

use egui::{Align, Color32, FontId, Layout, RichText, Ui};
use keyglass_store::database::{Counted, Metered};
use keyglass_store::key::EncodedKey;

use super::{PanelContext, mark, repaint_after};
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::format;
use crate::model::facts::DatabaseFacts;
use crate::model::jobs::Jobs;
use crate::model::serving::{Serving, ServingModel};
use crate::theme;
use crate::widgets::button::{focus_ring, link_button};
use crate::widgets::line_text;
use crate::widgets::waiting::waiting;

/// Between two facts, in points.
const GAP: f32 = 14.0;

/// What it means that entries have expired.
const EXPIRED: &str =
    "Expired entries are in the file until Deno sweeps them, which it does as it opens the file";

/// What the status line is drawn from.
pub(super) struct Status<'a> {
    /// Of the database in front, if one is open.
    pub database: Option<DatabaseStatus<'a>>,
    /// The location of a database that is being opened.
    pub opening: Option<&'a str>,
    /// How many notices nobody has seen, and how many there are.
    pub notices: (usize, usize),
}

/// What there is to know of the database in front.
pub(super) struct DatabaseStatus<'a> {
    pub facts: &'a DatabaseFacts,
    pub jobs: &'a Jobs,
    pub serving: &'a ServingModel,
    /// All its entries.
    pub counted: Option<Counted>,
    /// Nobody has asked for that number, and it is not counted of itself.
    pub is_uncounted: bool,
}

pub(super) fn show(ui: &mut Ui, status: &Status<'_>, context: &mut PanelContext<'_>) {
    // What stands at the right is clicked, so it comes first; facts get what is left.
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        ui.add_space(12.0);
        notices(ui, status.notices, context);
        if let Some(database) = &status.database {
            serving(ui, database.serving, context);
            jobs(ui, database.jobs, context);
            if database.is_uncounted {
                let count = ui.add(link_button("Count keys").small());
                let count = count.on_hover_text("Reads every key, which costs as much as listing them all");
                if count.clicked() {
                    context.ask(DatabaseAction::Count(EncodedKey::default()));
                }
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(12.0);
            if let Some(database) = &status.database {
                facts(ui, database, context);
                if let Some(location) = status.opening {
                    waiting(ui, &format!("Opening {location}…"));
                }
            } else if let Some(location) = status.opening {
                fact(ui, &format!("Opening {location}…"));
            } else {
                fact(ui, "No database is open");
            }
        });
    });
}

fn notices(ui: &mut Ui, (unread, told): (usize, usize), context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let (unread, told) = (unread as u64, told as u64);
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

/// Points of the window's width from which on there is room for the switch while nothing is served.
const SERVE_FROM: f32 = 480.0;

/// Whether the database is served: the switch that opens the dialog in which that begins and ends.
fn serving(ui: &mut Ui, serving: &ServingModel, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let (text, color) = match serving.state() {
        Serving::Off => {
            // In the narrowest of windows the facts come first; the menu has it, too.
            if ui.ctx().content_rect().width() >= SERVE_FROM {
                context.command(ui, Command::Serve, link_button("Serve…").small());
            }
            return;
        }
        Serving::Starting => ("Serving…".to_owned(), tokens.color.dim),
        Serving::Ending => ("Ending…".to_owned(), tokens.color.dim),
        Serving::Failed(_) => ("Not served".to_owned(), tokens.color.bad),
        Serving::On(served) => {
            let connections = served.monitor.num_connections() as u64;
            let connections = format::counted(connections, "connection", "connections");
            (format!("Serving · {connections}"), tokens.color.good)
        }
    };
    let label = egui::Label::new(RichText::new(&text).font(tokens.status()).color(color))
        .selectable(false)
        .sense(egui::Sense::click());
    let tooltip = match serving.state() {
        Serving::On(served) => format!("Programs use this database at {}", served.url),
        Serving::Failed(why) => why.clone(),
        _ => "Programs use this database while it is served".to_owned(),
    };
    let shown = ui.add(label).on_hover_text(tooltip);
    shown.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, &text));
    focus_ring(ui, &shown, tokens.size.radius_small);
    if shown.clicked() {
        context.ask(Command::Serve);
    }
}

fn fact(ui: &mut Ui, text: &str) {
    let tokens = theme::tokens(ui);
    let text = RichText::new(text).font(tokens.status()).color(tokens.color.dim);
    ui.add(egui::Label::new(text).selectable(false).truncate());
}

/// What a database on a server has cost since it was opened.
fn cost(metered: &Metered) -> String {
    let mut told = format!(
        "Since it was opened: {} received, {} sent, {}",
        format::bytes(metered.bytes_received),
        format::bytes(metered.bytes_sent),
        format::counted(metered.commits, "commit", "commits")
    );
    if metered.repeated > 0 {
        let again = format::counted(metered.repeated, "request", "requests");
        told.push_str(&format!("; {again} sent again"));
    }
    told
}

/// Something to know of the database.
struct Fact {
    text: String,
    font: FontId,
    tooltip: Option<String>,
    /// Those of higher ranks are left out first where there is no room.
    rank: u8,
}

fn facts(ui: &mut Ui, database: &DatabaseStatus<'_>, context: &PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let known = database.facts;
    let kind = known.access_name();
    let lock = if known.is_writable() { "" } else { ", read-only" };
    fact(ui, &format!("{} · {kind}{lock}", known.title));
    known.mark().and_then(|marked| mark::label(ui, marked));
    let mut facts = Vec::new();
    let mut add = |rank, text, font, tooltip| {
        facts.push(Fact {
            text,
            font,
            tooltip,
            rank,
        });
    };
    if let Some(counted) = database.counted {
        let tooltip = (counted.expired > 0).then(|| EXPIRED.to_owned());
        add(
            0,
            format::apart(&counted, "key", "keys"),
            tokens.status(),
            tooltip,
        );
    }
    if let Some(metered) = &known.metered {
        let requests = format::counted(metered.requests, "request", "requests");
        let entries = format::counted(metered.entries_read, "entry", "entries");
        let text = format!("{requests} · {entries} read");
        add(1, text, tokens.status(), Some(cost(metered)));
    }
    if let Some(bytes) = known.statistics.disk_bytes {
        add(2, format::bytes(bytes), tokens.status(), None);
    }
    if let Some(stamp) = known.statistics.versionstamp {
        let text = format!("version {}", format::short_versionstamp(stamp));
        add(3, text, tokens.mono_small(), Some(stamp.to_string()));
    }
    if let Some(at) = known.changed_at {
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

fn jobs(ui: &mut Ui, jobs: &Jobs, context: &mut PanelContext<'_>) {
    for job in jobs.iter() {
        if ui.add(link_button("Cancel").small()).clicked() {
            context.ask(DatabaseAction::CancelJob(job.id));
        }
        let done = format::counted(job.entries, "entry", "entries");
        let percent = job
            .fraction
            .map(|fraction| format!(" · {} %", (fraction * 100.0) as u32));
        fact(
            ui,
            &format!("{} · {done}{}", job.label, percent.unwrap_or_default()),
        );
    }
}
