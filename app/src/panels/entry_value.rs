//! The value of an entry in its four views, and what changed outside while it was edited.

use std::cell::OnceCell;

use egui::{RichText, Ui};
use keyglass_store::value::{Value, literal};

use super::entry::DrawnEntry;
use super::entry_view::{Comparison, ShownChanges};
use super::{PanelContext, entry, entry_bytes, entry_preview, shared_parts};
use crate::action::{AppAction, DatabaseAction};
use crate::command::Command;
use crate::content::row::{LoadedEntry, pretty_json};
use crate::content::value_changes::ValueChanges;
use crate::model::draft::{Draft, ParseFailure};
use crate::model::entry_panel::{EntryPanel, Shown, ValueView};
use crate::theme;
use crate::widgets::button::{plain_button, primary_button, quiet_button};
use crate::widgets::choice::segmented;
use crate::widgets::code_editor::{CodeEditor, CodeError};
use crate::widgets::diff::{Diff, DiffLayout, show_diff};
use crate::widgets::value_tree::{self, ValueTree, ValueTreeEvent};

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnEntry<'_>, view: ValueView, context: &mut PanelContext<'_>) {
    if drawn
        .panel
        .current()
        .is_some_and(|draft| draft.theirs().is_some())
    {
        changed_outside(ui, drawn, context);
        return;
    }
    if drawn.panel.new_entry.is_some() {
        // A new entry is typed; there is nothing stored to look at in another way.
        code(ui, drawn, context);
        return;
    }
    entry_preview::look(drawn);
    let view = entry_preview::offered(drawn, view);
    let has_preview = drawn.preview.found().is_some() || view == ValueView::Preview;
    entry::view_choice(ui, view, has_preview, context);
    ui.add_space(6.0);
    let broken = match &drawn.panel.shown {
        Shown::Entry(loaded) => loaded.value.as_ref().err().cloned(),
        _ => None,
    };
    if let Some(reason) = broken.filter(|_| view != ValueView::Hex) {
        let tokens = theme::tokens(ui);
        let text = format!("{reason}. Its bytes are under Hex.");
        ui.label(RichText::new(text).color(tokens.color.bad));
        return;
    }
    shared_parts::show(ui, drawn, view, context);
    match view {
        ValueView::Tree => tree(ui, drawn, context),
        ValueView::Code => code(ui, drawn, context),
        ValueView::Hex => entry_bytes::show(ui, drawn, context),
        ValueView::Json => json(ui, drawn),
        ValueView::Preview => entry_preview::show(ui, drawn),
    }
}

/// The value as it is shown, with what was edited, and a number that changes with it.
pub(super) fn shown_value(panel: &EntryPanel) -> Option<(&Value, u64)> {
    let draft = panel.key().and_then(|key| panel.draft(key));
    let (value, revision) = match (draft, &panel.shown) {
        (Some(draft), _) => (draft.value()?, draft.revision()),
        (None, Shown::Entry(loaded)) => (loaded.value.as_ref().ok()?, 0),
        _ => return None,
    };
    let stamp = panel.entry().map_or(0, |entry| entry.versionstamp.counter());
    Some((value, stamp.wrapping_mul(1 << 20).wrapping_add(revision)))
}

/// Compares what was edited with what was seen, if either is another one by now.
pub(super) fn compare(drawn: &mut DrawnEntry<'_>) {
    let DrawnEntry { panel, view, .. } = drawn;
    let draft = panel.key().and_then(|key| Some((key, panel.draft(key)?)));
    let compared = draft.and_then(|(key, draft)| {
        let seen = draft.seen().filter(|_| draft.is_changed())?;
        let values = (seen.value.as_ref().ok()?, draft.value()?);
        let stamp = Some(seen.entry.versionstamp);
        Some(((key, stamp, draft.revision()), values))
    });
    let Some(((key, stamp, revision), (before, after))) = compared else {
        view.value_changes = None;
        return;
    };
    let known = view.value_changes.as_ref().map(|shown| &shown.of);
    if known.is_none_or(|of| (&of.0, of.1, of.2) != (key, stamp, revision)) {
        view.value_changes = Some(ShownChanges {
            of: (key.clone(), stamp, revision),
            changes: ValueChanges::between(before, after),
            json: OnceCell::new(),
        });
    }
}

fn no_value(ui: &mut Ui) {
    let color = theme::tokens(ui).color.warning;
    ui.label(RichText::new("The text under Code is no value yet").color(color));
}

