//! The watch list and its timeline.

use egui::scroll_area::ScrollBarVisibility;
use egui::{Align, Layout, RichText, ScrollArea, Ui, UiBuilder};

use super::PanelContext;
use super::watch_detail::{self, DetailView};
use super::watch_rates::{self, RatesView};
use super::watch_rows::{self, RowsView};
use crate::action::{DatabaseAction, TransactionAction};
use crate::content::change_kind::ChangeKind;
use crate::format;
use crate::model::requests::RequestsModel;
use crate::model::target::Target;
use crate::model::watch::{Replay, WatchModel, WatchNotification};
use crate::theme::{self, icons};
use crate::widgets::button::link_button;
use crate::widgets::chip::FilterChip;
use crate::widgets::menu::{MenuEntry, fit_menu, menu_button};
use crate::widgets::panel_frame::bar;
use crate::widgets::search_field::SearchField;
use crate::widgets::{context_menu, key_text, line_text};

/// Of what is watched, in points.
const WIDEST_CHIP: f32 = 260.0;
/// Points that the details take at most, as a share of what is below the bars.
const DETAIL_SHARE: f32 = 0.5;
/// Points that a bookmark takes.
const BOOKMARK_HEIGHT: f32 = 84.0;

/// How the timeline is looked at.
#[derive(Debug, Default)]
pub struct WatchView {
    rows: RowsView,
    rates: RatesView,
    detail: DetailView,
}

/// What the watch list is drawn from.
pub(super) struct DrawnWatch<'a> {
    pub watch: &'a mut WatchModel,
    pub requests: &'a RequestsModel,
    pub view: &'a mut WatchView,
}

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnWatch<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let is_sifting = drawn.watch.sift();
    if is_sifting {
        ui.ctx().request_repaint();
    }
    bar(ui, tokens.size.filter_bar, |ui| {
        head(ui, drawn, is_sifting, context);
    });
    if let Some(recording) = drawn.watch.recording() {
        let changes = drawn.watch.rows().iter().map(|row| row.changes()).sum();
        let text = format!(
            "{} of {}",
            format::counted(changes, "change", "changes"),
            recording.name
        );
        bar(ui, tokens.size.filter_bar, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui
                    .add(link_button("Back to live"))
                    .on_hover_text("Show what happens now")
                    .clicked()
                {
                    context.ask(DatabaseAction::CloseRecording);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.label(
                        RichText::new(icons::FILE)
                            .font(tokens.icon())
                            .color(tokens.color.dim),
                    );
                    ui.add(egui::Label::new(text).truncate());
                });
            });
        });
    }
    if let Some(trouble) = &drawn.watch.no_system_notifications {
        bar(ui, tokens.size.filter_bar, |ui| {
            let text = RichText::new(trouble).color(tokens.color.warning);
            ui.add(egui::Label::new(text).truncate()).on_hover_text(trouble);
        });
    }
    if drawn.watch.rows().is_empty() {
        let text = match (drawn.watch.recording(), drawn.watch.watched().is_empty()) {
            (Some(_), _) => "The recording has no changes",
            (None, true) => {
                "Nothing is watched. Choose Watch on a key or a prefix to see every change below it here."
            }
            (None, false) => "No change yet. Changes made by other processes show here, too.",
        };
        empty(ui, text);
        return;
    }
    bar(ui, tokens.size.filter_bar, |ui| filters(ui, drawn, context));
    if let Some(row) = watch_rates::show(ui, drawn.watch, &mut drawn.view.rates) {
        drawn.view.rows.go_to(drawn.watch.place_of(row));
    }
    if drawn.watch.num_shown() == 0 {
        let text = match drawn.watch.filter_error() {
            Some(error) => error,
            None if is_sifting => "Looking through the changes …",
            None => "No change meets the filter",
        };
        empty(ui, text);
        return;
    }
    let whole = ui.available_rect_before_wrap();
    let detail_height = match (drawn.watch.opened(), drawn.watch.opened_bookmark()) {
        (Some(_), _) => (whole.height() * DETAIL_SHARE).floor(),
        (None, Some(_)) => BOOKMARK_HEIGHT,
        (None, None) => 0.0,
    };
    let rows_rect = whole.with_max_y(whole.bottom() - detail_height);
    ui.scope_builder(UiBuilder::new().max_rect(rows_rect), |ui| {
        watch_rows::show(ui, drawn.watch, &mut drawn.view.rows, context);
    });
    if detail_height > 0.0 {
        let rect = whole.with_min_y(rows_rect.bottom());
        ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            watch_detail::show(ui, drawn.watch, drawn.requests, &mut drawn.view.detail, context);
        });
    }
}

