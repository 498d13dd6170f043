//! The menu bar: menus, open databases, the palette's field, and what state the database is in.

use egui::scroll_area::ScrollBarVisibility;
use egui::{Align, Layout, ScrollArea, Ui};

use super::{PanelContext, copy_menu, mark};
use crate::action::{Action, AppAction, DatabaseAction};
use crate::command::Command;
use crate::model::database_id::DatabaseId;
use crate::model::facts::DatabaseFacts;
use crate::state::SavedState;
use crate::theme::{self, ThemeChoice, icons};
use crate::widgets::badge::Pill;
use crate::widgets::choice::document_tab;
use crate::widgets::context_menu;
use crate::widgets::menu::{MenuEntry, fit_menu, menu_bar, menu_button, menu_separator, submenu};

/// What the pills at the right end take, in points.
const PILLS_WIDTH: f32 = 190.0;
/// The narrowest and the widest field of the palette, in points.
const PALETTE_WIDTHS: (f32, f32) = (150.0, 210.0);
/// The widest menu, in points: a command that names a long key fits.
const MENU_WIDTH: f32 = 400.0;
/// What the tabs have at least, in points.
const TABS_WIDTH: f32 = 120.0;

/// Entries of each menu; `None` is a line.
const FILE: &[Option<Command>] = &[
    Some(Command::OpenFile),
    Some(Command::OpenFolder),
    Some(Command::OpenPath),
    Some(Command::Connect),
    Some(Command::NewDatabase),
    Some(Command::OpenSample),
    None,
    Some(Command::Import),
    Some(Command::ExportDatabase),
    Some(Command::ExportPrefix),
    Some(Command::ExportSelection),
    Some(Command::CompareWith),
    Some(Command::CopyTo),
    Some(Command::CopyToServer),
    None,
    Some(Command::BackUp),
    Some(Command::Restore),
    None,
    Some(Command::Serve),
    Some(Command::MarkDatabase),
    None,
    Some(Command::NextDatabase),
    Some(Command::PreviousDatabase),
    Some(Command::CloseDatabase),
    Some(Command::Quit),
];
/// The menu of a database's tab: what is about the database as a whole, whatever is selected in it.
const OF_TAB: &[Command] = &[
    Command::CompareWith,
    Command::CopyTo,
    Command::BackUp,
    Command::MarkDatabase,
    Command::CloseDatabase,
];
const EDIT: &[Option<Command>] = &[
    Some(Command::Undo),
    Some(Command::Redo),
    Some(Command::ShowUndoList),
    None,
    Some(Command::NewEntry),
    Some(Command::DuplicateEntry),
    Some(Command::RenameEntry),
    Some(Command::EditValue),
    Some(Command::SaveEntry),
    Some(Command::RevertEntry),
    Some(Command::DeleteSelection),
    Some(Command::DeletePrefix),
    None,
    Some(Command::NewMessage),
    Some(Command::QueueAgain),
    Some(Command::DeliverMessages),
    Some(Command::PutOffMessages),
    Some(Command::EditMessage),
    Some(Command::CancelMessages),
    None,
    Some(Command::SelectAll),
    Some(Command::CopyKey),
    Some(Command::CopyValue),
    None,
    Some(Command::Find),
    Some(Command::FindNext),
    Some(Command::FindPrevious),
    None,
    Some(Command::Unlock),
];
const VIEW: &[Option<Command>] = &[
    Some(Command::Palette),
    Some(Command::GoToKey),
    Some(Command::FilterTree),
    Some(Command::Refresh),
    None,
    Some(Command::ShowEntries),
    Some(Command::ShowWatch),
    Some(Command::ShowQueue),
    Some(Command::ShowRequests),
    Some(Command::ShowHistory),
    Some(Command::KeepHistory),
    Some(Command::ShowComparison),
    Some(Command::WatchSelection),
    Some(Command::NotifyOfChanges),
    Some(Command::SwitchPanel),
    None,
    Some(Command::ShowFilters),
    Some(Command::ReverseList),
    None,
    Some(Command::ToggleKeys),
    Some(Command::ToggleEntry),
    Some(Command::ToggleTransaction),
    Some(Command::ShowNotices),
    None,
    Some(Command::ThemeSystem),
    Some(Command::ThemeLight),
    Some(Command::ThemeDark),
    None,
    Some(Command::LargerText),
    Some(Command::SmallerText),
    Some(Command::NormalText),
];
const COLUMNS: &[Option<Command>] = &[
    Some(Command::ToggleValueColumn),
    Some(Command::ToggleTypeColumn),
    Some(Command::ToggleSizeColumn),
    Some(Command::ToggleExpiryColumn),
    Some(Command::ToggleVersionColumn),
    None,
    Some(Command::ResetColumns),
];
const TRANSACTION: &[Option<Command>] = &[
    Some(Command::ToggleTransaction),
    None,
    Some(Command::AddToTransaction),
    Some(Command::CommitTransaction),
    Some(Command::RebaseTransaction),
    Some(Command::ReuseTransaction),
    Some(Command::ClearTransaction),
    None,
    Some(Command::SetWithIndexes),
    Some(Command::CheckIndexes),
];
const HELP: &[Option<Command>] = &[Some(Command::Shortcuts), Some(Command::About)];

