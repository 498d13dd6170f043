//! The panels of the database in front.

use std::ops::RangeInclusive;

use egui::{CentralPanel, Frame, Panel, Rect, Ui};
use keyglass_store::key::EncodedKey;

use super::{Window, keep_height};
use crate::action::DatabaseAction;
use crate::format;
use crate::model::columns::TableColumns;
use crate::model::database_id::DatabaseId;
use crate::model::entry_panel::Shown;
use crate::model::facts::DatabaseFacts;
use crate::model::middle::Middle;
use crate::model::models::Models;
use crate::model::side_widths::SideWidths;
use crate::panels::PanelContext;
use crate::panels::comparison::{self, DrawnComparison};
use crate::panels::entries::{self, DrawnEntries};
use crate::panels::entry::{self, DrawnEntry};
use crate::panels::find::{self, DrawnFind};
use crate::panels::keys::{self, DrawnKeys};
use crate::panels::operation;
use crate::panels::queue::{self, DrawnQueue};
use crate::panels::requests::{self, DrawnRequests};
use crate::panels::transaction;
use crate::panels::undo_list;
use crate::panels::views::Views;
use crate::panels::watch::{self, DrawnWatch};
use crate::theme;
use crate::widgets::choice::{self, tabs};

/// How strongly what is left of a database that is gone is drawn.
const GONE_OPACITY: f32 = 0.5;

/// The panels of the database in front. Where its middle is.
pub(super) fn database(ui: &mut Ui, window: &mut Window<'_>, context: &mut PanelContext<'_>) -> Rect {
    let bar = Frame::NONE.fill(theme::tokens(ui).color.panel);
    let (mut front, mut others) = (None, Vec::new());
    for open in &mut window.databases {
        match Some(open.id) == window.front {
            true => front = Some(&mut *open.models),
            false => others.push((open.id, &open.models.facts)),
        }
    }
    let (Some(models), Some(views)) = (front, window.views.as_deref_mut()) else {
        return ui.available_rect_before_wrap();
    };
    let (state, layout) = (&mut *window.state, &mut *window.layout);
    let sizes = &mut state.sizes;
    if layout.show_undo_list {
        let panel = Panel::bottom("undo list").size_range(80.0..=400.0).frame(bar);
        keep_height(ui, panel, &mut sizes.undo_list, |ui| {
            undo_list::show(ui, &models.facts.title, &models.undo, context);
        });
    }
    if state.show_transaction {
        let panel = Panel::bottom("transaction").size_range(96.0..=420.0).frame(bar);
        keep_height(ui, panel, &mut sizes.transaction, |ui| {
            transaction::show(ui, &mut models.transaction, models.facts.mark(), context);
        });
    }
    let (shows_keys, shows_entry) = (state.show_keys, state.show_entry);
    let width = ui.available_width();
    let fitting = SideWidths::fitting(sizes, width, shows_keys, shows_entry);
    // Panels follow a person's hand, unless something else has changed what fits.
    let is_forced = layout.sides != Some(fitting);
    let mut sides = fitting;
    if shows_keys {
        let range = fitting.keys_range(width);
        let panel = Panel::left("keys").frame(bar);
        sides.keys = side_panel(ui, panel, fitting.keys, range, is_forced, |ui| {
            let mut drawn = DrawnKeys {
                tree: &mut models.tree,
                view: &mut views.keys,
                includes_expired: models.entries.includes_expired(),
                is_gone: models.facts.is_gone,
            };
            mark_gone(ui, drawn.is_gone);
            keys::show(ui, &mut drawn, &mut layout.focus_filter, context);
        });
    }
    if shows_entry {
        let range = fitting.entry_range(width);
        let panel = Panel::right("entry").frame(bar);
        sides.entry = side_panel(ui, panel, fitting.entry, range, is_forced, |ui| {
            mark_gone(ui, models.facts.is_gone);
            models.transaction.close_if_over_other(models.panel.key());
            if models.transaction.opened.is_some() && models.panel.new_entry.is_none() {
                let limits = models.panel.limits;
                operation::show(
                    ui,
                    &mut models.transaction,
                    &mut views.operation,
                    &limits,
                    context,
                );
                return;
            }
            let folder = models.panel.folder().filter(|_| models.panel.new_entry.is_none());
            let mut drawn = DrawnEntry {
                is_uncounted: folder.is_some_and(|folder| models.tree.is_uncounted(folder)),
                held: folder.and_then(|folder| models.tree.counted(folder, context.now)),
                panel: &mut models.panel,
                preview: &mut models.preview,
                past: models
                    .facts
                    .capabilities
                    .past_versions
                    .then_some(&mut models.past),
                view: &mut views.entry,
                commit_times: &models.facts.commit_times,
                selected_blob: models.entries.selected_blob(),
                listed: &models.entries.query,
            };
            entry::show(ui, &mut drawn, state.value_view, context);
        });
    }
    if !is_forced && sides != fitting {
        sides.keep(sizes);
    }
    layout.sides = Some(SideWidths::fitting(sizes, width, shows_keys, shows_entry));
    CentralPanel::default()
        .frame(bar)
        .show(ui, |ui| {
            middle(ui, models, &others, views, &state.columns, context);
        })
        .response
        .rect
}

