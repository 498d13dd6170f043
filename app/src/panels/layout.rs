//! Where the panels are.

use egui::{CentralPanel, Frame, Panel, Stroke, Ui};

use super::notices::NoticeHeights;
use super::{
    PanelContext, dialog, entries, entry, find, history, keys, menu_bar, notices, queue, status, transaction,
    watch, welcome,
};
use crate::app::App;
use crate::execute::Action;
use crate::model::columns::TableColumns;
use crate::model::{format, sizes};
use crate::session::{Session, Tab};
use crate::state::SavedState;
use crate::theme;
use crate::widgets::choice::{self, tabs};

/// What is open and how, but not kept between runs.
#[derive(Debug, Default)]
pub struct Layout {
    /// The log of notices is shown.
    pub show_notices: bool,
    /// The list of what can be undone and redone is shown; never together with the notices.
    pub show_history: bool,
    /// The tree's filter shall get the keyboard's focus.
    pub focus_filter: bool,
    /// How high the notices are in their log.
    pub notice_heights: NoticeHeights,
}

/// The narrowest and widest tree and entry panel, in points.
const KEYS_WIDTHS: (f32, f32) = (160.0, 520.0);
const ENTRY_WIDTHS: (f32, f32) = (280.0, 760.0);
/// What is left in the middle at least, in points.
const MIDDLE_WIDTH: f32 = 260.0;

/// How wide the tree and the entry panel may be in a window, so that the middle between them can be used.
fn side_limits(window: f32, state: &SavedState) -> (f32, f32) {
    let beside = |is_shown: bool, width: f32| if is_shown { width } else { 0.0 };
    let entry = window - MIDDLE_WIDTH - beside(state.show_keys, KEYS_WIDTHS.0);
    let entry = entry.clamp(ENTRY_WIDTHS.0, ENTRY_WIDTHS.1);
    let keys =
        window - MIDDLE_WIDTH - beside(state.show_entry, state.sizes.entry.clamp(ENTRY_WIDTHS.0, entry));
    (keys.clamp(KEYS_WIDTHS.0, KEYS_WIDTHS.1), entry)
}

/// Draws the whole window.
pub fn show(ui: &mut Ui, app: &mut App) -> Vec<Action> {
    let mut actions = Vec::new();
    let environment = app.environment();
    let now = (app.clock)();
    let mut context = PanelContext {
        now,
        environment: &environment,
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
    if app.layout.show_notices {
        // What comes while the log is shown is seen at once.
        app.notices.read();
        let shown = Panel::bottom("notices")
            .resizable(true)
            .default_size(app.state.sizes.notices)
            .size_range(80.0..=400.0)
            .frame(bar)
            .show(ui, |ui| {
                notices::show_log(ui, &app.notices, &mut app.layout.notice_heights, &mut context);
            });
        sizes::keep(&mut app.state.sizes.notices, shown.response.rect.height());
    }
    let opening = !app.opening.is_empty();
    let is_new_here = app.is_new_here();
    // Toasts stand over the rows in the middle, where they cover no button.
    let middle_rect = if let Some(session) = app.sessions.get_mut(app.active) {
        if app.layout.show_history {
            let shown = Panel::bottom("history")
                .resizable(true)
                .default_size(app.state.sizes.history)
                .size_range(80.0..=400.0)
                .frame(bar)
                .show(ui, |ui| history::show(ui, session, &mut context));
            sizes::keep(&mut app.state.sizes.history, shown.response.rect.height());
        }
        if app.state.show_transaction {
            let shown = Panel::bottom("transaction")
                .resizable(true)
                .default_size(app.state.sizes.transaction)
                .size_range(96.0..=420.0)
                .frame(bar)
                .show(ui, |ui| {
                    transaction::show(ui, &mut session.transaction, &mut context);
                });
            sizes::keep(&mut app.state.sizes.transaction, shown.response.rect.height());
        }
        let (keys_limit, entry_limit) = side_limits(ui.available_width(), &app.state);
        if app.state.show_keys {
            let shown = Panel::left("keys")
                .resizable(true)
                .default_size(app.state.sizes.keys)
                .size_range(KEYS_WIDTHS.0..=keys_limit)
                .frame(bar)
                .show(ui, |ui| {
                    keys::show(ui, session, &mut app.layout.focus_filter, &mut context);
                });
            sizes::keep_below(&mut app.state.sizes.keys, shown.response.rect.width(), keys_limit);
        }
        if app.state.show_entry {
            let shown = Panel::right("entry")
                .resizable(true)
                .default_size(app.state.sizes.entry)
                .size_range(ENTRY_WIDTHS.0..=entry_limit)
                .frame(bar)
                .show(ui, |ui| {
                    entry::show(ui, session, app.state.value_view, &mut context);
                });
            sizes::keep_below(
                &mut app.state.sizes.entry,
                shown.response.rect.width(),
                entry_limit,
            );
        }
        CentralPanel::default()
            .frame(bar)
            .show(ui, |ui| middle(ui, session, &app.state.columns, &mut context))
            .response
            .rect
    } else {
        let frame = Frame::NONE.fill(tokens.color.window).stroke(Stroke::NONE);
        let page = CentralPanel::default().frame(frame);
        page.show(ui, |ui| {
            welcome::show(ui, &app.state, &app.welcome, (opening, is_new_here), &mut context);
        })
        .response
        .rect
    };
    notices::show_toasts(ui, &mut app.toasts, &app.notices, middle_rect, &mut context);
    if let Some(dialog) = &mut app.dialog {
        let session = app.sessions.get(app.active);
        dialog::show(ui, dialog, session, &mut context);
    }
    welcome::show_drop_hint(ui);
    actions
}

fn middle(ui: &mut Ui, session: &mut Session, columns: &TableColumns, context: &mut PanelContext<'_>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let watched = session.watch.prefixes().len();
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
    if tabs(ui, "Views of the database", &mut session.tab, &shown).changed() && session.tab == Tab::Queue {
        session.read_queue();
    }
    match session.tab {
        Tab::Entries => entries::show(ui, session, columns, context),
        Tab::Watch => watch::show(ui, session, context),
        Tab::Queue => queue::show(ui, session, context),
        Tab::Find => find::show(ui, session, context),
    }
}
