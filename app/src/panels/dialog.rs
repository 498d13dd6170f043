//! Dialogs: questions, the options of an export and an import, go to key, shortcuts, about.

use std::mem::{Discriminant, discriminant};

use egui::{Key, Modifiers, RichText, TextEdit, Ui};
use keyglass_store::database::Counted;
use keyglass_store::transfer::Format;

use super::PanelContext;
use super::mark::Place;
use super::path_dialog::PathView;
use super::question::Answer;
use crate::action::{AppAction, DatabaseAction, ExportChoice};
use crate::command::Command;
use crate::dialog::Dialog;
use crate::dialog::go_to::GoTo;
use crate::dialog::path::PathEvent;
use crate::format;
use crate::model::backup::RestoreCheck;
use crate::model::history_rule::KnownRules;
use crate::model::import::ImportCheck;
use crate::model::query::Query;
use crate::model::saved_filters::SavedFilters;
use crate::model::serving::ServingModel;
use crate::model::target::Target;
use crate::theme;
use crate::widgets::button::{plain_button, primary_button};
use crate::widgets::choice::segmented;
use crate::widgets::dialog_frame::{button_row, dialog};
use crate::widgets::key_text;
use crate::widgets::row_scroller::ScrollPosition;

/// How the dialog that is open is looked at.
#[derive(Debug, Default)]
pub struct DialogView {
    of: Option<Discriminant<Dialog>>,
    path: PathView,
    palette: ScrollPosition,
}

impl DialogView {
    /// Looks at another dialog from its beginning.
    pub(super) fn follow(&mut self, open: Option<&Dialog>) {
        let of = open.map(discriminant);
        if self.of != of {
            *self = Self {
                of,
                ..Self::default()
            };
        }
    }
}

/// The title of a dialog, and under it the database that it is about, where several are open or it is marked.
pub(super) fn heading(ui: &mut Ui, title: &str, place: Option<Place<'_>>) {
    let tokens = theme::tokens(ui);
    ui.label(RichText::new(title).font(tokens.heading()));
    if let Some(place) = place {
        place.show(ui);
    }
}

/// What a dialog is drawn from besides itself: the database that it was opened for.
#[derive(Clone, Copy)]
pub struct DialogSubject<'a> {
    /// The name of the database.
    pub title: &'a str,
    /// Its saved filters.
    pub filters: &'a SavedFilters,
    /// What its table lists.
    pub listed: &'a Query,
    /// What an import would do.
    pub import_check: &'a ImportCheck,
    /// Which earlier versions are kept.
    pub history_rules: &'a KnownRules,
    /// What restoring would do.
    pub restore_check: &'a RestoreCheck,
    /// Whether it shows a view of one moment.
    pub is_consistent: bool,
    /// Whether it is served.
    pub serving: &'a ServingModel,
    /// How many entries the question concerns.
    pub asked: Option<Counted>,
}

/// Draws the dialog that is open. `place` names the database that it was opened for where several are open or it is marked.
pub fn show(
    ui: &mut Ui,
    open: &mut Dialog,
    view: &mut DialogView,
    subject: Option<DialogSubject<'_>>,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    match open {
        Dialog::Path(asked, purpose) => {
            for event in super::path_dialog::show(ui.ctx(), asked, &mut view.path) {
                context.ask(match event {
                    PathEvent::List(folder) => AppAction::ListFolder(folder),
                    PathEvent::Chosen(path) => AppAction::UsePath(purpose.clone(), path),
                    PathEvent::Cancelled => AppAction::CloseDialog,
                });
            }
        }
        Dialog::Question(question) => match super::question::show(ui.ctx(), &mut question.confirm, place) {
            Some(Answer::Confirmed) => context.ask(question.answered()),
            Some(Answer::Cancelled) => context.ask(AppAction::CloseDialog),
            None => {}
        },
        Dialog::Export(_, choice) => export(ui, choice, subject, place, context),
        Dialog::Unlock(_, choice, typed) => super::unlock::show(ui, choice, typed, place, context),
        Dialog::Notification(draft) => super::notification_dialog::show(ui, draft, place, context),
        Dialog::HistoryRule(draft) => {
            if let Some(subject) = subject {
                super::history_rule_dialog::show(ui, draft, subject.history_rules, place, context);
            }
        }
        Dialog::Mark(draft) => super::mark_dialog::show(ui, draft, place, context),
        Dialog::Connect(draft) => super::connect_dialog::show(ui, draft, context),
        Dialog::CopyServer(draft) => super::copy_server_dialog::show(ui, draft, place, context),
        Dialog::Compare(draft) => super::compare_dialog::show(ui, draft, place, context),
        Dialog::CopyTo(draft) => {
            let counted = subject.and_then(|subject| subject.asked);
            super::copy_dialog::show(ui, draft, counted, place, context);
        }
        Dialog::BackUp(draft) => {
            let is_consistent = subject.is_none_or(|subject| subject.is_consistent);
            super::backup_dialog::show(ui, draft, is_consistent, place, context);
        }
        Dialog::Restore(draft) => {
            if let Some(subject) = subject {
                super::restore_dialog::show(ui, draft, subject.restore_check, place, context);
            }
        }
        Dialog::Import(draft) => {
            if let Some(subject) = subject {
                super::import_dialog::show(ui, draft, subject.import_check, place, context);
            }
        }
        Dialog::Recover(shown) => super::recover_dialog::show(ui, shown, context),
        Dialog::Message(draft) => super::message_dialog::show(ui, draft, place, context),
        Dialog::Code(draft) => super::code_dialog::show(ui, draft, place, context),
        Dialog::Indexes(review) => super::index_dialog::show(ui, review, place, context),
        Dialog::Rebase(review) => super::transaction::show_rebase(ui, review, place, context),
        Dialog::Expiry(asked) => super::unseen_expiries::show(ui, asked, place, context),
        Dialog::Serve(draft) => {
            if let Some(subject) = subject {
                super::serve_dialog::show(ui, draft, subject.serving, place, context);
            }
        }
        Dialog::GoTo(go_to) => go_to_key(ui, go_to, place, context),
        Dialog::Filters(state) => {
            if let Some(DialogSubject { filters, listed, .. }) = subject {
                super::filters_dialog::show(ui, state, (filters, listed), place, context);
            }
        }
        Dialog::Palette(state) => super::palette::show(ui, state, &mut view.palette, context),
        Dialog::Shortcuts => shortcuts(ui, context),
        Dialog::About => about(ui, context),
    }
}

