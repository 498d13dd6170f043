//! The time zone of whoever sits before the window. What draws a local time asks here and not the system, so that a
//! window has one zone, as it has one clock.

use egui::{Context, Id};
use jiff::tz::TimeZone;

fn id() -> Id {
    Id::unique("local time zone")
}

/// Sets the zone of a window.
pub fn set(ctx: &Context, zone: TimeZone) {
    ctx.data_mut(|data| data.insert_temp(id(), zone));
}

/// The zone of a window; UTC where none was set.
#[must_use]
pub fn of(ctx: &Context) -> TimeZone {
    ctx.data(|data| data.get_temp(id())).unwrap_or(TimeZone::UTC)
}
