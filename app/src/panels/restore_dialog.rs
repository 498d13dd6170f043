//! The dialog of what to restore: the states of a backup, and what bringing one back would do.

use egui::{Align, Layout, RichText, ScrollArea, Ui};
use keyglass_store::backup::State;

use super::PanelContext;
use super::dialog::heading;
use super::dry_run;
use super::mark::Place;
use crate::action::{AppAction, DatabaseAction};
use crate::errand::RestorePreview;
use crate::format;
use crate::model::backup::{RestoreCheck, RestoreDraft};
use crate::theme;
use crate::widgets::dialog_frame::{dialog, well};

/// Height of the list of states, and of what would happen, in points.
const STATES_HEIGHT: f32 = 148.0;
const OUTCOME_HEIGHT: f32 = 104.0;
/// What else the dialog needs of the window's height, in points.
const OTHER_HEIGHT: f32 = 424.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut RestoreDraft,
    check: &RestoreCheck,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Restore", 560.0, |ui| {
        heading(ui, "Restore", place);
        dry_run::source(ui, &draft.path);
        let states = check.last().map_or(&[][..], |preview| &preview.states);
        states_list(ui, draft, states, context.now);
        options(ui, draft, states.first());
        let choice = draft.choice();
        if let Ok(choice) = &choice
            && check.choice() != Some(choice)
        {
            context.ask(DatabaseAction::CheckRestore(choice.clone()));
        }
        dry_run::outcome(ui, OUTCOME_HEIGHT, &choice, check, outcome);
        let answer = choice.as_ref().ok().and_then(|choice| check.answer(choice));
        let report = answer.and_then(|answer| Some(&answer.ok()?.report));
        let changes = report.map(|report| report.stored + report.deleted);
        if dry_run::confirmed(
            ui,
            "Restore",
            (changes, draft.messages),
            &mut draft.typed,
            context,
        ) && let Ok(choice) = choice
        {
            context.ask(DatabaseAction::StartRestore(choice));
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

/// The states, the newest first, one of which is chosen.
fn states_list(ui: &mut Ui, draft: &mut RestoreDraft, states: &[State], now: i64) {
    let tokens = theme::tokens(ui);
    ui.label(RichText::new("The database as it was at").color(tokens.color.dim));
    let room = ui.ctx().content_rect().height() - OTHER_HEIGHT;
    let height = STATES_HEIGHT.min(room.max(tokens.size.table_row * 2.0));
    well(ui, |ui| {
        ui.set_min_height(height);
        ui.set_min_width(ui.available_width());
        ScrollArea::vertical()
            .id_salt("states")
            .max_height(height)
            .auto_shrink(false)
            .show_rows(ui, tokens.size.table_row, states.len(), |ui, rows| {
                for state in states.get(rows).unwrap_or_default() {
                    state_row(ui, draft, state, states, now);
                }
            });
    });
}

fn state_row(ui: &mut Ui, draft: &mut RestoreDraft, state: &State, states: &[State], now: i64) {
    let tokens = theme::tokens(ui);
    let is_newest = states.first().is_some_and(|newest| newest.number == state.number);
    let number = (!is_newest).then_some(state.number);
    let size = egui::vec2(ui.available_width(), tokens.size.table_row);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let entries = format::counted(state.sums.all.entries, "entry", "entries");
        let told = match state.unsettled {
            0 => format!("{entries}, {}", format::bytes(state.sums.all.bytes)),
            keys => format!("{entries}, {} unsettled", format::counted(keys, "key", "keys")),
        };
        ui.label(RichText::new(told).color(tokens.color.dim));
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let moment = format::utc(state.moment);
            let text = format!("{moment}   {}", format::ago(state.moment, now));
            let chosen = ui.radio(draft.state == number, text);
            if chosen.clicked() {
                draft.state = number;
            }
        });
    });
}

fn options(ui: &mut Ui, draft: &mut RestoreDraft, newest: Option<&State>) {
    let hint = "Everything, or a key such as [\"users\"]";
    dry_run::prefix_field(ui, "At and below", hint, &mut draft.prefix);
    ui.checkbox(
        &mut draft.keep_others,
        "Leave entries that the state does not have",
    )
    .on_hover_text("Otherwise they are deleted, so that the database is as it was");
    let lacking = newest.and_then(|newest| draft.lacks_messages(newest.queue));
    ui.add_enabled_ui(lacking.is_none(), |ui| {
        ui.checkbox(&mut draft.messages, "Queue its messages again, too")
            .on_hover_text("Those that are not queued yet; they stay when this is undone");
    });
    if let Some(reason) = lacking {
        let tokens = theme::tokens(ui);
        ui.label(RichText::new(reason).font(tokens.small()).color(tokens.color.dim));
    }
}

/// What would happen, in numbers.
fn outcome(ui: &mut Ui, preview: &RestorePreview) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = 3.0;
    let report = &preview.report;
    let counted = |number: u64, fate: &str| {
        let entries = format::counted(number, "entry", "entries");
        format!("{entries} {fate}")
    };
    let (text, dim) = (tokens.color.text, tokens.color.dim);
    let new = report.stored.saturating_sub(report.replaced);
    let warning = tokens.color.warning;
    for (number, fate, color) in [
        (new, "brought back", text),
        (report.replaced, "replaced by what was there", warning),
        (report.deleted, "deleted, which the state does not have", warning),
        (report.expired, "left out, which expired since", text),
        (report.same, "the same", dim),
    ] {
        if number > 0 {
            ui.label(RichText::new(counted(number, fate)).color(color));
        }
    }
    if !preview.state.expiry && report.stored > 0 {
        let text = "This backup does not know when entries expire: what is brought back stays for ever";
        ui.label(RichText::new(text).color(warning));
    }
}