/// What the menu bar is drawn from.
pub(super) struct MenuBar<'a> {
    /// The open databases, in the order of their tabs.
    pub tabs: &'a [(DatabaseId, &'a DatabaseFacts)],
    pub state: &'a SavedState,
    pub layout: &'a super::layout::Layout,
}

pub(super) fn show(ui: &mut Ui, drawn: &MenuBar<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    menu_bar(ui, |ui| {
        ui.set_min_height(tokens.size.menu_bar);
        ui.add_space(4.0);
        for (title, entries) in [
            ("File", FILE),
            ("Edit", EDIT),
            ("View", VIEW),
            ("Transaction", TRANSACTION),
            ("Help", HELP),
        ] {
            menu_button(ui, title, |ui| menu(ui, entries, drawn, context));
        }
        ui.add_space(8.0);
        databases(ui, drawn, context);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            ui.add_space(12.0);
            let front = drawn.tabs.iter().find(|(id, _)| Some(*id) == context.database);
            if let Some((_, facts)) = front {
                state_pills(ui, facts, context);
            }
            if ui.available_width() > PALETTE_WIDTHS.0 {
                palette_button(ui, context);
            }
        });
    });
}

/// The open databases. Those for which there is no room are scrolled to.
fn databases(ui: &mut Ui, drawn: &MenuBar<'_>, context: &mut PanelContext<'_>) {
    let Some(front) = context.database else {
        return;
    };
    let tokens = theme::tokens(ui);
    let with_palette = ui.available_width() - PILLS_WIDTH - PALETTE_WIDTHS.0;
    let room = if with_palette > TABS_WIDTH {
        with_palette
    } else {
        ui.available_width() - PILLS_WIDTH
    };
    let known = ui.scope_id().with("database in front");
    let is_new = ui.data_mut(|data| {
        let before = data.get_temp::<DatabaseId>(known);
        data.insert_temp(known, front);
        before != Some(front)
    });
    ui.style_mut().always_scroll_the_only_direction = true;
    ScrollArea::horizontal()
        .id_salt("databases")
        .max_width(room.max(TABS_WIDTH))
        .scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for (id, facts) in drawn.tabs {
                let mark = facts.mark().map(|marked| mark::of_tab(tokens, marked));
                let tab = document_tab(ui, &facts.title, *id == front, mark);
                if is_new && *id == front {
                    tab.response.scroll_to_me(None);
                }
                if tab.closed {
                    context.ask(AppAction::Close(*id));
                    continue;
                }
                let response = tab.response.on_hover_text(&facts.location);
                if response.clicked() {
                    context.ask(AppAction::Activate(*id));
                }
                context_menu::show(&response, |ui| tab_menu(ui, *id, context));
            }
        });
}

/// What can be done with a database, by the menu of its tab: also with one that is not in front.
fn tab_menu(ui: &mut Ui, id: DatabaseId, context: &mut PanelContext<'_>) {
    fit_menu(ui, 180.0, MENU_WIDTH);
    for command in OF_TAB {
        let entry = MenuEntry::new(command.text()).icon(command.icon());
        if ui.add(entry).on_hover_text(command.tooltip()).clicked() {
            context.actions.push(Action::command(*command, Some(id)));
            ui.close();
        }
    }
}

