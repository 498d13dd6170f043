//! What bytes hold: a picture, or data as text.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use egui::{RichText, Ui};

use super::entry::DrawnEntry;
use super::entry_value::shown_value;
use crate::content::blob::BlobKey;
use crate::model::entry_panel::ValueView;
use crate::recognise::{Content, Recognised};
use crate::theme;
use crate::widgets::code_editor::CodeEditor;
use crate::widgets::hex_view::HexView;
use crate::widgets::picture::{Pixels, picture};
use crate::widgets::value_tree::{ValuePath, meant_bytes};

/// Asks the worker to look into the bytes that are meant, if they are others than before.
pub(super) fn look(drawn: &mut DrawnEntry<'_>) {
    let DrawnEntry {
        panel, view, preview, ..
    } = drawn;
    let key = panel.key();
    if let Some(entry) = panel.entry()
        && let Some((blob, _)) = BlobKey::of_entry(&entry.key)
    {
        let mut hasher = DefaultHasher::new();
        (&entry.key, entry.versionstamp).hash(&mut hasher);
        preview.show_blob(hasher.finish(), &blob);
        return;
    }
    let meant = shown_value(panel)
        .and_then(|(value, revision)| Some((meant_bytes(value, view.value_tree.selected())?, revision)));
    let Some(((path, bytes), revision)) = meant else {
        preview.show(None, || &[]);
        return;
    };
    let mut hasher = DefaultHasher::new();
    (key, revision, path).hash(&mut hasher);
    preview.show(Some(hasher.finish()), || bytes);
}

/// The view to show, given the one that was chosen: there is not always a preview.
pub(super) fn offered(drawn: &DrawnEntry<'_>, chosen: ValueView) -> ValueView {
    let is_offered = drawn.preview.found().is_some() || drawn.preview.is_waiting();
    if chosen == ValueView::Preview && !is_offered {
        ValueView::Tree
    } else {
        chosen
    }
}

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnEntry<'_>) {
    let tokens = theme::tokens(ui);
    let identity = drawn.preview.shown().unwrap_or(0);
    let path = shown_value(drawn.panel)
        .and_then(|(value, _)| meant_bytes(value, drawn.view.value_tree.selected()))
        .map(|(path, _)| path)
        .unwrap_or_default();
    let Some(Recognised { title, content, note }) = drawn.preview.found() else {
        // It comes within a few frames.
        return;
    };
    let title = if drawn.preview.blob().is_some() {
        format!("All parts · {title}")
    } else if path == ValuePath::default() {
        title.clone()
    } else {
        format!("{path} · {title}")
    };
    ui.label(RichText::new(&title).color(tokens.color.text));
    if let Some(note) = note {
        ui.label(
            RichText::new(note)
                .font(tokens.small())
                .color(tokens.color.warning),
        );
    }
    ui.add_space(2.0);
    match content {
        Content::Picture(shown) => {
            let pixels = Pixels {
                identity,
                width: shown.width,
                height: shown.height,
                rgba: &shown.rgba,
            };
            picture(ui, &title, pixels);
        }
        Content::Code(text) => {
            CodeEditor::new(&mut text.as_str(), "Decoded bytes").show(ui);
        }
        Content::Text(text) => {
            CodeEditor::new(&mut text.as_str(), "Decoded text")
                .plain()
                .show(ui);
        }
        Content::Bytes(bytes) => {
            HexView::new(&mut drawn.view.unpacked, "Unpacked bytes", bytes).show(ui);
        }
        Content::Nothing => {}
    }
}
