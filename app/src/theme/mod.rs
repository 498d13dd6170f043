//! How the window looks: design tokens, fonts, icons and the egui styles made from them.
//!
//! Colours and sizes come from here only. At start: [`install_fonts`], then [`apply`] whenever the choice
//! changes; while drawing: [`tokens`].

mod fonts;
pub mod icons;
mod style;
mod tokens;

use egui::{Context, Theme, ThemePreference, Ui};
use serde::{Deserialize, Serialize};

pub use fonts::{icons as icon_family, install_fonts, semibold};
pub use style::TOOLTIP_DELAY;
pub use tokens::{Colors, Sizes, Tokens};

/// Which theme the person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ThemeChoice {
    /// What the system prefers.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The smallest and the largest text scale.
pub const TEXT_SCALES: std::ops::RangeInclusive<f32> = 0.75..=2.0;

/// Sets both themes' styles, which of them is shown, and the text scale.
///
/// The whole interface scales with its text (egui's zoom factor), so that nothing is cut off.
pub fn apply(ctx: &Context, choice: ThemeChoice, text_scale: f32) {
    ctx.set_style_of(Theme::Dark, style::style(Tokens::of(true)));
    ctx.set_style_of(Theme::Light, style::style(Tokens::of(false)));
    ctx.set_theme(match choice {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::Dark => ThemePreference::Dark,
    });
    if text_scale.is_finite() {
        ctx.set_zoom_factor(text_scale.clamp(*TEXT_SCALES.start(), *TEXT_SCALES.end()));
    }
}

/// Draws the contents of `ui` in the dark or in the light theme, whatever the window's is.
pub fn set_theme(ui: &mut Ui, dark: bool) {
    ui.set_style(style::style(Tokens::of(dark)));
}

/// The tokens of the theme that `ui` is drawn in.
#[must_use]
pub fn tokens(ui: &Ui) -> &'static Tokens {
    Tokens::of(ui.visuals().dark_mode)
}

/// The tokens of the theme that the window is drawn in.
#[must_use]
pub fn tokens_of(ctx: &Context) -> &'static Tokens {
    Tokens::of(ctx.theme() == Theme::Dark)
}