/// The buttons of a dialog: what to do, and Cancel. True if it shall be done.
pub(super) fn buttons(ui: &mut Ui, text: &str, context: &mut PanelContext<'_>) -> bool {
    buttons_if(ui, text, true, context)
}

/// The same, where it may be that it cannot be done.
pub(super) fn buttons_if(ui: &mut Ui, text: &str, can_do: bool, context: &mut PanelContext<'_>) -> bool {
    ui.add_space(4.0);
    button_row(ui, |ui| {
        let done = ui.add_enabled(can_do, primary_button(text)).clicked();
        if ui.add(plain_button("Cancel")).clicked() {
            context.ask(AppAction::CloseDialog);
        }
        done || can_do && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter))
    })
}

fn export(
    ui: &mut Ui,
    choice: &mut ExportChoice,
    subject: Option<DialogSubject<'_>>,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Export", 420.0, |ui| {
        let tokens = theme::tokens(ui);
        heading(ui, "Export", place);
        ui.horizontal_wrapped(|ui| {
            match &choice.target {
                Target::Selected(_) => {
                    let text = match choice.target.lines().as_slice() {
                        [range] => format!("Entries in {range}"),
                        _ => "The selected entries".to_owned(),
                    };
                    ui.label(RichText::new(text).color(tokens.color.dim));
                }
                Target::Below(prefix) if prefix.as_bytes().is_empty() => {
                    let name = subject.map_or("the database", |subject| subject.title);
                    ui.label(RichText::new(format!("All entries of {name}")).color(tokens.color.dim));
                }
                Target::Below(prefix) => {
                    ui.label(RichText::new("Entries at and below").color(tokens.color.dim));
                    match prefix.decode() {
                        Ok(key) => ui.label(key_text::key_job(tokens, &key)),
                        Err(_) => ui.label(prefix.to_string()),
                    };
                }
            }
            if let Some(counted) = subject.and_then(|subject| subject.asked) {
                let number = format!("({})", format::tally(&counted));
                ui.label(RichText::new(number).color(tokens.color.dim));
            }
        });
        let formats = [
            (Format::Ndjson, "NDJSON"),
            (Format::Json, "JSON"),
            (Format::Js, "JavaScript"),
        ];
        segmented(ui, "Format", &mut choice.format, &formats);
        let about = match choice.format {
            Format::Ndjson => {
                "One line an entry, every type and expiry exact. Keyglass and Deno's KV tools import it."
            }
            Format::Json => {
                "One array with ordinary JSON values where they are exact. For scripts and people."
            }
            Format::Js => "One array of JavaScript literals. To paste into a program.",
        };
        ui.label(RichText::new(about).color(tokens.color.dim));
        let counted = subject.and_then(|subject| subject.asked);
        let expired = counted.map_or(0, |counted| counted.expired);
        if expired > 0 {
            let text = format!("With the {} expired", format::count(expired));
            ui.checkbox(&mut choice.expired, text)
                .on_hover_text("They are in the file, and Deno drops them as it opens it");
        }
        if buttons(ui, "Export…", context) {
            context.ask(DatabaseAction::StartExport(choice.clone()));
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

fn go_to_key(ui: &mut Ui, go_to: &mut GoTo, place: Option<Place<'_>>, context: &mut PanelContext<'_>) {
    let modal = dialog(ui.ctx(), "Go to key", 460.0, |ui| {
        let tokens = theme::tokens(ui);
        heading(ui, "Go to key", place);
        let field = TextEdit::singleline(&mut go_to.text)
            .id(egui::Id::unique("go to key text"))
            .font(tokens.mono())
            .hint_text(RichText::new("[\"users\", 42n]").font(tokens.mono()))
            .desired_width(f32::INFINITY);
        let response = ui.add(field).accessible_name("Key");
        if response.changed() {
            go_to.error = None;
        }
        if !response.has_focus() && go_to.text.is_empty() {
            response.request_focus();
        }
        if let Some(error) = &go_to.error {
            ui.label(RichText::new(error).color(tokens.color.bad));
        } else {
            ui.label(
                RichText::new("Parts as JavaScript: strings, numbers, bigints (42n), true, false, u8[01 ff]")
                    .color(tokens.color.dim),
            );
        }
        if buttons(ui, "Go", context) {
            match go_to.text.parse::<keyglass_store::Key>() {
                Ok(key) => match key.encode() {
                    Ok(encoded) => context.ask(DatabaseAction::GoTo(encoded)),
                    Err(error) => go_to.error = Some(error.to_string()),
                },
                Err(error) => go_to.error = Some(error.to_string()),
            }
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

/// Keys that are no commands.
const LIST_KEYS: [(&str, &str); 13] = [
    ("↑ ↓", "Go through rows"),
    ("Page Up, Page Down", "A page at a time"),
    ("Home, End", "First and last row"),
    ("Shift with these", "Select rows from here to there"),
    ("Ctrl+Space", "Select this row, too, or not"),
    ("← →", "Fold and unfold"),
    ("a letter", "Next key in the tree or table that begins so"),
    ("Enter", "Fold a node, edit an entry"),
    ("Menu, Shift+F10", "Menu of a row"),
    ("F2 in a value", "Rename a property"),
    ("Alt+Up, Alt+Down", "Move a part of a value"),
    ("Tab", "Next field or panel"),
    ("Escape", "Close a dialog, leave a field"),
];

/// Points that the sheet of shortcuts leaves above and below its rows.
const SHEET_MARGIN: f32 = 190.0;

fn shortcuts(ui: &mut Ui, context: &mut PanelContext<'_>) {
    let modal = dialog(ui.ctx(), "Keyboard shortcuts", 780.0, |ui| {
        let tokens = theme::tokens(ui);
        ui.label(RichText::new("Keyboard shortcuts").font(tokens.heading()));
        let commands = Command::ALL.into_iter().filter_map(|command| {
            let shortcuts = [command.shortcut(), command.other_shortcut()];
            let shortcuts = shortcuts.iter().flatten();
            let keys: Vec<String> = shortcuts.map(|keys| ui.ctx().format_shortcut(keys)).collect();
            (!keys.is_empty()).then(|| (keys.join(", "), command.text().to_owned()))
        });
        let rows: Vec<(String, String)> = commands
            .chain(LIST_KEYS.map(|(keys, text)| (keys.to_owned(), text.to_owned())))
            .collect();
        let half = rows.len().div_ceil(2);
        let room = ui.ctx().content_rect().height() - SHEET_MARGIN;
        egui::ScrollArea::vertical().max_height(room).show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 0.0;
            ui.spacing_mut().item_spacing.x = 24.0;
            ui.columns(2, |columns| {
                for (index, (column, rows)) in columns.iter_mut().zip(rows.chunks(half)).enumerate() {
                    egui::Grid::new(("shortcuts", index))
                        .num_columns(2)
                        .spacing([16.0, 3.0])
                        .show(column, |ui| {
                            for (keys, text) in rows {
                                ui.label(RichText::new(keys).font(tokens.mono()).color(tokens.color.accent));
                                ui.label(text);
                                ui.end_row();
                            }
                        });
                }
            });
        });
        button_row(ui, |ui| {
            if ui.add(primary_button("Close")).clicked() {
                context.ask(AppAction::CloseDialog);
            }
        });
    });
    if modal.is_left() {
        context.ask(AppAction::CloseDialog);
    }
}

fn about(ui: &mut Ui, context: &mut PanelContext<'_>) {
    let modal = dialog(ui.ctx(), "About Keyglass", 380.0, |ui| {
        let tokens = theme::tokens(ui);
        ui.label(RichText::new(format!("Keyglass {}", env!("CARGO_PKG_VERSION"))).font(tokens.heading()));
        ui.label("A native inspector for Deno KV databases.");
        ui.label(
            RichText::new("MIT licence. Inter and JetBrains Mono under the SIL Open Font License, Phosphor icons under the MIT licence.")
                .color(tokens.color.dim),
        );
        button_row(ui, |ui| {
            if ui.add(primary_button("Close")).clicked() {
                context.ask(AppAction::CloseDialog);
            }
        });
    });
    if modal.is_left() {
        context.ask(AppAction::CloseDialog);
    }
}