/// A panel at a side. Returns its width, which is another one than `fitting` if it was dragged.
fn side_panel(
    ui: &mut Ui,
    panel: Panel,
    fitting: f32,
    range: RangeInclusive<f32>,
    is_forced: bool,
    contents: impl FnOnce(&mut Ui),
) -> f32 {
    let range = if is_forced { fitting..=fitting } else { range };
    let panel = panel.resizable(true).default_size(fitting).size_range(range);
    panel.show(ui, contents).response.rect.width().round()
}

/// What was read of a database that is gone is drawn faint.
fn mark_gone(ui: &mut Ui, is_gone: bool) {
    if is_gone {
        ui.multiply_opacity(GONE_OPACITY);
    }
}

/// What the middle of the window shows of a database, under the tabs to choose from.
fn middle(
    ui: &mut Ui,
    models: &mut Models,
    others: &[(DatabaseId, &DatabaseFacts)],
    views: &mut Views,
    columns: &TableColumns,
    context: &mut PanelContext<'_>,
) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let number = |count: u64| (count > 0).then(|| format::count(count));
    let titles = [
        (Middle::Entries, "Entries", None),
        (
            Middle::Watch,
            "Watch",
            number(models.watch.watched().len() as u64),
        ),
        (Middle::Queue, "Queue", models.queue.count().and_then(number)),
        (
            Middle::Requests,
            "Requests",
            number(models.requests.num_kept() as u64),
        ),
        (
            Middle::Comparison,
            "Comparison",
            models
                .comparison
                .compared()
                .map(|compared| compared.report.differences())
                .and_then(number),
        ),
        (Middle::Find, "Find", number(models.find.hits().len() as u64)),
    ];
    let has_queue = models.facts.capabilities.queue;
    let has_requests = models.serving.is_on()
        || models.facts.owner.is_some()
        || models.requests.num_kept() > 0
        || models.shown() == Middle::Requests;
    let offered: Vec<choice::Tab<'_, Middle>> = titles
        .into_iter()
        .filter(|(middle, ..)| match middle {
            Middle::Queue => has_queue,
            Middle::Requests => has_requests,
            Middle::Comparison => models.comparison.plan().is_some() || models.shown() == Middle::Comparison,
            _ => true,
        })
        .map(|(value, title, count)| choice::Tab { value, title, count })
        .collect();
    let mut shown = models.shown();
    if tabs(ui, "Views of the database", &mut shown, &offered).changed() {
        context.ask(DatabaseAction::Show(shown));
    }
    mark_gone(ui, models.facts.is_gone);
    let query = &models.entries.query;
    match shown {
        Middle::Entries => {
            let counted = models.tree.counted(&query.prefix, context.now);
            let absent = match &models.panel.shown {
                Shown::Absent(key) => Some(key),
                _ => None,
            };
            let mut drawn = DrawnEntries {
                num_expired: models.entries.num_expired(counted),
                is_selected_absent: absent.is_some() && absent == models.entries.selected.as_ref(),
                entries: &mut models.entries,
                view: &mut views.entries,
                filters: &models.filters,
                columns,
                hides_expiry: models.panel.hides_expiry,
                is_gone: models.facts.is_gone,
            };
            entries::show(ui, &mut drawn, context);
        }
        Middle::Watch => {
            let mut drawn = DrawnWatch {
                watch: &mut models.watch,
                requests: &models.requests,
                view: &mut views.watch,
            };
            watch::show(ui, &mut drawn, context);
        }
        Middle::Queue => {
            let mut drawn = DrawnQueue {
                queue: &mut models.queue,
                counts: &models.queue_counts,
                messages: &mut models.messages,
                view: &mut views.queue,
            };
            queue::show(ui, &mut drawn, context);
        }
        Middle::Requests => {
            let mut drawn = DrawnRequests {
                requests: &mut models.requests,
                serving: &models.serving,
                is_attached: models.facts.owner.is_some(),
                view: &mut views.requests,
            };
            requests::show(ui, &mut drawn, context);
        }
        Middle::Comparison => {
            let other = models.comparison.plan().and_then(|plan| plan.other);
            let job = models.comparison.job();
            let job = models.jobs.iter().find(|running| Some(running.id) == job);
            let mut drawn = DrawnComparison {
                read: job.map(|job| job.entries),
                there: others.iter().find(|(id, _)| Some(*id) == other).copied(),
                comparison: &mut models.comparison,
                view: &mut views.comparison,
                here: &models.facts,
            };
            comparison::show(ui, &mut drawn, context);
        }
        Middle::Find => {
            let is_below = models.find.options.below_listed;
            let below = is_below.then(|| models.tree.counted(&query.prefix, context.now));
            let mut drawn = DrawnFind {
                counted: [
                    models.tree.counted(&EncodedKey::default(), context.now),
                    below.flatten(),
                ],
                facts: &models.facts,
                find: &mut models.find,
                view: &mut views.find,
                listed: &query.prefix,
                includes_expired: models.entries.includes_expired(),
            };
            find::show(ui, &mut drawn, context);
        }
    }
}