fn empty(ui: &mut Ui, text: &str) {
    let dim = theme::tokens(ui).color.dim;
    ui.vertical_centered(|ui| {
        ui.add_space(40.0);
        ui.label(RichText::new(text).color(dim));
    });
}

/// What is watched, and what can be done with the timeline.
fn head(ui: &mut Ui, drawn: &DrawnWatch<'_>, is_sifting: bool, context: &mut PanelContext<'_>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let watch = &*drawn.watch;
        menu_button(ui, "More", |ui| {
            fit_menu(ui, 160.0, 300.0);
            let export = MenuEntry::new("Export changes…").icon(icons::EXPORT);
            let has_rows = watch.num_shown() > 0 && !is_sifting;
            if ui.add_enabled(has_rows, export).clicked() {
                context.ask(DatabaseAction::AskExportTimeline);
                ui.close();
            }
            if watch.filter().since.is_some() {
                let back = MenuEntry::new("Back to the bookmark, in the transaction").icon(icons::STACK);
                let tooltip = "Put what stood under each key at the bookmark into the transaction";
                if ui.add_enabled(has_rows, back).on_hover_text(tooltip).clicked() {
                    context.ask(TransactionAction::AddReplay(Replay::SinceMark));
                    ui.close();
                }
            }
            if ui
                .add(MenuEntry::new("Open a recording…").icon(icons::FOLDER_OPEN))
                .clicked()
            {
                context.ask(DatabaseAction::AskLoadTimeline);
                ui.close();
            }
        });
        if watch.recording().is_none() {
            if watch.rows().is_empty() && watch.watched().is_empty() {
                if ui.add(link_button("Watch all keys").icon(icons::EYE)).clicked() {
                    context.ask(DatabaseAction::Watch(keyglass_store::EncodedKey::default()));
                }
                return;
            }
            if ui
                .add(link_button("Clear"))
                .on_hover_text("Empty the timeline")
                .clicked()
            {
                context.ask(DatabaseAction::ClearWatch);
            }
            let paused = watch.is_paused();
            let text = match (paused, watch.waiting()) {
                (false, _) => "Pause".to_owned(),
                (true, (0, _)) => "Go on".to_owned(),
                (true, (waiting, 0)) => format!("Go on · {} waiting", format::count(waiting)),
                (true, (waiting, missed)) => format!(
                    "Go on · {} waiting, {} missed",
                    format::count(waiting - missed),
                    format::count(missed)
                ),
            };
            let tooltip = "While it is paused, 10,000 changes and 32 MB of them wait; more are counted";
            if ui.add(link_button(&text)).on_hover_text(tooltip).clicked() {
                context.ask(DatabaseAction::PauseWatch(!paused));
            }
            if ui
                .add(link_button("Bookmark").icon(icons::BOOKMARK))
                .on_hover_text("Remember this moment, to see what changes after it")
                .clicked()
            {
                context.ask(DatabaseAction::BookmarkTimeline);
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            // Chips for which there is no room are scrolled to.
            ui.style_mut().always_scroll_the_only_direction = true;
            ScrollArea::horizontal()
                .scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden)
                .show(ui, |ui| chips(ui, watch, context));
        });
    });
}

