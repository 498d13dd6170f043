//! Where the panels are.

use std::ops::RangeInclusive;

use egui::{CentralPanel, Frame, Id, Memory, Panel, Stroke, Ui};

use super::dialog::Dialog;
use super::notices::NoticeHeights;
use super::{
    PanelContext, dialog, entries, entry, find, history, keys, menu_bar, notices, queue, status, transaction,
    watch, welcome,
};
use crate::action::Action;
use crate::app::App;
use crate::format;
use crate::model::columns::TableColumns;
use crate::model::side_widths::SideWidths;
use crate::model::sizes;
use crate::session::{Session, Tab};
use crate::theme;
use crate::widgets::choice::{self, tabs};
use crate::widgets::context_menu;

/// How strongly what is left of a database that is gone is drawn.
const GONE_OPACITY: f32 = 0.5;

/// What is open and how, but not kept between runs.
#[derive(Debug, Default)]
pub struct Layout {
    /// The log of notices is shown.
    pub show_notices: bool,
    /// The list of what can be undone and redone is shown; never together with the notices.
    pub show_history: bool,
    /// The tree's filter shall get the keyboard's focus.
    pub focus_filter: bool,
    /// The widths that the panels at the sides had.
    sides: Option<SideWidths>,
    /// What has the keyboard's focus, or had it before a dialog came up.
    focus: Option<Id>,
    dialog: DialogState,
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
    /// Gives the keyboard's focus back when a dialog has gone, unless something else has taken it.
    fn keep_focus(&mut self, ui: &Ui, has_dialog: bool) {
        if let Some(back_to) = context_menu::take_back(ui.ctx()) {
            ui.memory_mut(|memory| memory.request_focus(back_to));
            // Also where choosing an entry has opened a dialog.
            self.focus = Some(back_to);
        }
        let focused = ui.memory(Memory::focused);
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
    }
}

