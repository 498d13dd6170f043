//! The entry panel: one entry, and its editor.

use egui::{Align, Layout, RichText, Ui, vec2};
use keyglass_store::database::Counted;
use keyglass_store::limits::Limits;
use keyglass_store::{EncodedKey, Entry};

use super::entry_view::{EntryView, ShownChanges};
use super::key_editor::KeyPurpose;
use super::{
    PanelContext, blob, copy_menu, entry_history, entry_value, expiry, folder, key_editor, rename,
    repaint_after,
};
use crate::action::{AppAction, DatabaseAction, HistoryAction};
use crate::command::Command;
use crate::content::blob::BlobKey;
use crate::content::copy::CopyForm;
use crate::format;
use crate::model::commit_times::CommitTimes;
use crate::model::draft::{Draft, ExpiryDraft};
use crate::model::entry_panel::{EntryPanel, Shown, ValueView};
use crate::model::past_versions::PastVersions;
use crate::model::query::Query;
use crate::model::value_preview::ValuePreview;
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, link_button, plain_button, primary_button, quiet_button};
use crate::widgets::choice::segmented;
use crate::widgets::key_text::key_chips;
use crate::widgets::menu::{MenuEntry, menu_separator};
use crate::widgets::panel_frame::{key_value_row, panel_header};

/// Width of the names of facts, in points.
const NAME_WIDTH: f32 = 84.0;
/// The widest menu, in points: a command that names a long key fits.
const MENU_WIDTH: f32 = 340.0;

/// What the entry panel is drawn from.
pub(super) struct DrawnEntry<'a> {
    pub panel: &'a mut EntryPanel,
    pub preview: &'a mut ValuePreview,
    /// Earlier versions; none where the database cannot keep any.
    pub past: Option<&'a mut PastVersions>,
    pub view: &'a mut EntryView,
    pub commit_times: &'a CommitTimes,
    /// The blob that is selected in the table as one row.
    pub selected_blob: Option<BlobKey>,
    /// What the table lists.
    pub listed: &'a Query,
    /// How many entries lie below the folder that is shown.
    pub held: Option<Counted>,
    /// Nobody has asked for that number, and it is not counted of itself.
    pub is_uncounted: bool,
}

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnEntry<'_>, view: ValueView, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    drawn.view.follow(drawn.panel);
    header(ui, drawn, context);
    let is_new = drawn.panel.new_entry.is_some();
    if !is_new && let Some(prefix) = drawn.panel.folder().cloned() {
        folder::show(ui, drawn, &prefix, context);
        return;
    }
    if !is_new && !matches!(drawn.panel.shown, Shown::Entry(_)) && drawn.panel.current().is_none() {
        message(ui, &drawn.panel.shown);
        // What was deleted may come back.
        let absent = match &drawn.panel.shown {
            Shown::Absent(key) => Some(key.clone()),
            _ => None,
        };
        let commit_times = drawn.commit_times;
        if let (Some(past), Some(key)) = (open_history(drawn), absent) {
            egui::Frame::NONE
                .inner_margin(tokens.size.padding)
                .show(ui, |ui| {
                    entry_history::show(ui, past, &key, commit_times, context);
                });
        }
        return;
    }
    let footer_height = 48.0;
    let area = ui.available_rect_before_wrap();
    let body = area
        .with_max_y(area.bottom() - footer_height)
        .shrink2(vec2(tokens.size.padding, 0.0));
    let footer = area
        .with_min_y(area.bottom() - footer_height)
        .shrink2(vec2(tokens.size.padding, 0.0));
    entry_value::compare(drawn);
    ui.scope_builder(egui::UiBuilder::new().max_rect(body), |ui| {
        ui.add_space(tokens.size.padding);
        ui.spacing_mut().item_spacing.y = 4.0;
        if let Some(draft) = &mut drawn.panel.new_entry {
            drawn.panel.focus_value |= new_entry_facts(ui, draft, &drawn.panel.limits, context);
        } else {
            facts(ui, drawn, context);
            blob::show(ui, drawn, context);
        }
        ui.add_space(6.0);
        let key = drawn
            .panel
            .entry()
            .filter(|_| !is_new)
            .map(|entry| entry.key.clone());
        let commit_times = drawn.commit_times;
        match (open_history(drawn), key) {
            (Some(past), Some(key)) => entry_history::show(ui, past, &key, commit_times, context),
            _ => entry_value::show(ui, drawn, view, context),
        }
    });
    ui.scope_builder(egui::UiBuilder::new().max_rect(footer), |ui| {
        buttons(ui, drawn, context);
    });
}

/// The history, where it is shown in place of the value: not over an edit that has to be seen.
fn open_history<'d>(drawn: &'d mut DrawnEntry<'_>) -> Option<&'d mut PastVersions> {
    let is_edited = drawn.panel.current().is_some();
    let past = drawn.past.as_deref_mut()?;
    (past.is_open() && !is_edited).then_some(past)
}

