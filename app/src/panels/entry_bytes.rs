//! The bytes of a value: those that it holds, which can be edited, and those that are stored.

use egui::{RichText, Ui};
use keyglass_store::Encoding;

use super::PanelContext;
use super::entry::DrawnEntry;
use super::entry_value::shown_value;
use crate::action::AppAction;
use crate::content::identity::parted_at;
use crate::model::draft::ParseFailure;
use crate::model::entry_panel::Shown;
use crate::theme;
use crate::widgets::choice::segmented;
use crate::widgets::hex_view::{HexEdit, HexView};
use crate::widgets::value_tree::{EditError, ValuePath, meant_bytes, with_bytes_at};

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnEntry<'_>, context: &mut PanelContext<'_>) {
    let meant = shown_value(drawn.panel)
        .and_then(|(value, _)| meant_bytes(value, drawn.view.value_tree.selected()))
        .map(|(path, _)| path);
    let encoding = drawn.panel.entry().map(|entry| entry.value.encoding);
    let Some(path) = meant else {
        stored(ui, drawn);
        return;
    };
    // A `Uint8Array` as a whole is stored as its bytes, so there is only one thing to show.
    let is_stored_so = path == ValuePath::default() && encoding == Some(Encoding::Bytes);
    if !is_stored_so {
        let what = if path == ValuePath::default() {
            "Bytes".to_owned()
        } else {
            format!("Bytes of {path}")
        };
        let choices = [(false, what.as_str()), (true, "Stored form")];
        segmented(
            ui,
            "Which bytes are shown",
            &mut drawn.view.shows_stored_bytes,
            &choices,
        );
        ui.add_space(4.0);
        if drawn.view.shows_stored_bytes {
            stored(ui, drawn);
            return;
        }
    }
    held(ui, drawn, &path, context);
}

/// The bytes that the value holds, as they are edited.
fn held(ui: &mut Ui, drawn: &mut DrawnEntry<'_>, path: &ValuePath, context: &mut PanelContext<'_>) {
    let draft = drawn.panel.key().and_then(|key| drawn.panel.draft(key));
    let is_saving = draft.is_some_and(|draft| draft.saving.is_some());
    let Some((value, _)) = shown_value(drawn.panel) else {
        return;
    };
    let Some((_, bytes)) = meant_bytes(value, Some(path)) else {
        return;
    };
    let output = HexView::new(&mut drawn.view.hex, "Bytes of the value", bytes)
        .editable(context.environment.writable && !is_saving)
        .show(ui);
    if let Some(complaint) = output.complaint {
        context.ask(AppAction::Complain(complaint));
    }
    if let Some(edit) = output.edit
        && let Err(reason) = apply(drawn, path, &edit)
    {
        context.ask(AppAction::Complain(format!("Not changed: {reason}")));
    }
}

/// Why bytes cannot take the place of others in a value.
#[derive(Debug, thiserror::Error)]
enum BytesError {
    #[error(transparent)]
    Place(#[from] EditError),
    #[error(transparent)]
    Value(#[from] ParseFailure),
}

fn apply(drawn: &mut DrawnEntry<'_>, path: &ValuePath, edit: &HexEdit) -> Result<(), BytesError> {
    let Some((value, _)) = shown_value(drawn.panel) else {
        return Ok(());
    };
    let Some((_, bytes)) = meant_bytes(value, Some(path)) else {
        return Ok(());
    };
    let mut bytes = bytes.to_vec();
    edit.apply(&mut bytes);
    let changed = if drawn.view.edits_only_here {
        with_bytes_at(&parted_at(value, path), path, &bytes)
    } else {
        with_bytes_at(value, path, &bytes)
    };
    let changed = changed?;
    let Some(draft) = drawn.panel.draft_of_shown() else {
        return Ok(());
    };
    Ok(draft.set_value(&changed)?)
}

/// The bytes as they are in the database.
fn stored(ui: &mut Ui, drawn: &mut DrawnEntry<'_>) {
    let tokens = theme::tokens(ui);
    let Shown::Entry(loaded) = &drawn.panel.shown else {
        return;
    };
    let value = &loaded.entry.value;
    let encoding = match value.encoding {
        Encoding::V8 => "Stored in V8's structured-clone format, read-only",
        Encoding::Le64 => "Stored as a 64-bit number, little-endian, read-only",
        Encoding::Bytes => "Stored as they are",
        Encoding::Unknown(_) => "Stored in an encoding that Keyglass does not know",
    };
    ui.label(
        RichText::new(encoding)
            .font(tokens.small())
            .color(tokens.color.dim),
    );
    HexView::new(&mut drawn.view.stored_hex, "Stored bytes", &value.bytes).show(ui);
}