fn tree(ui: &mut Ui, drawn: &mut DrawnEntry<'_>, context: &mut PanelContext<'_>) {
    let writable = context.environment.writable;
    let DrawnEntry { panel, view, .. } = drawn;
    let draft = panel.key().and_then(|key| panel.draft(key));
    let Some((value, revision)) = shown_value(panel) else {
        no_value(ui);
        return;
    };
    let is_saving = draft.is_some_and(|draft| draft.saving.is_some());
    let output = ValueTree::new(&mut view.value_tree, value, revision)
        .editable(writable && !is_saving)
        .changes(view.value_changes.as_ref().map(|shown| &shown.changes))
        .now(context.now)
        .show(ui);
    let mut edited = None;
    for event in output.events {
        match &event {
            ValueTreeEvent::Copy(text) => {
                context.ask(AppAction::Copy(text.clone()));
                continue;
            }
            ValueTreeEvent::EditCode => {
                context.ask(Command::EditValue);
                continue;
            }
            _ => {}
        }
        let apply = if view.edits_only_here {
            value_tree::apply_here
        } else {
            value_tree::apply
        };
        match apply(value, &event) {
            Ok(change) => edited = Some((change, matches!(event, ValueTreeEvent::Add(_)))),
            Err(error) => context.ask(AppAction::Complain(error.to_string())),
        }
    }
    let Some((change, is_new)) = edited else { return };
    let Some(draft) = panel.draft_of_shown() else {
        return;
    };
    match draft.set_value(&change.value) {
        Ok(()) if is_new => view.value_tree.begin_added(&change.value, change.path),
        Ok(()) => view.value_tree.select(change.path),
        Err(failure) => context.ask(AppAction::Complain(format!("Not changed: {failure}"))),
    }
}

/// Texts longer than this take a while to lay out, so they are shown only when asked for. In bytes.
const LONG_TEXT: usize = 120_000;

/// Asks whether a long text shall be shown. True if it shall not, so far.
fn is_withheld(ui: &mut Ui, length: usize, wanted: &mut bool) -> bool {
    if length <= LONG_TEXT || *wanted {
        return false;
    }
    let tokens = theme::tokens(ui);
    let size = crate::format::bytes(length as u64);
    ui.add_space(8.0);
    let text = format!("This text has {size}, which takes a moment to show. Tree and Hex show it at once.");
    ui.label(RichText::new(text).color(tokens.color.dim));
    ui.add_space(8.0);
    *wanted = ui.add(plain_button("Show the text")).clicked();
    !*wanted
}

fn code(ui: &mut Ui, drawn: &mut DrawnEntry<'_>, context: &mut PanelContext<'_>) {
    let writable = context.environment.writable;
    let id = egui::Id::unique("value code");
    if let Shown::Entry(loaded) = &drawn.panel.shown
        && drawn.panel.new_entry.is_none()
        && is_withheld(ui, loaded.code.len(), &mut drawn.view.shows_long_text)
    {
        return;
    }
    let mut focus_value = drawn.panel.focus_value;
    let draft = match &mut drawn.panel.new_entry {
        Some(draft) => Some(draft),
        None => drawn.panel.draft_of_shown(),
    };
    let Some(draft) = draft else { return };
    if focus_value {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    if writable && draft.saving.is_none() {
        let error = code_error(draft);
        let editor = CodeEditor::new(&mut draft.text, "Value as JavaScript").id(id);
        let response = editor.error(error.as_ref()).show(ui);
        // A long text is no field in its first frames.
        focus_value &= response.id != id;
        if response.changed() {
            draft.parse();
        }
        if left_by_escape(ui, &response) {
            context.ask(DatabaseAction::FocusTable);
        }
    } else {
        let mut text = draft.text.as_str();
        let response = CodeEditor::new(&mut text, "Value as JavaScript").id(id).show(ui);
        focus_value &= response.id != id;
        if left_by_escape(ui, &response) {
            context.ask(DatabaseAction::FocusTable);
        }
    }
    drawn.panel.focus_value = focus_value;
}

fn left_by_escape(ui: &Ui, response: &egui::Response) -> bool {
    response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Escape))
}

fn code_error(draft: &Draft) -> Option<CodeError> {
    match draft.problem()? {
        // Nothing typed yet is no mistake.
        ParseFailure::Literal(_) if draft.text.trim().is_empty() => None,
        ParseFailure::Literal(error) => Some(CodeError::from(error)),
        ParseFailure::Value(message) => Some(CodeError {
            at: 0..0,
            message: message.clone(),
        }),
    }
}