fn menu(ui: &mut Ui, entries: &[Option<Command>], drawn: &MenuBar<'_>, context: &mut PanelContext<'_>) {
    ui.set_min_width(230.0);
    ui.set_max_width(MENU_WIDTH);
    for entry in entries {
        let Some(command) = *entry else {
            menu_separator(ui);
            continue;
        };
        if !command.is_offered(context.environment) {
            continue;
        }
        let shortcut = command
            .shortcut()
            .map(|shortcut| ui.ctx().format_shortcut(&shortcut))
            .unwrap_or_default();
        let text = command.text_now(context.environment);
        let mut entry = MenuEntry::new(&text).icon(command.icon()).shortcut(&shortcut);
        if let Some(on) = is_on(command, drawn.state, drawn.layout) {
            entry = entry.checked(on);
        }
        if command.destroys() {
            entry = entry.danger();
        }
        if context.command(ui, command, entry).clicked() {
            ui.close();
        }
        if command == Command::ReverseList {
            submenu(ui, "Columns", icons::COLUMNS, |ui| {
                menu(ui, COLUMNS, drawn, context);
            });
        }
        if command == Command::CopyValue {
            copy_menu::show(ui, context);
        }
    }
}

/// Whether a switch is on; `None` for what is no switch.
fn is_on(command: Command, state: &SavedState, shown: &super::layout::Layout) -> Option<bool> {
    Some(match command {
        Command::ThemeSystem => state.theme == ThemeChoice::System,
        Command::ThemeLight => state.theme == ThemeChoice::Light,
        Command::ThemeDark => state.theme == ThemeChoice::Dark,
        Command::ToggleKeys => state.show_keys,
        Command::ToggleEntry => state.show_entry,
        Command::ToggleTransaction => state.show_transaction,
        Command::ShowNotices => shown.show_notices,
        Command::ShowUndoList => shown.show_undo_list,
        _ => return command.column().map(|column| state.columns.is_shown(column)),
    })
}

fn state_pills(ui: &mut Ui, facts: &DatabaseFacts, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let (icon, text) = if facts.is_writable() {
        (icons::LOCK_OPEN, "Writable")
    } else {
        (icons::LOCK, "Read-only")
    };
    let tooltip = match &facts.capabilities.writing {
        keyglass_store::Writing::Allowed => "Entries can be changed; click to forbid it".to_owned(),
        keyglass_store::Writing::Locked => "Nothing can be changed; click to unlock it".to_owned(),
        keyglass_store::Writing::Impossible(reason) => reason.clone(),
    };
    let pill = ui.add(Pill::new(text).icon(icon)).on_hover_text(tooltip);
    if pill.interact(egui::Sense::click()).clicked() {
        context.ask(DatabaseAction::ToggleWritable);
    }
    if facts.is_gone {
        let text = match facts.owner {
            None if facts.is_on_server() => "Offline",
            None => "File is gone",
            Some(_) => "Owner is gone",
        };
        ui.add(Pill::new(text).dot(tokens.color.bad).color(tokens.color.bad))
            .on_hover_text(format!(
                "{}; what is shown is as it was last, until it is back",
                facts.why_gone()
            ));
        return;
    }
    if let Some(trouble) = facts.trouble() {
        ui.add(
            Pill::new("Retrying")
                .dot(tokens.color.warning)
                .color(tokens.color.warning),
        )
        .on_hover_text(trouble);
        return;
    }
    if facts.capabilities.changes != keyglass_store::Changes::Never {
        ui.add(Pill::new("Live").dot(tokens.color.good).color(tokens.color.good))
            .on_hover_text("Changes made by other threads and processes show at once");
    } else {
        ui.add(Pill::new("Still").dot(tokens.color.dim)).on_hover_text(
            "The database is shown as it was when it was opened; open it again to see what changed since",
        );
    }
}

fn palette_button(ui: &mut Ui, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let size = egui::vec2(ui.available_width().min(PALETTE_WIDTHS.1), tokens.size.control);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, "Go to key or command")
    });
    let hovered = response.hovered() || response.has_focus();
    let line = if hovered {
        tokens.color.accent
    } else {
        tokens.color.line
    };
    ui.painter().rect(
        rect,
        tokens.size.radius,
        tokens.color.field,
        egui::Stroke::new(1.0, line),
        egui::StrokeKind::Inside,
    );
    let inner = rect.shrink2(egui::vec2(8.0, 0.0));
    let paint = |text: &str, right: bool| {
        let job = crate::widgets::line_text::job(text, tokens.body(), tokens.color.dim);
        let galley = crate::widgets::line_text::layout(ui.painter(), job, inner.width());
        if right {
            crate::widgets::line_text::paint_right(ui.painter(), inner, galley);
        } else {
            crate::widgets::line_text::paint(ui.painter(), inner, galley);
        }
    };
    paint("Go to key or command", false);
    if rect.width() > 190.0
        && let Some(shortcut) = Command::Palette.shortcut()
    {
        paint(&ui.ctx().format_shortcut(&shortcut), true);
    }
    if response.clicked() {
        context.ask(Command::Palette);
    }
}
