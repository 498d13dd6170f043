//! The mark of a database: the colour of its stripe, and its label.

use egui::{Color32, CornerRadius, Rect, Response, RichText, Ui, vec2};

use crate::model::mark::{Mark, MarkColor};
use crate::theme::{self, Tokens};
use crate::widgets::badge;
use crate::widgets::choice::TabMark;

/// Height of the stripe at the top of a dialog, in points.
const STRIPE: f32 = 4.0;
/// Between the frame of a dialog and what is in it, in points.
const DIALOG_MARGIN: f32 = 16.0;

/// The colour of a mark in a theme.
pub(super) fn color_of(tokens: &Tokens, color: MarkColor) -> Color32 {
    match color {
        MarkColor::Red => tokens.color.bad,
        MarkColor::Amber => tokens.color.warning,
        MarkColor::Green => tokens.color.good,
        MarkColor::Blue => tokens.color.accent,
        MarkColor::Violet => tokens.color.enqueue,
    }
}

/// What the tab of a database shows of its mark.
pub(super) fn of_tab<'a>(tokens: &Tokens, mark: &'a Mark) -> TabMark<'a> {
    TabMark {
        color: color_of(tokens, mark.color),
        label: &mark.label,
    }
}

/// Adds the label of a mark in its colour, if it has one.
pub(super) fn label(ui: &mut Ui, mark: &Mark) -> Option<Response> {
    let color = color_of(theme::tokens(ui), mark.color);
    (!mark.label.is_empty()).then(|| ui.add(badge::tag(&mark.label, color)))
}

/// Height of the stripe over a side of a comparison, in points.
const SIDE_STRIPE: f32 = 3.0;

/// Draws the stripe of a mark over a part of a bar, at the bar's top.
pub(super) fn stripe_over(ui: &Ui, part: Rect, bar: Rect, mark: &Mark) {
    let stripe = Rect::from_x_y_ranges(part.x_range(), bar.top()..=bar.top() + SIDE_STRIPE);
    let color = color_of(theme::tokens(ui), mark.color);
    ui.painter().rect_filled(stripe, 0.0, color);
}

/// The database that a dialog is about.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its name.
    pub title: &'a str,
    /// What it is marked with.
    pub mark: Option<&'a Mark>,
}

impl Place<'_> {
    /// Says it under the title of the dialog, whose top gets a stripe if the database is marked.
    pub(super) fn show(self, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = tokens.size.gap;
            ui.label(RichText::new(format!("In {}", self.title)).color(tokens.color.dim));
            self.mark.and_then(|mark| label(ui, mark));
        });
        if let Some(mark) = self.mark {
            let inner = ui.min_rect();
            let left_top = inner.left_top() - vec2(DIALOG_MARGIN, DIALOG_MARGIN);
            let width = ui.max_rect().width() + 2.0 * DIALOG_MARGIN;
            let stripe = Rect::from_min_size(left_top, vec2(width, STRIPE));
            let radius = tokens.size.radius as u8;
            let corners = CornerRadius {
                nw: radius,
                ne: radius,
                sw: 0,
                se: 0,
            };
            ui.painter()
                .rect_filled(stripe, corners, color_of(tokens, mark.color));
        }
    }
}