/// What is watched.
fn chips(ui: &mut Ui, watch: &WatchModel, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.x = 6.0;
    for watched in watch.watched() {
        let name = watched.name();
        let job = match &watched.target {
            Target::Below(prefix) => match prefix.decode() {
                Ok(key) if key.0.is_empty() => line_text::job(&name, tokens.body(), tokens.color.text),
                Ok(key) => key_text::key_job(tokens, &key),
                Err(_) => line_text::job(&name, tokens.mono(), tokens.color.bad),
            },
            Target::Selected(_) => line_text::job(&name, tokens.body(), tokens.color.text),
        };
        let notification = watch.notifications.of(&watched.target);
        let mut chip = FilterChip::new("").value(job).max_width(WIDEST_CHIP);
        if let Some(notification) = notification {
            chip = chip.mark(match notification.trouble() {
                Some(_) => icons::WARNING,
                None => icons::BELL,
            });
        }
        let chip = chip.show(ui);
        if let Some(notification) = notification {
            ui.ctx().accesskit_node_builder(chip.response.id, |node| {
                node.set_description(notification.choice.told());
            });
        }
        let ask = || DatabaseAction::AskNotification(watched.target.clone(), watched.entries);
        if chip.response.clicked() {
            context.ask(ask());
        }
        context_menu::show(&chip.response, |ui| {
            fit_menu(ui, 160.0, 260.0);
            if ui
                .add(MenuEntry::new("Notify of changes…").icon(icons::BELL))
                .clicked()
            {
                context.ask(ask());
                ui.close();
            }
            if ui
                .add(MenuEntry::new("Stop watching").icon(icons::EYE_OFF))
                .clicked()
            {
                context.ask(DatabaseAction::Unwatch(watched.target.clone()));
                ui.close();
            }
        });
        chip.response.on_hover_ui(|ui| {
            for line in watched.target.lines() {
                ui.label(line);
            }
            match notification {
                Some(notification) => notification_lines(ui, notification),
                None => {
                    ui.label(RichText::new("Click to be notified of changes").color(tokens.color.dim));
                }
            }
        });
        if chip.closed {
            context.ask(DatabaseAction::Unwatch(watched.target.clone()));
        }
    }
}

/// What a watch does when something changes, and what became of that.
fn notification_lines(ui: &mut Ui, notification: &WatchNotification) {
    let tokens = theme::tokens(ui);
    ui.label(RichText::new(notification.choice.told()).color(tokens.color.dim));
    if let Some(trouble) = notification.trouble() {
        ui.label(RichText::new(trouble.to_string()).color(tokens.color.warning));
    }
    if notification.is_running() {
        ui.label(RichText::new("Its command runs").color(tokens.color.dim));
    } else if let Some(ran) = notification.last_run() {
        ui.label(RichText::new(format!("Last run: {ran}")).color(tokens.color.dim));
    }
}

/// Which rows are shown.
fn filters(ui: &mut Ui, drawn: &DrawnWatch<'_>, context: &mut PanelContext<'_>) {
    let mut filter = drawn.watch.filter().clone();
    let tokens = theme::tokens(ui);
    if let Some(since) = filter.since {
        let bookmark = drawn.watch.bookmarks().find(|(number, ..)| *number == since);
        let name = bookmark.map_or("a bookmark that is no longer kept", |(_, name, _)| name);
        let job = line_text::job(name, tokens.body(), tokens.color.text);
        if FilterChip::new("since")
            .value(job)
            .max_width(180.0)
            .show(ui)
            .closed
        {
            filter.since = None;
        }
    }
    let kinds = [(None, "All kinds")].into_iter();
    let kinds = kinds.chain(ChangeKind::ALL.map(|kind| (Some(kind), kind.word())));
    let name = filter.kind.map_or("All kinds", ChangeKind::word);
    menu_button(ui, name, |ui| {
        fit_menu(ui, 130.0, 220.0);
        for (kind, text) in kinds {
            if ui
                .add(MenuEntry::new(text).checked(kind == filter.kind))
                .clicked()
            {
                filter.kind = kind;
                ui.close();
            }
        }
    });
    let width = ((ui.available_width() - 2.0 * ui.spacing().item_spacing.x) / 3.0).max(40.0);
    let field = |ui: &mut Ui, text: &mut String, hint: &str, tooltip: &str| {
        SearchField::new(text, hint)
            .width(width)
            .show(ui)
            .on_hover_text(tooltip);
    };
    field(
        ui,
        &mut filter.key,
        "Key",
        "Keys at and below this one, such as [\"users\"], or whose text has this",
    );
    field(
        ui,
        &mut filter.text,
        "Text",
        "Changes with this text in the key or a value",
    );
    field(
        ui,
        &mut filter.condition,
        "Condition",
        "Such as value.stock < 5, value.status changed, before.stock > value.stock, size > 100",
    );
    if filter != *drawn.watch.filter() {
        context.ask(DatabaseAction::FilterTimeline(filter));
    }
}
