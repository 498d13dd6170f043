//! Where the panels are.

use std::ops::RangeInclusive;

use egui::{CentralPanel, FocusDirection, Frame, Id, Memory, Panel, Rect, Stroke, Ui};
use keyglass_store::database::Counted;
use keyglass_store::key::EncodedKey;

use super::dialog::DialogView;
use super::entries::DrawnEntries;
use super::entry::DrawnEntry;
use super::find::DrawnFind;
use super::keys::DrawnKeys;
use super::mark::Place;
use super::menu_bar::MenuBar;
use super::notices::NoticeHeights;
use super::queue::DrawnQueue;
use super::requests::DrawnRequests;
use super::status::{DatabaseStatus, Status};
use super::views::Views;
use super::watch::DrawnWatch;
use super::{
    PanelContext, dialog, entries, entry, find, keys, menu_bar, notices, operation, queue, requests, status,
    transaction, undo_list, watch, welcome,
};
use crate::action::{Action, DatabaseAction};
use crate::command::Environment;
use crate::dialog::Dialog;
use crate::format;
use crate::model::columns::TableColumns;
use crate::model::database_id::DatabaseId;
use crate::model::entry_panel::Shown;
use crate::model::facts::DatabaseFacts;
use crate::model::middle::Middle;
use crate::model::models::Models;
use crate::model::notices::Notices;
use crate::model::side_widths::SideWidths;
use crate::model::sizes;
use crate::model::welcome::Welcome;
use crate::state::SavedState;
use crate::theme;
use crate::widgets::choice::{self, tabs};
use crate::widgets::context_menu;
use crate::widgets::toasts::Toast;

/// Panels whose edges are dragged.
const RESIZED: [&str; 5] = ["keys", "entry", "transaction", "history", "notices"];

/// How strongly what is left of a database that is gone is drawn.
const GONE_OPACITY: f32 = 0.5;

/// What is open and how, but not kept between runs.
#[derive(Debug, Default)]
pub struct Layout {
    /// The log of notices is shown.
    pub show_notices: bool,
    /// The list of what can be undone and redone is shown; never together with the notices.
    pub show_undo_list: bool,
    /// The tree's filter shall get the keyboard's focus.
    pub focus_filter: bool,
    /// The widths that the panels at the sides had.
    sides: Option<SideWidths>,
    /// What has the keyboard's focus, or had it before a dialog came up.
    focus: Option<Id>,
    /// What had the focus has gone.
    is_missing: bool,
    dialog: DialogState,
    dialog_view: DialogView,
    /// How high the notices are in their log.
    notice_heights: NoticeHeights,
}

/// Whether a dialog is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum DialogState {
    #[default]
    None,
    Shown,
    /// It has gone a frame ago, for which egui still keeps the focus from what was below.
    JustGone,
}

impl Layout {
    /// Gives the keyboard's focus back when a dialog has gone, unless something else has taken it. Whether it was lost, because
    /// what had it is gone.
    fn keep_focus(&mut self, ui: &Ui, has_dialog: bool) -> bool {
        if let Some(back_to) = context_menu::take_back(ui.ctx()) {
            ui.memory_mut(|memory| memory.request_focus(back_to));
            // Also where choosing an entry has opened a dialog.
            self.focus = Some(back_to);
        }
        let focused = ui.memory(Memory::focused);
        let is_gone = |id: Id| focused.is_none() && ui.ctx().read_response(id).is_none();
        // A frame later, so that what is drawn then for the first time can take it.
        let is_lost = std::mem::take(&mut self.is_missing) && focused.is_none() && !has_dialog;
        self.is_missing = !has_dialog && self.dialog == DialogState::None && self.focus.is_some_and(is_gone);
        if self.is_missing {
            ui.ctx().request_repaint();
        }
        self.dialog = match self.dialog {
            _ if has_dialog => DialogState::Shown,
            DialogState::Shown => {
                ui.ctx().request_repaint();
                DialogState::JustGone
            }
            DialogState::JustGone => {
                if let (Some(focus), None) = (self.focus, focused) {
                    ui.memory_mut(|memory| memory.request_focus(focus));
                }
                DialogState::None
            }
            DialogState::None => {
                self.focus = focused;
                DialogState::None
            }
        };
        is_lost
    }
}

