//! What the dialogs of an import and of a restore share: where from, what would happen, and the buttons.

use std::path::Path;

use egui::{Align, Layout, RichText, TextEdit, Ui};

use super::PanelContext;
use super::dialog::buttons_if;
use super::typed_name;
use crate::format;
use crate::model::dry_run::DryRun;
use crate::model::key_draft::KeyError;
use crate::model::typed_name::{TypedName, is_given};
use crate::theme;
use crate::widgets::dialog_frame::field_label;
use crate::widgets::line_text;

/// Points that the labels of the options take.
pub(super) const LABEL_WIDTH: f32 = 110.0;

/// The file or folder that it comes from.
pub(super) fn source(ui: &mut Ui, path: &Path) {
    let tokens = theme::tokens(ui);
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = format!("From {}", name.to_string_lossy());
    let job = line_text::job(&name, tokens.body(), tokens.color.dim);
    let line = line_text::layout(ui.painter(), job, ui.available_width());
    ui.label(line).on_hover_text(path.display().to_string());
}

/// A field for a prefix, with what it is called.
pub(super) fn prefix_field(ui: &mut Ui, name: &str, hint: &str, prefix: &mut String) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        field_label(ui, name, LABEL_WIDTH);
        let field = TextEdit::singleline(prefix)
            .id(egui::Id::unique(name))
            .font(tokens.mono())
            .hint_text(RichText::new(hint).color(tokens.color.dim))
            .desired_width(f32::INFINITY);
        ui.add(field).accessible_name(name);
    });
}

/// What would happen, in a room of `height` points, so that the dialog stays where it is while that is found out.
pub(super) fn outcome<Choice: PartialEq, Preview>(
    ui: &mut Ui,
    height: f32,
    choice: &Result<Choice, KeyError>,
    check: &DryRun<Choice, Preview>,
    show: impl FnOnce(&mut Ui, &Preview),
) {
    let tokens = theme::tokens(ui);
    let size = egui::vec2(ui.available_width(), height);
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        ui.set_min_height(height);
        let bad = |text: String| RichText::new(text).color(tokens.color.bad);
        match choice.as_ref().map(|choice| check.answer(choice)) {
            Err(error) => {
                ui.label(bad(error.to_string()));
            }
            Ok(None) => {
                let percent = check
                    .fraction
                    .map(|fraction| format!(" · {} %", (fraction * 100.0) as u32));
                let text = format!("Looking what would happen…{}", percent.unwrap_or_default());
                ui.label(RichText::new(text).color(tokens.color.dim));
            }
            Ok(Some(Err(error))) => {
                ui.label(bad(error.to_string()));
            }
            Ok(Some(Ok(preview))) => show(ui, preview),
        }
    });
    let about = "You can undo this while Keyglass runs.";
    ui.label(RichText::new(about).color(tokens.color.dim));
}

/// The buttons; true if it shall be done. `number` is how many entries it concerns, once that is known, and `besides` is
/// whether something else is to be done, too.
pub(super) fn confirmed(
    ui: &mut Ui,
    verb: &str,
    (number, besides): (Option<u64>, bool),
    typed: &mut Option<TypedName>,
    context: &mut PanelContext<'_>,
) -> bool {
    let text = match number {
        None => verb.to_owned(),
        Some(0) if besides => verb.to_owned(),
        Some(0) => format!("Nothing to {}", verb.to_lowercase()),
        Some(number) => format!("{verb} {}", format::counted(number, "entry", "entries")),
    };
    typed_name::show(ui, typed.as_mut());
    let is_allowed = number.is_some_and(|number| number > 0 || besides) && is_given(typed.as_ref());
    buttons_if(ui, &text, is_allowed, context)
}
