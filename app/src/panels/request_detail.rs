//! One request of a program: what it asked, what it was answered, and how to ask again.

use egui::{Align, Label, Layout, RichText, ScrollArea, Ui};
use keyglass_store::Versionstamp;
use keyglass_store::requests::{FailedExpectation, LoggedOutcome, LoggedRequest};
use keyglass_store::value::literal;

use super::PanelContext;
use super::request_table::{client_name, key_job};
use crate::action::{AppAction, DatabaseAction};
use crate::content::request_line::operation_name;
use crate::content::request_text::{RequestText, bounded};
use crate::format;
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, link_button};
use crate::widgets::code_editor::highlight_job;
use crate::widgets::panel_frame::bar;

pub(super) fn show(ui: &mut Ui, request: &LoggedRequest, text: &RequestText, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let top = ui.available_rect_before_wrap();
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(top.x_range(), top.top() + 0.5, line);
    bar(ui, tokens.size.filter_bar, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .add(IconButton::new(icons::CLOSE, "Close the request"))
                .clicked()
            {
                context.ask(DatabaseAction::SelectRequest(None));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(RichText::new(operation_name(&request.operation)).color(tokens.color.text));
                ui.add(Label::new(RichText::new(facts(request)).color(tokens.color.dim)).truncate());
            });
        });
    });
    ScrollArea::vertical().id_salt("request").show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        egui::Frame::NONE
            .inner_margin(egui::Margin::symmetric(tokens.size.padding as i8, 6))
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                if let LoggedOutcome::Conflict(failed) = &request.outcome {
                    for failed in failed {
                        failed_check(ui, failed, context);
                    }
                }
                section(ui, "Request", None, context);
                code(ui, &text.request);
                section(ui, "Answer", None, context);
                code(ui, &text.answer);
                if let Some(again) = &text.code {
                    section(ui, "To ask again, in Deno", Some(again), context);
                    code(ui, &bounded(again.clone()));
                }
                if !text.keys.is_empty() {
                    section(ui, "Entries", None, context);
                    ui.horizontal_wrapped(|ui| {
                        for key in &text.keys {
                            link(ui, key, context);
                        }
                    });
                }
            });
    });
}

/// Who, when, how long and how much, on a line.
fn facts(request: &LoggedRequest) -> String {
    let mut facts = vec![
        format!("{} UTC", format::utc_time(request.at)),
        client_name(request).to_owned(),
    ];
    facts.extend(request.client.address.map(|address| address.to_string()));
    facts.extend(
        request
            .client
            .protocol
            .map(|version| format!("protocol {version}")),
    );
    facts.push(format!("{} in", format::bytes(request.bytes_in)));
    facts.push(format!("{} out", format::bytes(request.bytes_out)));
    facts.join(" · ")
}

fn failed_check(ui: &mut Ui, failed: &FailedExpectation, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let stamp =
        |stamp: Option<Versionstamp>| stamp.map_or_else(|| "absent".to_owned(), |stamp| stamp.to_string());
    ui.horizontal_wrapped(|ui| {
        let number = failed.index + 1;
        ui.label(RichText::new(format!("Check {number} failed")).color(tokens.color.warning));
        link(ui, &failed.key, context);
        let found = failed.found.as_ref();
        for (word, value) in [
            ("expected", stamp(failed.expected)),
            ("found", stamp(found.map(|entry| entry.versionstamp))),
        ] {
            ui.label(RichText::new(word).color(tokens.color.dim));
            ui.label(RichText::new(value).font(tokens.mono()));
        }
        if let Some(entry) = found {
            let spans = literal::preview(&entry.value, 120).spans;
            ui.label(crate::widgets::preview_text::preview_job(tokens, &spans));
        }
    });
}

/// A key that shows its entry.
fn link(ui: &mut Ui, key: &keyglass_store::EncodedKey, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let label = Label::new(key_job(tokens, key))
        .selectable(false)
        .sense(egui::Sense::click());
    let shown = ui.add(label).on_hover_text("Show this entry");
    let name = key.to_string();
    shown.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Link, true, &name));
    crate::widgets::button::focus_ring(ui, &shown, tokens.size.radius_small);
    if shown.clicked() {
        context.ask(DatabaseAction::SelectEntry(key.clone()));
    }
}

fn section(ui: &mut Ui, title: &str, copied: Option<&str>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.add_space(2.0);
    ui.horizontal(|ui| {
        ui.label(RichText::new(title).font(tokens.small()).color(tokens.color.dim));
        if let Some(copied) = copied
            && ui
                .add(link_button("Copy code").icon(icons::COPY).small())
                .clicked()
        {
            context.ask(AppAction::Copy(copied.to_owned()));
        }
    });
}

fn code(ui: &mut Ui, text: &str) {
    let tokens = theme::tokens(ui);
    let job = highlight_job(tokens, text, &literal::highlight(text));
    ui.add(Label::new(job).wrap().selectable(true));
}
