//! The egui style made from tokens: flat surfaces, one-pixel lines, colour for meaning only.

use egui::epaint::FontColorTransferFunction;
use egui::style::{
    HandleShape, ScrollAnimation, ScrollFadeStyle, ScrollStyle, Selection, Spacing, WidgetVisuals, Widgets,
};
use egui::{Color32, CornerRadius, Margin, Shadow, Stroke, Style, TextStyle, Visuals, vec2};

use super::tokens::{Tokens, mix};

/// How long the pointer rests until a tooltip comes, in seconds.
pub const TOOLTIP_DELAY: f32 = 0.4;

/// The share that is left of what is drawn disabled.
pub(super) const DISABLED_ALPHA: f32 = 0.65;

/// The whole style of a theme.
pub(super) fn style(tokens: &Tokens) -> Style {
    let mut style = Style {
        text_styles: [
            (TextStyle::Small, tokens.small()),
            (TextStyle::Body, tokens.body()),
            (TextStyle::Button, tokens.body()),
            (TextStyle::Heading, tokens.heading()),
            (TextStyle::Monospace, tokens.mono()),
        ]
        .into(),
        visuals: visuals(tokens),
        animation_time: 0.08,
        scroll_animation: ScrollAnimation::none(),
        ..Style::default()
    };
    spacing(&mut style.spacing, tokens);
    // Labels that can be selected take the clicks of the rows they lie in.
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = TOOLTIP_DELAY;
    style
}

fn spacing(spacing: &mut Spacing, tokens: &Tokens) {
    let size = &tokens.size;
    spacing.item_spacing = vec2(size.gap, 4.0);
    spacing.window_margin = Margin::same(12);
    spacing.menu_margin = Margin::symmetric(4, 4);
    spacing.button_padding = vec2(size.padding, 4.0);
    spacing.interact_size = vec2(size.control, size.control);
    spacing.indent = size.indent;
    spacing.icon_width = 14.0;
    spacing.icon_width_inner = 8.0;
    spacing.icon_spacing = 6.0;
    spacing.tooltip_width = 420.0;
    spacing.menu_spacing = 2.0;
    spacing.combo_height = 320.0;
    spacing.scroll = ScrollStyle {
        bar_width: size.scroll_bar - 2.0,
        floating_width: 4.0,
        handle_min_length: 24.0,
        bar_inner_margin: 2.0,
        bar_outer_margin: 1.0,
        foreground_color: true,
        dormant_handle_opacity: 0.25,
        active_handle_opacity: 0.35,
        interact_handle_opacity: 0.6,
        dormant_background_opacity: 0.0,
        active_background_opacity: 0.0,
        interact_background_opacity: 0.0,
        fade: ScrollFadeStyle {
            strength: 0.0,
            ..ScrollFadeStyle::default()
        },
        ..ScrollStyle::floating()
    };
}

fn visuals(tokens: &Tokens) -> Visuals {
    let color = &tokens.color;
    let mut visuals = if tokens.dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    visuals.weak_text_color = Some(color.dim);
    visuals.widgets = widgets(tokens);
    visuals.selection = Selection {
        bg_fill: color.selection,
        stroke: Stroke::new(1.0, color.accent),
    };
    visuals.hyperlink_color = color.accent;
    visuals.faint_bg_color = tokens.stripe();
    visuals.extreme_bg_color = color.field;
    visuals.text_edit_bg_color = Some(color.field);
    visuals.code_bg_color = color.field;
    visuals.warn_fg_color = color.warning;
    visuals.error_fg_color = color.bad;
    visuals.window_corner_radius = radius(tokens);
    visuals.menu_corner_radius = radius(tokens);
    visuals.window_fill = color.panel;
    visuals.window_stroke = Stroke::new(1.0, color.line);
    visuals.panel_fill = color.panel;
    let shadow = Shadow {
        offset: [0, 4],
        blur: 14,
        spread: 0,
        color: shadow_color(tokens),
    };
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    visuals.text_cursor.stroke = Stroke::new(1.5, color.accent);
    // A blinking cursor costs two frames a second for as long as a field is focused.
    visuals.text_cursor.blink = false;
    visuals.indent_has_left_vline = false;
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = HandleShape::Circle;
    // Text that is faded so can still be read.
    visuals.disabled_alpha = DISABLED_ALPHA;
    if tokens.dark {
        // egui's own choice makes regular text look semi-bold.
        visuals.text_options.color_transfer_function = FontColorTransferFunction::Gamma(0.75);
    }
    visuals
}

fn widgets(tokens: &Tokens) -> Widgets {
    let color = &tokens.color;
    let base = WidgetVisuals {
        bg_fill: color.raised,
        weak_bg_fill: color.raised,
        bg_stroke: Stroke::NONE,
        corner_radius: radius(tokens),
        fg_stroke: Stroke::new(1.0, color.text),
        expansion: 0.0,
    };
    let hovered = mix(color.text, color.raised, 0.08);
    Widgets {
        noninteractive: WidgetVisuals {
            bg_fill: color.panel,
            weak_bg_fill: color.panel,
            bg_stroke: Stroke::new(1.0, color.line),
            ..base
        },
        inactive: WidgetVisuals {
            bg_stroke: Stroke::new(1.0, color.line),
            ..base
        },
        hovered: WidgetVisuals {
            bg_fill: hovered,
            weak_bg_fill: hovered,
            bg_stroke: Stroke::new(1.0, mix(color.dim, color.line, 0.4)),
            ..base
        },
        // Also what has the keyboard's focus: the outline shows where it is.
        active: WidgetVisuals {
            bg_fill: color.raised,
            weak_bg_fill: color.raised,
            bg_stroke: Stroke::new(1.0, color.accent),
            ..base
        },
        open: WidgetVisuals {
            bg_stroke: Stroke::new(1.0, color.line),
            ..base
        },
    }
}

fn radius(tokens: &Tokens) -> CornerRadius {
    CornerRadius::same(tokens.size.radius as u8)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one colour that every theme takes from black"
)]
fn shadow_color(tokens: &Tokens) -> Color32 {
    Color32::from_black_alpha(if tokens.dark { 110 } else { 36 })
}
