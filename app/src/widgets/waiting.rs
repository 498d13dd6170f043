//! A quiet sign that something is being waited for.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{RichText, Ui, WidgetInfo};

use crate::theme;

/// What is there sooner is not announced: a sign that flickers is worse than none. In seconds.
const MOMENT: f64 = 0.15;
/// A wait that was not drawn for so many passes is over.
const PASSES: u64 = 2;

/// Since when something is waited for.
#[derive(Clone, Copy)]
struct Wait {
    since: f64,
    last_pass: u64,
}

/// Shows a spinner and what is waited for, once that takes longer than a moment. To be called in each frame in which
/// `what` is being waited for.
pub fn waiting(ui: &mut Ui, what: &str) {
    let (now, pass) = (ui.input(|input| input.time), ui.ctx().cumulative_pass_nr());
    let id = ui.scope_id().with(("waiting", what));
    let wait = ui.data_mut(|data| {
        let known = data.get_temp::<Wait>(id);
        let known = known.filter(|known| known.last_pass + PASSES >= pass);
        let wait = Wait {
            since: known.map_or(now, |known| known.since),
            last_pass: pass,
        };
        data.insert_temp(id, wait);
        wait
    });
    let left = wait.since + MOMENT - now;
    if left > 0.0 {
        ui.ctx().request_repaint_after(Duration::from_secs_f64(left));
        return;
    }
    let tokens = theme::tokens(ui);
    let shown = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.add(egui::Spinner::new().size(12.0).color(tokens.color.dim));
        let text = RichText::new(what).font(tokens.status()).color(tokens.color.dim);
        ui.add(egui::Label::new(text).selectable(false).truncate());
    });
    shown
        .response
        .widget_info(|| WidgetInfo::labeled(Role::Status, true, what));
}
