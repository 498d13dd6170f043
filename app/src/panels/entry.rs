//! The entry panel: one entry, and its editor.

use egui::{Align, Layout, RichText, TextEdit, Ui, vec2};
use keyglass_store::{Entry, limits};

use super::{PanelContext, entry_value, key_editor, rename, repaint_after};
use crate::command::Command;
use crate::execute::Action;
use crate::model::draft::{Draft, ExpiryDraft};
use crate::model::entry_panel::{EntryPanel, Shown, ValueView};
use crate::model::format;
use crate::session::Session;
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, link_button, plain_button, primary_button, quiet_button};
use crate::widgets::choice::segmented;
use crate::widgets::key_text::key_chips;
use crate::widgets::menu::{MenuEntry, menu_separator};
use crate::widgets::panel_frame::{key_value_row, panel_header};

/// Width of the names of facts, in points.
const NAME_WIDTH: f32 = 84.0;
/// Expiries that are offered, in milliseconds.
const EXPIRIES: [(&str, i64); 7] = [
    ("in 1 minute", 60_000),
    ("in 10 minutes", 600_000),
    ("in 1 hour", 3_600_000),
    ("in 1 day", 86_400_000),
    ("in 7 days", 604_800_000),
    ("in 30 days", 2_592_000_000),
    ("in 365 days", 31_536_000_000),
];

pub(super) fn show(ui: &mut Ui, session: &mut Session, view: ValueView, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    header(ui, &session.panel, context);
    let is_new = session.panel.new_entry.is_some();
    if !is_new && !matches!(session.panel.shown, Shown::Entry(_)) && session.panel.current().is_none() {
        message(ui, &session.panel.shown);
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
    ui.scope_builder(egui::UiBuilder::new().max_rect(body), |ui| {
        ui.add_space(tokens.size.padding);
        ui.spacing_mut().item_spacing.y = 4.0;
        if let Some(draft) = &mut session.panel.new_entry {
            new_entry_facts(ui, draft, context);
        } else {
            facts(ui, &mut session.panel, context);
        }
        ui.add_space(6.0);
        entry_value::show(ui, session, view, context);
    });
    ui.scope_builder(egui::UiBuilder::new().max_rect(footer), |ui| {
        buttons(ui, &session.panel, context);
    });
}

fn header(ui: &mut Ui, panel: &EntryPanel, context: &mut PanelContext<'_>) {
    let title = if panel.new_entry.is_some() {
        "New entry"
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
                ui.spacing_mut().item_spacing.y = 0.0;
                for command in [
                    Some(Command::CopyKey),
                    Some(Command::CopyValue),
                    Some(Command::CopyJson),
                    Some(Command::CopyDenoCode),
                    Some(Command::CopyCommandLine),
                    None,
                    Some(Command::WatchSelection),
                    Some(Command::DuplicateEntry),
                    Some(Command::RenameEntry),
                    Some(Command::AddToTransaction),
                    None,
                    Some(Command::DeleteEntry),
                ] {
                    let Some(command) = command else {
                        menu_separator(ui);
                        continue;
                    };
                    let mut entry = MenuEntry::new(command.text()).icon(command.icon());
                    if command == Command::DeleteEntry {
                        entry = entry.danger();
                    }
                    if context.command(ui, command, entry).clicked() {
                        ui.close();
                    }
                }
            });
            if panel.new_entry.is_none() {
                context.command(ui, Command::DuplicateEntry, link_button("Duplicate").small());
            }
        },
    );
}

fn message(ui: &mut Ui, shown: &Shown) {
    let tokens = theme::tokens(ui);
    let (text, color) = match shown {
        Shown::Nothing => ("Select a key to see its entry".to_owned(), tokens.color.dim),
        Shown::Loading(_) | Shown::Entry(_) => (String::new(), tokens.color.dim),
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

fn facts(ui: &mut Ui, panel: &mut EntryPanel, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
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
    });
    key_value_row(ui, "Expires", NAME_WIDTH, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let chosen = panel
            .draft(&entry.key)
            .map_or(ExpiryDraft::Keep, |draft| draft.expiry);
        expiry_text(ui, entry.expires_at, chosen, context);
        expiry_menu(ui, entry.expires_at.is_some(), chosen, context);
    });
    let size = panel
        .draft(&entry.key)
        .and_then(Draft::size)
        .unwrap_or(entry.value.bytes.len());
    size_row(ui, Some(size));
}