/// All that the window is drawn from.
pub struct Window<'a> {
    /// Milliseconds since the Unix epoch.
    pub now: i64,
    /// The open databases, in the order of their tabs.
    pub databases: Vec<DrawnDatabase<'a>>,
    /// Which one is in front.
    pub front: Option<DatabaseId>,
    /// How its panels are looked at.
    pub views: Option<&'a mut Views>,
    /// What can be done with it.
    pub environment: Environment,
    /// Locations of databases that are being opened.
    pub opening: &'a [String],
    /// What is kept between runs.
    pub state: &'a mut SavedState,
    /// What is open.
    pub layout: &'a mut Layout,
    /// What was told.
    pub notices: &'a mut Notices,
    /// Of that, what lies over the panels.
    pub toasts: &'a mut Vec<Toast>,
    /// What the disk holds.
    pub welcome: &'a Welcome,
    /// For somebody who has not opened a database yet.
    pub is_new: bool,
    /// The dialog that is open, and what can be done with the database that it was opened for.
    pub dialog: Option<(&'a mut Dialog, Environment)>,
}

/// An open database.
pub struct DrawnDatabase<'a> {
    /// Names it.
    pub id: DatabaseId,
    /// What its panels show.
    pub models: &'a mut Models,
    /// How many entries a question concerns that is being asked.
    pub asked: Option<Counted>,
}

impl Window<'_> {
    fn models(&mut self) -> Option<&mut Models> {
        let front = self.databases.iter_mut().find(|open| Some(open.id) == self.front);
        front.map(|open| &mut *open.models)
    }
}

/// Draws the whole window.
pub fn show(ui: &mut Ui, mut window: Window<'_>) -> Vec<Action> {
    skip_handles(ui);
    if window.layout.keep_focus(ui, window.dialog.is_some())
        && let Some(models) = window.models()
    {
        // What had the keyboard is gone, as a new entry is once it was created.
        match models.shown() {
            Middle::Entries => models.entries.wants_focus = true,
            _ => models.tree.wants_focus = true,
        }
    }
    let open = window.dialog.as_ref().map(|(dialog, _)| &**dialog);
    window.layout.dialog_view.follow(open);
    let mut actions = Vec::new();
    let environment = std::mem::take(&mut window.environment);
    let mut context = PanelContext {
        now: window.now,
        environment: &environment,
        database: window.front,
        actions: &mut actions,
    };
    let bar = Frame::NONE.fill(theme::tokens(ui).color.panel);
    bars(ui, &mut window, &mut context);
    if window.layout.show_notices {
        // What comes while the log is shown is seen at once.
        window.notices.read();
        window.toasts.retain(|toast| !toast.tells_trouble());
        let panel = Panel::bottom("notices").size_range(80.0..=400.0).frame(bar);
        keep_height(ui, panel, &mut window.state.sizes.notices, |ui| {
            let heights = &mut window.layout.notice_heights;
            notices::show_log(ui, window.notices, heights, &mut context);
        });
    }
    // Toasts stand over the rows in the middle, where they cover no button.
    let middle_rect = match window.models().is_some() {
        true => database(ui, &mut window, &mut context),
        false => welcome_page(ui, &window, &mut context),
    };
    notices::show_toasts(ui, window.toasts, window.notices, middle_rect, &mut context);
    if let Some((dialog, environment)) = window.dialog {
        // It belongs to the database that it was opened for, whichever is in front now.
        let database = dialog.database();
        let are_many = window.databases.len() > 1;
        let open = window.databases.iter().find(|open| Some(open.id) == database);
        let subject = open.map(|open| dialog::DialogSubject {
            title: &open.models.facts.title,
            filters: &open.models.filters,
            listed: &open.models.entries.query,
            import_check: &open.models.import_check,
            restore_check: &open.models.restore_check,
            is_consistent: open.models.facts.capabilities.consistent_snapshots,
            serving: &open.models.serving,
            asked: open.asked,
        });
        let place = open.map(|open| Place {
            title: &open.models.facts.title,
            mark: open.models.facts.mark(),
        });
        let place = place.filter(|place| are_many || place.mark.is_some());
        let mut context = PanelContext {
            now: window.now,
            environment: &environment,
            database,
            actions: context.actions,
        };
        dialog::show(
            ui,
            dialog,
            &mut window.layout.dialog_view,
            subject,
            place,
            &mut context,
        );
    }
    welcome::show_drop_hint(ui);
    if is_at_handle(ui) {
        ui.ctx().request_repaint();
    }
    actions
}

