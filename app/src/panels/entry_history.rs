//! The earlier versions of the entry that is shown, in place of its value.

use egui::accesskit::Role;
use egui::{Label, RichText, ScrollArea, Sense, Ui, WidgetInfo, vec2};
use keyglass_store::EncodedKey;

use super::watch_detail::wrapped;
use super::watch_rows::{append_differences, kind_color};
use super::{PanelContext, repaint_after};
use crate::action::{AppAction, HistoryAction};
use crate::content::past_moments::PastMoment;
use crate::format;
use crate::model::commit_times::CommitTimes;
use crate::model::past_versions::PastVersions;
use crate::theme;
use crate::widgets::button::{focus_ring, link_button, plain_button, quiet_button};
use crate::widgets::line_text;

pub(super) fn show(
    ui: &mut Ui,
    past: &mut PastVersions,
    key: &EncodedKey,
    times: &CommitTimes,
    context: &mut PanelContext<'_>,
) {
    past.show(key);
    let tokens = theme::tokens(ui);
    let dim = |ui: &mut Ui, text: &str| {
        ui.add(Label::new(RichText::new(text).color(tokens.color.dim)).wrap());
    };
    let read = match past.read() {
        None => return dim(ui, "Reading the history…"),
        Some(Err(reason)) => {
            ui.add(Label::new(RichText::new(reason).color(tokens.color.bad)).wrap());
            return;
        }
        Some(Ok(read)) => read,
    };
    match &read.rule {
        Some(rule) => dim(
            ui,
            &format!("Below {} are kept: {}", rule.prefix, format::kept(rule)),
        ),
        None => dim(
            ui,
            "No earlier versions are kept of this entry. Keep history, in the menu of its key or of one above it in the tree, turns it on.",
        ),
    }
    if read.moments.iter().all(|moment| moment.past.is_none()) {
        if read.rule.is_some() {
            dim(ui, "It has no earlier version yet.");
        }
        return;
    }
    ui.add_space(4.0);
    ScrollArea::vertical()
        .id_salt("history of the entry")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for moment in &read.moments {
                row(ui, moment, past, times, context);
                if past.opened() == Some(moment.name) {
                    opened(ui, moment, past, context);
                }
            }
            if read.has_more && ui.add(link_button("Show earlier versions")).clicked() {
                context.ask(HistoryAction::More);
            }
        });
}

/// When something happened, and what, in two lines.
fn row(
    ui: &mut Ui,
    moment: &PastMoment,
    past: &PastVersions,
    times: &CommitTimes,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let stamp = moment.name.versionstamp;
    let at = moment.at.or_else(|| times.of(stamp));
    let is_opened = past.opened() == Some(moment.name);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 42.0), Sense::click());
    let mut change = egui::text::LayoutJob::default();
    append_differences(tokens, &mut change, &moment.differences);
    response.widget_info(|| {
        let name = format!("{} {stamp}", moment.kind.word());
        WidgetInfo::selected(Role::Row, true, is_opened, name)
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(change.text.as_str());
    });
    if is_opened {
        ui.painter().rect_filled(rect, 4.0, tokens.color.field);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 4.0, tokens.hover());
    }
    focus_ring(ui, &response, 4.0);
    let inner = rect.shrink2(vec2(6.0, 3.0));
    let (top, bottom) = inner.split_top_bottom_at_fraction(0.5);
    let mut head = line_text::job(moment.kind.word(), tokens.body(), kind_color(tokens, moment.kind));
    let mut facts = Vec::new();
    if moment.past.is_none() && moment.after.is_some() {
        facts.push("stands now".to_owned());
    }
    if let Some(at) = at {
        facts.push(format::ago(at, context.now));
        repaint_after(ui, format::ago_changes_in(at, context.now));
    }
    if let Some(entry) = moment.after.as_ref() {
        facts.push(format::bytes(entry.value.bytes.len() as u64));
    }
    facts.push(format::short_versionstamp(stamp));
    line_text::append(
        &mut head,
        &format!("  {}", facts.join(" · ")),
        &tokens.body(),
        tokens.color.dim,
    );
    for (place, job) in [(top, head), (bottom, change)] {
        let galley = line_text::layout(ui.painter(), job, place.width());
        line_text::paint(ui.painter(), place, galley);
    }
    let exact = at
        .map(|at| format!("{} UTC\n", format::utc(at)))
        .unwrap_or_default();
    let response = response.on_hover_text(format!("{exact}Versionstamp {stamp}"));
    if response.clicked() {
        context.ask(HistoryAction::Open((!is_opened).then_some(moment.name)));
    }
}

/// All that differs, and what can be done with the version.
fn opened(ui: &mut Ui, moment: &PastMoment, past: &PastVersions, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let name = moment.name;
    ui.indent("opened moment", |ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 4.0);
        ui.horizontal_wrapped(|ui| {
            if moment.past.is_some() {
                let writable = context.environment.writable;
                let restore = ui.add_enabled(writable, plain_button("Restore"));
                let restore = restore
                    .on_hover_text(
                        "Store this version again, if the entry is still what stands in the first line",
                    )
                    .on_disabled_hover_text("The database is read-only");
                if restore.clicked() {
                    context.ask(HistoryAction::Restore(name));
                }
                let add = ui.add_enabled(writable, quiet_button("Into the transaction"));
                let add = add
                    .on_hover_text("Add a check of what stands there now, and a set of this version")
                    .on_disabled_hover_text("The database is read-only");
                if add.clicked() {
                    context.ask(HistoryAction::AddToTransaction(name));
                }
                let (text, with_now) = match past.is_with_now() {
                    true => ("Compare with the one before", false),
                    false => ("Compare with now", true),
                };
                if ui.add(link_button(text)).clicked() {
                    context.ask(HistoryAction::CompareWithNow(with_now));
                }
            }
            if ui.add(link_button("Copy versionstamp")).clicked() {
                context.ask(AppAction::Copy(name.versionstamp.to_string()));
            }
        });
        if let Some(version) = &moment.past {
            let text = match version.entry.expires_at {
                None => "It had no expiry; restored, it stays.".to_owned(),
                Some(_) if version.has_expired(context.now) => {
                    "Its expiry has passed; restored, it stays.".to_owned()
                }
                Some(at) => format!("Restored, it expires at {} UTC.", format::utc(at)),
            };
            ui.add(Label::new(RichText::new(text).color(tokens.color.dim)).wrap());
        }
        let Some(differences) = past.difference() else {
            return;
        };
        if differences.fields.is_empty() {
            ui.label(RichText::new("Nothing differs").color(tokens.color.dim));
        }
        for field in &differences.fields {
            wrapped(ui, field);
        }
        if differences.left_out > 0 {
            let more = format::counted(
                differences.left_out as u64,
                "more field differs",
                "more fields differ",
            );
            ui.label(RichText::new(more).color(tokens.color.dim));
        }
    });
}