/// Draws the whole window.
pub fn show(ui: &mut Ui, app: &mut App) -> Vec<Action> {
    app.layout.keep_focus(ui, app.dialog.is_some());
    let mut actions = Vec::new();
    let front = app.sessions.front_id();
    let environment = app.environment(front);
    let dialog_environment = match app.dialog.as_ref().and_then(Dialog::database) {
        Some(database) => app.environment(Some(database)),
        None => environment.clone(),
    };
    let now = app.clock.now();
    let mut context = PanelContext {
        now,
        environment: &environment,
        database: front,
        actions: &mut actions,
    };
    let tokens = theme::tokens(ui);
    let bar = Frame::NONE.fill(tokens.color.panel);
    let size = &tokens.size;

    Panel::top("menu")
        .exact_size(size.menu_bar)
        .frame(bar)
        .show_separator_line(true)
        .show(ui, |ui| {
            menu_bar::show(ui, app, &mut context);
        });
    let status_frame = Frame::NONE.fill(tokens.color.field);
    Panel::bottom("status")
        .exact_size(size.status_bar)
        .frame(status_frame)
        .show(ui, |ui| {
            status::show(ui, app, &mut context);
        });
    let sizes = &mut app.state.sizes;
    if app.layout.show_notices {
        // What comes while the log is shown is seen at once.
        app.notices.read();
        app.toasts.retain(|toast| !toast.tells_trouble());
        let panel = Panel::bottom("notices").size_range(80.0..=400.0).frame(bar);
        keep_height(ui, panel, &mut sizes.notices, |ui| {
            notices::show_log(ui, &app.notices, &mut app.layout.notice_heights, &mut context);
        });
    }
    let opening = !app.opening.is_empty();
    // Toasts stand over the rows in the middle, where they cover no button.
    let middle_rect = if let Some(session) = app.sessions.front_mut() {
        if app.layout.show_history {
            let panel = Panel::bottom("history").size_range(80.0..=400.0).frame(bar);
            keep_height(ui, panel, &mut sizes.history, |ui| {
                history::show(ui, session, &mut context);
            });
        }
        if app.state.show_transaction {
            let panel = Panel::bottom("transaction").size_range(96.0..=420.0).frame(bar);
            keep_height(ui, panel, &mut sizes.transaction, |ui| {
                transaction::show(ui, &mut session.transaction, &mut context);
            });
        }
        let (shows_keys, shows_entry) = (app.state.show_keys, app.state.show_entry);
        let window = ui.available_width();
        let fitting = SideWidths::fitting(sizes, window, shows_keys, shows_entry);
        // Panels follow a person's hand, unless something else has changed what fits.
        let is_forced = app.layout.sides != Some(fitting);
        let mut sides = fitting;
        if shows_keys {
            let range = fitting.keys_range(window);
            sides.keys = side_panel(
                ui,
                Panel::left("keys").frame(bar),
                fitting.keys,
                range,
                is_forced,
                |ui| {
                    mark_gone(ui, session);
                    keys::show(ui, session, &mut app.layout.focus_filter, &mut context);
                },
            );
        }
        if shows_entry {
            let range = fitting.entry_range(window);
            sides.entry = side_panel(
                ui,
                Panel::right("entry").frame(bar),
                fitting.entry,
                range,
                is_forced,
                |ui| {
                    mark_gone(ui, session);
                    entry::show(ui, session, app.state.value_view, &mut context);
                },
            );
        }
        if !is_forced && sides != fitting {
            sides.keep(sizes);
        }
        app.layout.sides = Some(SideWidths::fitting(sizes, window, shows_keys, shows_entry));
        CentralPanel::default()
            .frame(bar)
            .show(ui, |ui| middle(ui, session, &app.state.columns, &mut context))
            .response
            .rect
    } else {
        let frame = Frame::NONE.fill(tokens.color.window).stroke(Stroke::NONE);
        let page = CentralPanel::default().frame(frame);
        page.show(ui, |ui| {
            let is_new = app.is_new_here();
            let page = welcome::Page { is_new, opening };
            welcome::show(ui, &app.state, &app.welcome, page, &mut context);
        })
        .response
        .rect
    };
    notices::show_toasts(ui, &mut app.toasts, &app.notices, middle_rect, &mut context);
    if let Some(dialog) = &mut app.dialog {
        // It belongs to the database that it was opened for, whichever is in front now.
        let database = dialog.database();
        let session = database.and_then(|database| app.sessions.get(database));
        let place = session.filter(|_| app.sessions.are_many());
        let place = place.map(|session| session.title.clone());
        let mut context = PanelContext {
            now,
            environment: &dialog_environment,
            database,
            actions: context.actions,
        };
        dialog::show(ui, dialog, session, place.as_deref(), &mut context);
    }
    welcome::show_drop_hint(ui);
    actions
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
fn mark_gone(ui: &mut Ui, session: &Session) {
    if session.is_gone {
        ui.multiply_opacity(GONE_OPACITY);
    }
}

fn middle(ui: &mut Ui, session: &mut Session, columns: &TableColumns, context: &mut PanelContext<'_>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let watched = session.watch.watched().len();
    let queued = session.queue.as_ref().map_or(0, Vec::len);
    let number = |count: usize| (count > 0).then(|| count.to_string());
    let mut shown = vec![
        choice::Tab {
            value: Tab::Entries,
            title: "Entries",
            count: None,
        },
        choice::Tab {
            value: Tab::Watch,
            title: "Watch",
            count: number(watched),
        },
    ];
    if session.capabilities.queue {
        shown.push(choice::Tab {
            value: Tab::Queue,
            title: "Queue",
            count: number(queued),
        });
    }
    let found = session.find.hits().len();
    shown.push(choice::Tab {
        value: Tab::Find,
        title: "Find",
        count: (found > 0).then(|| format::count(found as u64)),
    });
    if tabs(ui, "Views of the database", &mut session.tab, &shown).changed() {
        match session.tab {
            Tab::Queue => session.read_queue(),
            Tab::Find => session.view.focus_find = true,
            Tab::Entries | Tab::Watch => {}
        }
    }
    mark_gone(ui, session);
    match session.tab {
        Tab::Entries => entries::show(ui, session, columns, context),
        Tab::Watch => watch::show(ui, session, context),
        Tab::Queue => queue::show(ui, session, context),
        Tab::Find => find::show(ui, session, context),
    }
}
