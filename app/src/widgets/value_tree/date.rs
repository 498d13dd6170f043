//! Choosing the moment of a `Date` in a value tree.

use egui::{Context, Popup, PopupCloseBehavior, Rect, Ui};

use super::rows::ValueRow;
use super::{ValuePath, ValueTreeEvent, ValueTreeState};
use crate::moment::told_in_full;
use crate::widgets::date_picker::{DatePickerState, date_picker};
use crate::widgets::local_zone;

/// A `Date` whose moment is being chosen.
#[derive(Debug, Clone)]
pub(super) struct PickedDate {
    pub path: ValuePath,
    /// Where its row is.
    pub rect: Rect,
    picker: DatePickerState,
}

impl ValueTreeState {
    pub(super) fn pick_date(&mut self, row: &ValueRow, rect: Rect) {
        let Some(moment) = row.date else { return };
        self.select(row.path.clone());
        self.picking = Some(PickedDate {
            path: row.path.clone(),
            rect,
            picker: DatePickerState::new(whole(moment).unwrap_or(0)),
        });
    }
}

/// Shows the picker below its row until a moment is chosen or it is left.
pub(super) fn show(ui: &Ui, picking: &mut Option<PickedDate>, now: i64) -> Option<ValueTreeEvent> {
    let picked = picking.as_mut()?;
    let mut is_open = true;
    let popup = Popup::new(
        ui.scope_id().with("date"),
        ui.ctx().clone(),
        picked.rect,
        ui.layer_id(),
    )
    .open_bool(&mut is_open)
    .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let chosen = popup
        .show(|ui| date_picker(ui, &mut picked.picker, now, "Set date"))
        .and_then(|shown| shown.inner);
    let event = chosen.map(|moment| ValueTreeEvent::Edit(picked.path.clone(), format!("new Date({moment})")));
    if event.is_some() || !is_open {
        *picking = None;
    }
    event
}

/// The moment in UTC, in local time and as a number, for a tooltip.
pub(super) fn told(ctx: &Context, moment: f64) -> String {
    let Some(moment) = whole(moment) else {
        return "This date is invalid".to_owned();
    };
    told_in_full(moment, &local_zone::of(ctx))
}

fn whole(moment: f64) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a Date's moments are whole and below 2^53"
    )]
    moment.is_finite().then_some(moment as i64)
}