/// Moves the keyboard past what can only be dragged: the edges of panels, where it could do nothing.
fn skip_handles(ui: &Ui) {
    if is_at_handle(ui) {
        let is_back = ui.input(|input| input.modifiers.shift);
        let direction = if is_back {
            FocusDirection::Previous
        } else {
            FocusDirection::Next
        };
        ui.memory_mut(|memory| memory.move_focus(direction));
    }
}

/// Whether the keyboard is at the edge of a panel, by the names that egui gives these.
fn is_at_handle(ui: &Ui) -> bool {
    let focused = ui.memory(Memory::focused);
    let handle = |name: &str| ui.scope_id().with_salt(egui::IdSalt::new(name)).with("__resize");
    focused.is_some_and(|focused| RESIZED.iter().any(|name| handle(name) == focused))
}

/// The menus above and the status line below.
fn bars(ui: &mut Ui, window: &mut Window<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let databases = window.databases.iter();
    let tabs: Vec<(DatabaseId, &DatabaseFacts)> =
        databases.map(|open| (open.id, &open.models.facts)).collect();
    Panel::top("menu")
        .exact_size(tokens.size.menu_bar)
        .frame(Frame::NONE.fill(tokens.color.panel))
        .show_separator_line(true)
        .show(ui, |ui| {
            let menus = MenuBar {
                tabs: &tabs,
                state: window.state,
                layout: window.layout,
            };
            menu_bar::show(ui, &menus, context);
        });
    let (opening, now) = (window.opening.first().map(String::as_str), window.now);
    let notices = (window.notices.unread(), window.notices.log().len());
    let database = window.models().map(|models| DatabaseStatus {
        counted: models.tree.counted(&EncodedKey::default(), now),
        is_uncounted: models.tree.is_uncounted(&EncodedKey::default()),
        facts: &models.facts,
        jobs: &models.jobs,
        serving: &models.serving,
    });
    let status = Status {
        database,
        opening,
        notices,
    };
    Panel::bottom("status")
        .exact_size(tokens.size.status_bar)
        .frame(Frame::NONE.fill(tokens.color.field))
        .show(ui, |ui| status::show(ui, &status, context));
}

/// The panels of the database in front. Where its middle is.
fn database(ui: &mut Ui, window: &mut Window<'_>, context: &mut PanelContext<'_>) -> Rect {
    let bar = Frame::NONE.fill(theme::tokens(ui).color.panel);
    let front = window
        .databases
        .iter_mut()
        .find(|open| Some(open.id) == window.front);
    let front = front.map(|open| &mut *open.models);
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
        .show(ui, |ui| middle(ui, models, views, &state.columns, context))
        .response
        .rect
}

/// The page that is shown while no database is open. Where it is.
fn welcome_page(ui: &mut Ui, window: &Window<'_>, context: &mut PanelContext<'_>) -> Rect {
    let color = theme::tokens(ui).color.window;
    let frame = Frame::NONE.fill(color).stroke(Stroke::NONE);
    let page = welcome::Page {
        is_new: window.is_new,
        opening: !window.opening.is_empty(),
    };
    CentralPanel::default()
        .frame(frame)
        .show(ui, |ui| {
            welcome::show(ui, window.state, window.welcome, page, context);
        })
        .response
        .rect
}

/// A panel below, whose height is kept.
fn keep_height(ui: &mut Ui, panel: Panel, height: &mut f32, contents: impl FnOnce(&mut Ui)) {
    let shown = panel.resizable(true).default_size(*height).show(ui, contents);
    sizes::keep(height, shown.response.rect.height());
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

fn middle(
    ui: &mut Ui,
    models: &mut Models,
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