fn header(ui: &mut Ui, drawn: &DrawnEntry<'_>, context: &mut PanelContext<'_>) {
    let panel = &*drawn.panel;
    // A blob that is selected as one row goes by its own key.
    let blob = drawn.selected_blob.as_ref().map(|blob| &blob.key);
    let shown = blob.or(panel.key());
    let shown = shown.filter(|_| panel.new_entry.is_none());
    let title = if panel.new_entry.is_some() {
        "New entry"
    } else if panel.folder().is_some() {
        "Folder"
    } else {
        "Entry"
    };
    panel_header(
        ui,
        title,
        |_| {},
        |ui| {
            let menu = ui.add(IconButton::new(icons::DOTS, "More for this entry"));
            egui::Popup::menu(&menu).show(|ui| {
                ui.set_min_width(190.0);
                ui.set_max_width(MENU_WIDTH);
                ui.spacing_mut().item_spacing.y = 0.0;
                if let Some(key) = shown {
                    about_shown(ui, key, context);
                }
                for command in [
                    Some(Command::DuplicateEntry),
                    Some(Command::RenameEntry),
                    Some(Command::AddToTransaction),
                    Some(Command::SetWithIndexes),
                    Some(Command::ShowHistory),
                    None,
                    Some(Command::DeleteSelection),
                ] {
                    let Some(command) = command else {
                        menu_separator(ui);
                        continue;
                    };
                    let text = command.text_now(context.environment);
                    let mut entry = MenuEntry::new(&text).icon(command.icon());
                    if command.destroys() {
                        entry = entry.danger();
                    }
                    if context.command(ui, command, entry).clicked() {
                        ui.close();
                    }
                }
            });
            if let Some(key) = shown {
                let copy = ui.add(link_button("Copy as…").small());
                let copy = copy.on_hover_text("Copy this entry, its key or its value in one of many forms");
                egui::Popup::menu(&copy).show(|ui| copy_menu::shown(ui, key, context));
            }
        },
    );
}

/// What is done with the entry shown, where the command of that name is about what is selected in the table.
fn about_shown(ui: &mut Ui, key: &EncodedKey, context: &mut PanelContext<'_>) {
    let is_entry = context.environment.entry;
    let actions = [
        (Command::CopyKey, true, DatabaseAction::CopyShown(CopyForm::Key)),
        (
            Command::CopyValue,
            is_entry,
            DatabaseAction::CopyShown(CopyForm::Value),
        ),
        (Command::WatchSelection, true, DatabaseAction::Watch(key.clone())),
    ];
    for (command, enabled, action) in actions {
        let text = match command {
            Command::WatchSelection => "Watch",
            other => other.text(),
        };
        let entry = MenuEntry::new(text).icon(command.icon());
        let response = ui
            .add_enabled(enabled, entry)
            .on_disabled_hover_text("No entry is shown");
        if response.clicked() {
            context.ask(action);
            ui.close();
        }
    }
    menu_separator(ui);
}

fn message(ui: &mut Ui, shown: &Shown) {
    let tokens = theme::tokens(ui);
    let (text, color) = match shown {
        Shown::Nothing => ("Select a key to see its entry".to_owned(), tokens.color.dim),
        Shown::Loading(_) | Shown::Entry(_) | Shown::Folder(_) => (String::new(), tokens.color.dim),
        Shown::Absent(key) => (format!("No entry under {key}"), tokens.color.dim),
        Shown::Failed(_, error) => (error.clone(), tokens.color.bad),
    };
    egui::Frame::NONE
        .inner_margin(tokens.size.padding)
        .show(ui, |ui| {
            ui.add_space(30.0);
            ui.vertical_centered(|ui| ui.label(RichText::new(text).color(color)));
        });
}

fn facts(ui: &mut Ui, drawn: &mut DrawnEntry<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let DrawnEntry {
        panel, commit_times, ..
    } = drawn;
    let Some(entry) = panel.entry().cloned() else {
        if let Some(key) = panel.key() {
            let text = format!("{key} was deleted. Your edit is kept");
            ui.label(RichText::new(text).color(tokens.color.warning));
        }
        return;
    };
    if panel.rename().is_some() {
        rename::show(ui, panel, context);
    } else {
        key(ui, &entry, context);
    }
    ui.add_space(4.0);
    key_value_row(ui, "Versionstamp", NAME_WIDTH, |ui| {
        let text = RichText::new(entry.versionstamp.to_string())
            .font(tokens.mono())
            .color(tokens.color.text);
        ui.label(text);
        if let Some(at) = commit_times.of(entry.versionstamp) {
            let ago = RichText::new(format::ago(at, context.now)).color(tokens.color.dim);
            ui.add(egui::Label::new(ago).truncate());
            repaint_after(ui, format::ago_changes_in(at, context.now));
        }
    });
    key_value_row(ui, "Expires", NAME_WIDTH, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let chosen = panel
            .draft(&entry.key)
            .map_or(ExpiryDraft::Keep, |draft| draft.expiry);
        let expires = (entry.expires_at, !panel.hides_expiry);
        expiry::text(ui, expires, chosen, context);
        expiry::menu(ui, expires, chosen, &DatabaseAction::SetExpiry, context);
    });
    let size = panel
        .draft(&entry.key)
        .and_then(Draft::size)
        .unwrap_or(entry.value.bytes.len());
    size_row(ui, Some(size), &panel.limits);
    if let Some(past) = &drawn.past {
        key_value_row(ui, "History", NAME_WIDTH, |ui| {
            let text = if past.is_open() {
                "Back to the value"
            } else {
                "Show earlier versions"
            };
            let link = ui.add_enabled(panel.current().is_none(), link_button(text).small());
            let link = link.on_disabled_hover_text("Save or revert the edit first");
            if link.clicked() {
                context.ask(HistoryAction::Toggle);
            }
        });
    }
}