fn json(ui: &mut Ui, drawn: &mut DrawnEntry<'_>) {
    let Shown::Entry(loaded) = &drawn.panel.shown else {
        return;
    };
    if is_withheld(ui, loaded.json.len(), &mut drawn.view.shows_long_text) {
        return;
    }
    let Some((value, _)) = shown_value(drawn.panel) else {
        no_value(ui);
        return;
    };
    let edited = drawn.view.value_changes.as_ref();
    let mut text = edited.map_or(loaded.json.as_str(), |edited| {
        edited.json.get_or_init(|| pretty_json(value)).as_str()
    });
    let id = egui::Id::unique("value json");
    CodeEditor::new(&mut text, "Value as interchange JSON")
        .id(id)
        .show(ui);
}

/// Says that the entry changed since the edit began, compares, and offers the ways on.
fn changed_outside(ui: &mut Ui, drawn: &mut DrawnEntry<'_>, context: &mut PanelContext<'_>) {
    let Some(draft) = drawn.panel.current() else {
        return;
    };
    let Some(theirs) = draft.theirs() else { return };
    let title = match (draft.conflict.is_some(), theirs.is_some()) {
        (true, true) if draft.seen().is_none() => "Not created: an entry stands under this key already",
        (true, true) => "Not saved: the entry changed since you began",
        (true, false) => "Not saved: the entry was deleted since you began",
        (false, true) => "Changed outside while you edit",
        (false, false) => "Deleted outside while you edit",
    };
    ways_on(ui, title, context);
    // One field a line, however it was typed, so that fields are compared.
    let by_field = |value: &Value| literal::print(value, 1);
    let of_entry = |loaded: Option<&LoadedEntry>| {
        loaded
            .and_then(|loaded| loaded.value.as_ref().ok())
            .map(by_field)
            .unwrap_or_default()
    };
    let seen = of_entry(draft.seen());
    let theirs = of_entry(theirs);
    let mine = draft.value().map_or_else(|| draft.text.clone(), by_field);
    ui.add_space(4.0);
    let choices = [
        (Comparison::NowToMine, "Now → mine"),
        (Comparison::SeenToNow, "Seen → now"),
        (Comparison::SeenToMine, "Seen → mine"),
    ];
    segmented(ui, "What is compared", &mut drawn.view.comparison, &choices);
    ui.add_space(4.0);
    let (old, new) = match drawn.view.comparison {
        Comparison::NowToMine => (theirs, mine),
        Comparison::SeenToNow => (seen, theirs),
        Comparison::SeenToMine => (seen, mine),
    };
    let is_cached = drawn
        .view
        .diff
        .as_ref()
        .is_some_and(|((known_old, known_new), _)| *known_old == old && *known_new == new);
    if !is_cached {
        let diff = Diff::between(&old, &new);
        drawn.view.diff = Some(((old, new), diff));
    }
    if let Some((_, diff)) = &drawn.view.diff {
        show_diff(
            ui,
            &mut drawn.view.diff_scroll,
            "Comparison",
            diff,
            DiffLayout::Inline,
        );
    }
}

/// The banner with what can be done about it.
fn ways_on(ui: &mut Ui, title: &str, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let frame = egui::Frame::NONE
        .fill(tokens.color.flash)
        .corner_radius(tokens.size.radius)
        .inner_margin(egui::Margin::symmetric(10, 8));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 6.0;
        ui.label(
            RichText::new(title)
                .font(tokens.strong())
                .color(tokens.color.text),
        );
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(6.0, 6.0);
            let ways = [
                (
                    primary_button("Save mine"),
                    "Overwrite what stands there now with your text",
                    DatabaseAction::OverwriteTheirs,
                ),
                (
                    plain_button("Take theirs"),
                    "Give up your text and show what stands there now",
                    DatabaseAction::TakeTheirs,
                ),
                (
                    quiet_button("Edit on"),
                    "Keep your text, and check the next save against what stands there now",
                    DatabaseAction::EditOn,
                ),
            ];
            for (button, tooltip, action) in ways {
                let enabled = context.environment.writable || action == DatabaseAction::TakeTheirs;
                if ui
                    .add_enabled(enabled, button.small())
                    .on_hover_text(tooltip)
                    .clicked()
                {
                    context.ask(action);
                }
            }
        });
    });
}
