//! What programs do with a database that is served, or that another process has open.

use egui::{Align, Layout, RichText, Ui};

use super::request_prefixes::PrefixesView;
use super::request_table::TableView;
use super::{PanelContext, request_detail, request_prefixes, request_rates, request_table};
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::format;
use crate::model::requests::{Ending, Kind, RequestsModel};
use crate::model::serving::ServingModel;
use crate::theme;
use crate::widgets::button::{link_button, primary_button};
use crate::widgets::choice::segmented;
use crate::widgets::menu::{MenuEntry, fit_menu, menu_button};
use crate::widgets::panel_frame::bar;
use crate::widgets::search_field::SearchField;

/// Points that the details take at most, as a share of the panel.
const DETAIL_SHARE: f32 = 0.5;
/// Milliseconds between two frames while the last minute goes on.
const TICK: i64 = 1000;

/// What stands below the plots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Below {
    #[default]
    Requests,
    Prefixes,
}

/// How the requests are looked at.
#[derive(Debug, Default)]
pub struct RequestsView {
    table: TableView,
    prefixes: PrefixesView,
    below: Below,
}

/// What the requests are drawn from.
pub(super) struct DrawnRequests<'a> {
    pub requests: &'a mut RequestsModel,
    pub serving: &'a ServingModel,
    /// Whether another process has the database, whose requests are heard.
    pub is_attached: bool,
    pub view: &'a mut RequestsView,
}

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnRequests<'_>, context: &mut PanelContext<'_>) {
    let is_heard = drawn.serving.is_on() || drawn.is_attached;
    if !is_heard && drawn.requests.num_kept() == 0 {
        not_served(ui, context);
        return;
    }
    let tokens = theme::tokens(ui);
    bar(ui, tokens.size.filter_bar, |ui| head(ui, drawn, context));
    if drawn.view.below == Below::Requests {
        bar(ui, tokens.size.filter_bar, |ui| filters(ui, drawn, context));
    }
    request_rates::show(ui, &mut drawn.requests.rates, context.now);
    if drawn.requests.rates.has_any() {
        super::repaint_after(ui, TICK);
    }
    match drawn.view.below {
        Below::Requests => table_and_detail(ui, drawn, context),
        Below::Prefixes => {
            let hot = &mut drawn.requests.hot;
            if request_prefixes::show(ui, hot, &mut drawn.view.prefixes, context) {
                drawn.view.below = Below::Requests;
            }
        }
    }
}

fn not_served(ui: &mut Ui, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.vertical_centered(|ui| {
        ui.add_space(40.0);
        let text = "Serve the database, and what programs of Deno and Node do with it shows here.";
        ui.label(RichText::new(text).color(tokens.color.dim));
        ui.add_space(8.0);
        context.command(ui, Command::Serve, primary_button("Serve…"));
    });
}

fn head(ui: &mut Ui, drawn: &mut DrawnRequests<'_>, context: &mut PanelContext<'_>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let export = ui.add_enabled(drawn.requests.num_shown() > 0, link_button("Export…"));
        if export
            .on_hover_text("Write the requests that are shown to an NDJSON file")
            .clicked()
        {
            context.ask(DatabaseAction::AskExportRequests);
        }
        if ui
            .add(link_button("Clear"))
            .on_hover_text("Forget all requests")
            .clicked()
        {
            context.ask(DatabaseAction::ClearRequests);
        }
        let paused = drawn.requests.is_paused();
        let pause = ui.add(link_button(if paused { "Go on" } else { "Pause" }));
        let pause = pause
            .on_hover_text("Requests are recorded from when this panel is first looked at, until it pauses");
        if pause.clicked() {
            context.ask(DatabaseAction::PauseRequests(!paused));
        }
        let remark = match drawn.requests.missed() {
            0 => String::new(),
            missed => format!("{} missed", format::count(missed)),
        };
        if !remark.is_empty() {
            let color = theme::tokens(ui).color.warning;
            ui.label(RichText::new(remark).color(color))
                .on_hover_text("They came faster than they could be shown");
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let choices = [(Below::Requests, "Requests"), (Below::Prefixes, "Hot prefixes")];
            segmented(ui, "What is shown", &mut drawn.view.below, &choices);
        });
    });
}

fn filters(ui: &mut Ui, drawn: &DrawnRequests<'_>, context: &mut PanelContext<'_>) {
    let mut filter = drawn.requests.filter().clone();
    let kinds = [(None, "All operations".to_owned())].into_iter();
    let kinds = kinds.chain(Kind::ALL.map(|kind| (Some(kind), kind.word().to_owned())));
    choose(ui, &mut filter.kind, kinds.collect());
    let endings = [(None, "All outcomes".to_owned())].into_iter();
    let endings = endings.chain(Ending::ALL.map(|ending| (Some(ending), ending.word().to_owned())));
    choose(ui, &mut filter.ending, endings.collect());
    let width = ((ui.available_width() - 2.0 * ui.spacing().item_spacing.x) / 3.0).max(40.0);
    let field = |ui: &mut Ui, text: &mut String, hint: &str, tooltip: &str| {
        SearchField::new(text, hint)
            .width(width)
            .show(ui)
            .on_hover_text(tooltip);
    };
    field(
        ui,
        &mut filter.prefix,
        "Key prefix",
        "Requests about keys at and below this one, such as [\"users\"]",
    );
    field(
        ui,
        &mut filter.client,
        "Client",
        "Part of the client's name or address",
    );
    field(
        ui,
        &mut filter.at_least,
        "At least … ms",
        "Requests that took at least so many milliseconds",
    );
    if filter != *drawn.requests.filter() {
        context.ask(DatabaseAction::FilterRequests(filter));
    }
}

/// A menu of what may be shown.
fn choose<T: Copy + PartialEq>(ui: &mut Ui, chosen: &mut Option<T>, choices: Vec<(Option<T>, String)>) {
    let name = choices.iter().find(|(choice, _)| choice == chosen);
    let name = name.map(|(_, name)| name.clone()).unwrap_or_default();
    menu_button(ui, &name, |ui| {
        fit_menu(ui, 130.0, 220.0);
        for (choice, text) in &choices {
            if ui.add(MenuEntry::new(text).checked(choice == chosen)).clicked() {
                *chosen = *choice;
                ui.close();
            }
        }
    });
}

fn table_and_detail(ui: &mut Ui, drawn: &mut DrawnRequests<'_>, context: &mut PanelContext<'_>) {
    let whole = ui.available_rect_before_wrap();
    let detail_height = match drawn.requests.detail() {
        Some(_) => (whole.height() * DETAIL_SHARE).floor(),
        None => 0.0,
    };
    let table_rect = whole.with_max_y(whole.bottom() - detail_height);
    ui.scope_builder(egui::UiBuilder::new().max_rect(table_rect), |ui| {
        request_table::show(ui, drawn.requests, &mut drawn.view.table, context);
    });
    if let Some((request, text)) = drawn.requests.detail() {
        let rect = whole.with_min_y(table_rect.bottom());
        ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| {
            request_detail::show(ui, request, text, context);
        });
    }
}