fn key(ui: &mut Ui, entry: &Entry, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    match entry.key.decode() {
        Ok(key) => {
            if let Some(part) = key_chips(ui, &key)
                && let Some(end) = entry.key.part_ends().get(part)
            {
                let prefix = entry.key.truncated(*end);
                context.ask(Action::List(crate::model::entries::Query::prefix(prefix)));
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

fn new_entry_facts(ui: &mut Ui, draft: &mut Draft, context: &mut PanelContext<'_>) {
    if key_editor::show(ui, &mut draft.key_draft, egui::Id::unique("new entry key")) {
        draft.key_changed();
    }
    ui.add_space(2.0);
    key_value_row(ui, "Expires", NAME_WIDTH, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        expiry_text(ui, None, draft.expiry, context);
        expiry_menu(ui, false, draft.expiry, context);
    });
    size_row(ui, draft.size());
}

fn size_row(ui: &mut Ui, size: Option<usize>) {
    let tokens = theme::tokens(ui);
    key_value_row(ui, "Size", NAME_WIDTH, |ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let text = size.map_or_else(|| "–".to_owned(), |size| format::bytes(size as u64));
        ui.label(text);
        let limit = format!("of {}", format::bytes(limits::VALUE_BYTES as u64));
        ui.label(RichText::new(limit).color(tokens.color.dim));
    });
}

fn expiry_text(ui: &mut Ui, expires_at: Option<i64>, chosen: ExpiryDraft, context: &PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    match (chosen, expires_at) {
        (ExpiryDraft::After(milliseconds), _) => {
            ui.label(format!("{} after saving", format::span(milliseconds)));
            let about = format!("· = {}", format::utc(context.now.saturating_add(milliseconds)));
            ui.label(RichText::new(about).color(tokens.color.dim));
        }
        (ExpiryDraft::At(moment), _) => {
            ui.label(format::utc(moment));
        }
        (ExpiryDraft::Never, _) | (ExpiryDraft::Keep, None) => {
            ui.label(RichText::new("never").color(tokens.color.dim));
        }
        (ExpiryDraft::Keep, Some(at)) => {
            let left = at - context.now;
            if left > 0 {
                ui.label(format!("in {}", format::span(left)));
                repaint_after(ui, format::span_changes_in(left));
            } else {
                let text = RichText::new(format!("{}, not swept yet", format::ago(at, context.now)));
                ui.label(text.color(tokens.color.warning));
                repaint_after(ui, format::ago_changes_in(at, context.now));
            }
            ui.label(RichText::new(format!("· {}", format::utc(at))).color(tokens.color.dim));
        }
    }
}

fn expiry_menu(ui: &mut Ui, expires: bool, chosen: ExpiryDraft, context: &mut PanelContext<'_>) {
    if !context.environment.writable {
        return;
    }
    let button = ui.add(link_button("change"));
    let menu = egui::Popup::menu(&button).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    menu.show(|ui| {
        ui.set_min_width(220.0);
        ui.set_max_width(220.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut choose = |ui: &mut Ui, text: &str, expiry: ExpiryDraft| {
            if ui.add(MenuEntry::new(text).checked(chosen == expiry)).clicked() {
                context.ask(Action::SetExpiry(expiry));
                ui.close();
            }
        };
        if expires {
            choose(ui, "as it is", ExpiryDraft::Keep);
        }
        choose(
            ui,
            "never",
            if expires {
                ExpiryDraft::Never
            } else {
                chosen_never(chosen)
            },
        );
        for (text, milliseconds) in EXPIRIES {
            choose(ui, text, ExpiryDraft::After(milliseconds));
        }
        menu_separator(ui);
        custom_expiry(ui, context);
    });
}

/// A field for any other span or date.
fn custom_expiry(ui: &mut Ui, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let memory = ui.scope_id().with("custom expiry");
    let mut text: String = ui.data(|data| data.get_temp(memory)).unwrap_or_default();
    ui.add_space(4.0);
    let field = TextEdit::singleline(&mut text)
        .hint_text("90 min, or 2027-01-31 14:30")
        .desired_width(210.0);
    let response = ui.add(field).accessible_name("Other expiry");
    let parsed = crate::model::expiry::parse(&text, context.now);
    let (told, color) = match &parsed {
        _ if text.trim().is_empty() => ("Enter takes it".to_owned(), tokens.color.dim),
        Ok(ExpiryDraft::After(span)) => {
            let moment = context.now.saturating_add(*span);
            (format!("= {}", format::utc(moment)), tokens.color.dim)
        }
        Ok(ExpiryDraft::At(moment)) => (
            format!("= in {}", format::span(*moment - context.now)),
            tokens.color.dim,
        ),
        Ok(_) => (String::new(), tokens.color.dim),
        Err(reason) => (reason.clone(), tokens.color.warning),
    };
    ui.add_space(2.0);
    let told = RichText::new(told).font(tokens.small()).color(color);
    ui.allocate_ui(vec2(218.0, 30.0), |ui| ui.label(told));
    if response.lost_focus()
        && ui.input(|input| input.key_pressed(egui::Key::Enter))
        && let Ok(expiry) = parsed
    {
        context.ask(Action::SetExpiry(expiry));
        text.clear();
        ui.close();
    }
    ui.data_mut(|data| data.insert_temp(memory, text));
}

/// For an entry without expiry, keeping it and never expiring are the same.
fn chosen_never(chosen: ExpiryDraft) -> ExpiryDraft {
    if chosen == ExpiryDraft::Never {
        ExpiryDraft::Never
    } else {
        ExpiryDraft::Keep
    }
}

fn buttons(ui: &mut Ui, panel: &EntryPanel, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
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
                Some(_) if is_saving => "saving…",
                Some(draft) if draft.is_new() => "",
                Some(_) => "edited",
                None => "",
            };
            ui.label(RichText::new(text).font(tokens.small()).color(tokens.color.dim));
        });
    });
}

/// The choice of how the value is shown.
pub(super) fn view_choice(ui: &mut Ui, view: ValueView, has_preview: bool, context: &mut PanelContext<'_>) {
    let mut chosen = view;
    let choices = match ValueView::ALL.split_last() {
        Some((_, others)) if !has_preview => others,
        _ => &ValueView::ALL,
    };
    if segmented(ui, "How the value is shown", &mut chosen, choices).changed() {
        context.ask(Action::ShowValueAs(chosen));
    }
}
