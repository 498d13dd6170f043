//! Where the panels are.

mod database;
mod focus;

use egui::{CentralPanel, Frame, Id, Panel, Rect, Stroke, Ui};
use keyglass_store::database::Counted;
use keyglass_store::key::EncodedKey;

use super::PanelContext;
use super::dialog::{self, DialogView};
use super::mark::Place;
use super::menu_bar::{self, MenuBar};
use super::notices::{self, NoticeHeights};
use super::status::{self, DatabaseStatus, Status};
use super::views::Views;
use super::welcome;
use crate::action::Action;
use crate::command::Environment;
use crate::dialog::Dialog;
use crate::model::database_id::DatabaseId;
use crate::model::facts::DatabaseFacts;
use crate::model::middle::Middle;
use crate::model::models::Models;
use crate::model::notices::Notices;
use crate::model::side_widths::SideWidths;
use crate::model::sizes;
use crate::model::welcome::Welcome;
use crate::state::SavedState;
use crate::theme;
use crate::widgets::toasts::Toast;
use focus::{DialogState, is_at_handle, skip_handles};

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
        true => database::database(ui, &mut window, &mut context),
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
            history_rules: &open.models.history_rules,
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
