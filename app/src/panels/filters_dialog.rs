//! The dialog of saved filters: to list one, to name what is listed now, to rename and to remove.

use egui::{Align, Key, Layout, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use super::PanelContext;
use super::dialog::heading;
use super::mark::Place;
use crate::action::{AppAction, DatabaseAction};
use crate::dialog::filters::FiltersDialog;
use crate::model::query::Query;
use crate::model::saved_filters::{SavedFilter, SavedFilters, describe};
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, link_button, plain_button, primary_button};
use crate::widgets::dialog_frame::{button_row, dialog};
use crate::widgets::line_text;

/// Height of the list before it scrolls, in points.
const LIST_HEIGHT: f32 = 240.0;

pub(super) fn show(
    ui: &mut Ui,
    state: &mut FiltersDialog,
    (filters, listed): (&SavedFilters, &Query),
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Saved filters", 520.0, |ui| {
        let tokens = theme::tokens(ui);
        heading(ui, "Saved filters", place);
        if filters.is_empty() {
            let text = "No filter of this database is saved yet";
            ui.label(RichText::new(text).color(tokens.color.dim));
        }
        ScrollArea::vertical().max_height(LIST_HEIGHT).show(ui, |ui| {
            for filter in filters.iter() {
                row(ui, filter, state, context);
            }
        });
        if let Some((location, filter)) = &state.removed {
            ui.horizontal(|ui| {
                let text = format!("Filter removed: {}", filter.name);
                ui.label(RichText::new(text).color(tokens.color.dim));
                if ui.add(link_button("Undo")).clicked() {
                    context.ask(AppAction::RestoreFilter(location.clone(), filter.clone()));
                }
            });
        }
        ui.separator();
        let listed = format!("Listed now: {}", describe(listed));
        let job = line_text::job(&listed, tokens.body(), tokens.color.dim);
        let line = line_text::layout(ui.painter(), job, ui.available_width());
        ui.label(line);
        let is_known = filters.get(state.name.trim()).is_some();
        let mut save = false;
        ui.horizontal(|ui| {
            let field = TextEdit::singleline(&mut state.name)
                .id(egui::Id::unique("filter name"))
                .hint_text("A name for it")
                .desired_width(ui.available_width() - 110.0);
            let response = ui.add(field).accessible_name("Name of the filter");
            if response.changed() {
                state.error = None;
            }
            save |= response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if ui.memory(|memory| memory.focused().is_none()) && state.renamed.is_none() {
                response.request_focus();
            }
            let text = if is_known { "Replace" } else { "Save" };
            save |= ui.add(primary_button(text).min_width(96.0)).clicked();
        });
        if save {
            context.ask(DatabaseAction::SaveFilter(state.name.clone()));
        }
        if let Some(error) = &state.error {
            ui.label(RichText::new(error).color(tokens.color.bad));
        }
        button_row(ui, |ui| {
            if ui.add(plain_button("Close")).clicked() {
                context.ask(AppAction::CloseDialog);
            }
        });
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

fn row(ui: &mut Ui, filter: &SavedFilter, state: &mut FiltersDialog, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    if let Some((old, new)) = &mut state.renamed
        && *old == filter.name
    {
        let field = TextEdit::singleline(new)
            .id(egui::Id::unique("new filter name"))
            .desired_width(f32::INFINITY);
        let response = ui.add(field).accessible_name("New name of the filter");
        let is_taken = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if is_taken {
            context.ask(DatabaseAction::RenameFilter(old.clone(), new.clone()));
        } else if response.lost_focus()
            || ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
        {
            state.renamed = None;
        } else {
            response.request_focus();
        }
        return;
    }
    ui.horizontal(|ui| {
        ui.set_min_height(tokens.size.table_row);
        let name = &filter.name;
        let apply = ui.add(link_button(name).icon(icons::BOOKMARK));
        if apply.on_hover_text("List this").clicked() {
            context.ask(DatabaseAction::ApplyFilter(name.clone()));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui
                .add(IconButton::new(icons::TRASH, &format!("Remove {name}")))
                .clicked()
            {
                context.ask(DatabaseAction::RemoveFilter(name.clone()));
            }
            if ui
                .add(IconButton::new(icons::PENCIL, &format!("Rename {name}")))
                .clicked()
            {
                state.error = None;
                state.renamed = Some((name.clone(), name.clone()));
            }
            let about = filter.query().as_ref().map(describe).unwrap_or_default();
            let job = line_text::job(&about, tokens.mono_small(), tokens.color.dim);
            let line = line_text::layout(ui.painter(), job, ui.available_width() - 12.0);
            ui.label(line);
        });
    });
}
