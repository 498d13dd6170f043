//! What of a value is one object in several places, and what an edit does to it.

use egui::{RichText, Ui};
use keyglass_store::value::{Value, is_written_with_marks};

use super::PanelContext;
use super::entry::DrawnEntry;
use super::entry_value::shown_value;
use super::entry_view::ShownShared;
use crate::action::AppAction;
use crate::content::identity::{Parted, SharedObject, joined, shared_objects};
use crate::content::value_path::ValuePath;
use crate::model::entry_panel::ValueView;
use crate::theme;
use crate::widgets::button::plain_button;
use crate::widgets::choice::segmented;

/// The most objects that are told of at once.
const TOLD: usize = 3;
/// The most places that are named of one object.
const NAMED: usize = 4;

/// Says it above the tree or the code, if there is anything to say.
pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnEntry<'_>, view: ValueView, context: &mut PanelContext<'_>) {
    remember(drawn);
    let draft = drawn.panel.key().and_then(|key| drawn.panel.draft(key));
    let parted: Vec<Parted> = draft.map(|draft| draft.parted().to_vec()).unwrap_or_default();
    if !parted.is_empty() {
        parted_objects(ui, drawn, &parted, context);
        return;
    }
    let Some(shared) = &drawn.view.shared else {
        return;
    };
    match view {
        ValueView::Tree => {
            let selected = drawn.view.value_tree.selected();
            let meant = selected.and_then(|selected| {
                let is_within = |place: &&ValuePath| selected.0.starts_with(&place.0);
                let found = |object: &SharedObject| object.places.iter().find(is_within).cloned();
                let of = |object| Some((object, found(object)?));
                shared
                    .objects
                    .iter()
                    .filter_map(of)
                    .max_by_key(|(_, place)| place.0.len())
            });
            let Some((object, place)) = meant else { return };
            let others: Vec<&ValuePath> = object.places.iter().filter(|other| **other != place).collect();
            note(ui, &format!("{place} is the same object as {}", list(&others)));
            if context.environment.writable {
                let choices = [(false, "Change it everywhere"), (true, "Change it only here")];
                segmented(
                    ui,
                    "What an edit changes",
                    &mut drawn.view.edits_only_here,
                    &choices,
                );
                ui.add_space(4.0);
            }
        }
        ValueView::Code if shared.has_marks => note(
            ui,
            "Objects that stand in several places are written once: &1 marks such an object and *1 stands for it. \
             Written out, the text would be far too long",
        ),
        ValueView::Code => {
            for object in shared.objects.iter().take(TOLD) {
                let places: Vec<&ValuePath> = object.places.iter().collect();
                note(
                    ui,
                    &format!("{} are one object, as long as they are equal", list(&places)),
                );
            }
            if let Some(more) = shared.objects.len().checked_sub(TOLD + 1) {
                note(
                    ui,
                    &format!("… and {} more objects stand in several places", more + 1),
                );
            }
        }
        _ => {}
    }
}

/// Finds the shared objects of what is shown, if it is another value by now.
fn remember(drawn: &mut DrawnEntry<'_>) {
    let of = |(key, (value, revision)): (_, (&Value, u64))| (key, value.clone(), revision);
    let shown = drawn.panel.key().cloned().zip(shown_value(drawn.panel));
    let is_known = match (&shown, &drawn.view.shared) {
        (Some((key, (_, revision))), Some(shared)) => shared.of == (key.clone(), *revision),
        (None, None) => true,
        _ => false,
    };
    if is_known {
        return;
    }
    let is_same_entry = match (&shown, &drawn.view.shared) {
        (Some((key, _)), Some(shared)) => shared.of.0 == *key,
        _ => false,
    };
    drawn.view.edits_only_here &= is_same_entry;
    drawn.view.shared = shown.map(of).map(|(key, value, revision)| ShownShared {
        of: (key, revision),
        objects: shared_objects(&value),
        has_marks: is_written_with_marks(&value),
    });
}

/// `a, b and c`
fn list(places: &[&ValuePath]) -> String {
    let mut names: Vec<String> = places.iter().take(NAMED).map(ToString::to_string).collect();
    let more = places.len().saturating_sub(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

fn note(ui: &mut Ui, text: &str) {
    let color = theme::tokens(ui).color.dim;
    ui.label(RichText::new(text).color(color));
    ui.add_space(4.0);
}

/// Says which places were one object, and offers to make them one again.
fn parted_objects(
    ui: &mut Ui,
    drawn: &mut DrawnEntry<'_>,
    parted: &[Parted],
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    for object in parted.iter().take(TOLD) {
        let places: Vec<&ValuePath> = object.objects.iter().flatten().collect();
        let number = match object.objects.len() {
            2 => "two".to_owned(),
            number => number.to_string(),
        };
        let text = format!("{} were one object, they are {number} now", list(&places));
        ui.label(RichText::new(text).color(tokens.color.warning));
        if !context.environment.writable {
            continue;
        }
        ui.horizontal_wrapped(|ui| {
            for keep in object
                .objects
                .iter()
                .filter_map(|places| places.first())
                .take(NAMED)
            {
                let text = format!("All as {keep}");
                let button = plain_button(&text).small();
                let tooltip = format!("All of these places get what stands in {keep}, as one object again");
                if ui.add(button).on_hover_text(tooltip).clicked() {
                    join(drawn, object, keep, context);
                }
            }
        });
        ui.add_space(4.0);
    }
}

fn join(drawn: &mut DrawnEntry<'_>, object: &Parted, keep: &ValuePath, context: &mut PanelContext<'_>) {
    let Some(draft) = drawn.panel.draft_of_shown() else {
        return;
    };
    let Some(value) = draft.value().and_then(|value| joined(value, object, keep)) else {
        return;
    };
    if let Err(failure) = draft.set_value(&value) {
        context.ask(AppAction::Complain(format!("Not changed: {failure}")));
    }
}
