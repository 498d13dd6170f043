//! What changed under the checks of a transaction, before they take new versionstamps.

use egui::{RichText, Ui};
use keyglass_store::value::literal;
use keyglass_store::{Entry, StoredValue};

use super::super::PanelContext;
use super::super::dialog::heading;
use super::super::mark::Place;
use crate::action::{AppAction, TransactionAction};
use crate::format;
use crate::model::transaction::{Compared, FailedRow, RebaseReview};
use crate::theme;
use crate::widgets::button::{plain_button, primary_button};
use crate::widgets::choice::segmented;
use crate::widgets::dialog_frame::{button_row, dialog, well};
use crate::widgets::diff::{Diff, DiffKind};
use crate::widgets::key_text::key_chips;

/// Lines of a comparison that are shown; further ones are counted.
const LINES: usize = 60;
/// The most that the comparisons take of the window's height, in points.
const HEIGHT: f32 = 360.0;

pub(in super::super) fn show(
    ui: &mut Ui,
    review: &mut RebaseReview,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Rebase checks", 640.0, |ui| {
        let tokens = theme::tokens(ui);
        heading(ui, "Rebase checks", place);
        let text = match review.rows.len() {
            1 => "This key changed since its check was made.".to_owned(),
            several => format!("These {several} keys changed since their checks were made."),
        };
        ui.label(RichText::new(text).color(tokens.color.dim));
        let choices = [
            (Compared::SeenToNow, "Seen → now"),
            (Compared::NowToMine, "Now → mine"),
            (Compared::SeenToMine, "Seen → mine"),
        ];
        segmented(ui, "What is compared", &mut review.compared, &choices);
        egui::ScrollArea::vertical()
            .max_height(HEIGHT)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                for row in &review.rows {
                    failed(ui, row, review.compared);
                }
            });
        ui.add_space(4.0);
        button_row(ui, |ui| {
            let take = ui.add(primary_button("Take new versionstamps"));
            let take = take.on_hover_text("The checks expect what stands there now; what you typed stays");
            if ui.add(plain_button("Cancel")).clicked() {
                context.ask(AppAction::CloseDialog);
            }
            let is_entered = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Enter));
            if take.clicked() || is_entered {
                context.ask(TransactionAction::Rebase(review.rows.clone()));
                context.ask(AppAction::CloseDialog);
            }
        });
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

fn failed(ui: &mut Ui, row: &FailedRow, compared: Compared) {
    let tokens = theme::tokens(ui);
    ui.add_space(6.0);
    match row.key.decode() {
        Ok(key) => {
            key_chips(ui, &key);
        }
        Err(_) => {
            ui.label(RichText::new(row.key.to_string()).font(tokens.mono()));
        }
    }
    let stamp = |stamp: Option<keyglass_store::Versionstamp>| {
        stamp.map_or_else(
            || "absent".to_owned(),
            |stamp| format!("version {}", format::short_versionstamp(stamp)),
        )
    };
    let now = row.now.as_ref().map(|entry| entry.versionstamp);
    let by = row.by.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
    let stamps = format!("{} → {}{by}", stamp(row.expected), stamp(now));
    ui.label(
        RichText::new(stamps)
            .font(tokens.mono_small())
            .color(tokens.color.dim),
    );
    let seen = row.seen.as_ref().map(Option::as_ref);
    let text = |entry: Option<&Entry>| entry.map(|entry| by_field(&entry.value)).unwrap_or_default();
    let mine = row.mine.as_ref().map(by_field);
    let (old, new) = match compared {
        Compared::SeenToNow => (seen.map(text), Some(text(row.now.as_ref()))),
        Compared::NowToMine => (Some(text(row.now.as_ref())), mine),
        Compared::SeenToMine => (seen.map(text), mine),
    };
    well(ui, |ui| match (old, new) {
        (Some(old), Some(new)) => comparison(ui, &Diff::between(&old, &new)),
        (None, _) => {
            let text = "What stood there when the check was made is not known any more";
            ui.label(RichText::new(text).color(tokens.color.dim));
        }
        (_, None) => {
            ui.label(RichText::new("No row of the transaction sets this key").color(tokens.color.dim));
        }
    });
}

/// One field a line, so that fields are compared.
fn by_field(stored: &StoredValue) -> String {
    match stored.decode() {
        Ok(value) => literal::print(&value, 1),
        Err(error) => format!("<{error}>"),
    }
}

fn comparison(ui: &mut Ui, diff: &Diff) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = 1.0;
    if diff.is_empty() {
        ui.label(RichText::new("The same value").color(tokens.color.dim));
        return;
    }
    for line in diff.lines.iter().take(LINES) {
        let (mark, color) = match line.kind {
            DiffKind::Same => (' ', tokens.color.dim),
            DiffKind::Removed => ('-', tokens.color.bad),
            DiffKind::Added => ('+', tokens.color.good),
        };
        let text = RichText::new(format!("{mark} {}", line.text))
            .font(tokens.mono())
            .color(color);
        ui.add(egui::Label::new(text).truncate());
    }
    if diff.lines.len() > LINES {
        let more = format::counted((diff.lines.len() - LINES) as u64, "more line", "more lines");
        ui.label(RichText::new(more).color(tokens.color.dim));
    }
}