fn key(ui: &mut Ui, entry: &Entry, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    match entry.key.decode() {
        Ok(key) => {
            if let Some(part) = key_chips(ui, &key)
                && let Some(end) = entry.key.part_ends().get(part)
            {
                let prefix = entry.key.truncated(*end);
                context.ask(DatabaseAction::List(Query::prefix(prefix)));
            }
        }
        Err(error) => {
            ui.label(
                RichText::new(entry.key.to_string())
                    .font(tokens.mono())
                    .color(tokens.color.bad),
            );
            ui.label(RichText::new(format!("This is no Deno KV key: {error}")).color(tokens.color.dim));
        }
    }
}

/// True if the key is written, and the value comes next.
fn new_entry_facts(ui: &mut Ui, draft: &mut Draft, limits: &Limits, context: &mut PanelContext<'_>) -> bool {
    let id = egui::Id::unique("new entry key");
    let output = key_editor::show(ui, &mut draft.key_draft, KeyPurpose::NewEntry, limits, id);
    if output.changed {
        draft.key_changed();
    }
    ui.add_space(2.0);
    key_value_row(ui, "Expires", NAME_WIDTH, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        expiry::text(ui, (None, true), draft.expiry, context);
        expiry::menu(
            ui,
            (None, true),
            draft.expiry,
            &DatabaseAction::SetExpiry,
            context,
        );
    });
    size_row(ui, draft.size(), limits);
    output.finished
}

fn size_row(ui: &mut Ui, size: Option<usize>, limits: &Limits) {
    let tokens = theme::tokens(ui);
    key_value_row(ui, "Size", NAME_WIDTH, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let text = size.map_or_else(|| "–".to_owned(), |size| format::bytes(size as u64));
        ui.label(text);
        let limit = format!("of {}", format::bytes(limits.value_bytes as u64));
        ui.label(RichText::new(limit).color(tokens.color.dim));
    });
}

fn buttons(ui: &mut Ui, drawn: &DrawnEntry<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let panel = &*drawn.panel;
    let rect = ui.max_rect();
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(
        rect.expand2(vec2(tokens.size.padding, 0.0)).x_range(),
        rect.top() + 0.5,
        line,
    );
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let draft = panel.current();
        let is_saving = draft.is_some_and(|draft| draft.saving.is_some());
        let text = if panel.new_entry.is_some() {
            "Create"
        } else {
            "Save"
        };
        ui.add_enabled_ui(!is_saving, |ui| {
            context.command(ui, Command::SaveEntry, primary_button(text))
        });
        let text = if panel.new_entry.is_some() {
            "Discard"
        } else {
            "Revert"
        };
        context.command(ui, Command::RevertEntry, plain_button(text));
        context.command(
            ui,
            Command::AddToTransaction,
            quiet_button("Transaction").icon(icons::PLUS),
        );
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = match draft {
                Some(_) if is_saving => "saving…".to_owned(),
                Some(draft) if !draft.is_new() => edits(draft, drawn.view.value_changes.as_ref()),
                _ => String::new(),
            };
            ui.label(RichText::new(text).font(tokens.small()).color(tokens.color.dim));
        });
    });
}

/// How much an edit changes.
fn edits(draft: &Draft, changes: Option<&ShownChanges>) -> String {
    let of_value = changes.map_or(0, |shown| shown.changes.count());
    let of_expiry = usize::from(draft.expiry != ExpiryDraft::Keep);
    match of_value + of_expiry {
        // The text is no value yet, or it is the same value written in another way.
        0 => "edited".to_owned(),
        number => format::counted(number as u64, "change", "changes"),
    }
}

/// The choice of how the value is shown.
pub(super) fn view_choice(ui: &mut Ui, view: ValueView, has_preview: bool, context: &mut PanelContext<'_>) {
    let mut chosen = view;
    let choices = match ValueView::ALL.split_last() {
        Some((_, others)) if !has_preview => others,
        _ => &ValueView::ALL,
    };
    if segmented(ui, "How the value is shown", &mut chosen, choices).changed() {
        context.ask(AppAction::ShowValueAs(chosen));
    }
}
