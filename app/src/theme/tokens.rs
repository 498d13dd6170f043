//! Design tokens: the one place where colours and sizes come from (`app/assets/tokens.json`).

use std::sync::LazyLock;

use egui::{Color32, FontFamily, FontId};
use serde::{Deserialize, Deserializer};

use super::fonts;

/// The text of the tokens that are built in.
const EMBEDDED: &str = include_str!("../../assets/tokens.json");

/// Colours of one theme, and the sizes that both share.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tokens {
    /// Whether these are the dark theme's.
    pub dark: bool,
    /// Colours.
    pub color: Colors,
    /// Sizes in points.
    pub size: Sizes,
}

/// `app/assets/tokens.json`
#[derive(Deserialize, Default)]
struct File {
    dark: Colors,
    light: Colors,
    sizes: Sizes,
}

/// Declares [`Colors`], read from `#rrggbb`.
macro_rules! colors {
    ($($(#[$doc:meta])+ $name:ident,)+) => {
        /// The colours of a theme.
        #[derive(Debug, Clone, Default, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Colors {
            $($(#[$doc])+ #[serde(deserialize_with = "color")] pub $name: Color32,)+
        }
    };
}

colors! {
    /// Surface 0: the window behind everything.
    window,
    /// Surface 1: panels.
    panel,
    /// Surface 2: fields, chips, menus.
    field,
    /// Surface 3: buttons, badges, what is raised.
    raised,
    /// Separators and outlines.
    line,
    /// Text.
    text,
    /// Quieter text.
    dim,
    /// For what need not be read.
    faint,
    /// Links, focus, the main action.
    accent,
    /// Text on [`Self::accent`].
    on_accent,
    /// Behind what is selected.
    selection,
    /// Behind what has just changed.
    flash,
    /// Strings, in values and keys alike.
    string,
    /// Numbers.
    number,
    /// Bigints.
    bigint,
    /// Booleans.
    boolean,
    /// Dates.
    date,
    /// Bytes.
    bytes,
    /// Names of properties.
    property,
    /// Checks of a transaction.
    check,
    /// `set`
    set,
    /// `sum`, `min` and `max`
    arithmetic,
    /// `delete`
    delete,
    /// `enqueue`
    enqueue,
    /// Success.
    good,
    /// Failure.
    bad,
    /// Caution.
    warning,
}

/// Sizes in points.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    /// Height of the menu bar.
    pub menu_bar: f32,
    /// Height of a panel's header and of tabs.
    pub header: f32,
    /// Height of a filter bar.
    pub filter_bar: f32,
    /// Height of the status bar.
    pub status_bar: f32,
    /// Height of a table's header.
    pub table_header: f32,
    /// Height of a row of the key tree.
    pub tree_row: f32,
    /// Height of a row of a table.
    pub table_row: f32,
    /// Height of a row of a value tree or of hexadecimal bytes.
    pub value_row: f32,
    /// Height of a row of the transaction.
    pub operation_row: f32,
    /// Height of buttons, fields and chips.
    pub control: f32,
    /// Indentation of one tree level.
    pub indent: f32,
    /// Between a panel's edge and what is in it.
    pub padding: f32,
    /// Between neighbours.
    pub gap: f32,
    /// Radius of buttons, fields and chips.
    pub radius: f32,
    /// Radius of badges and tags.
    pub radius_small: f32,
    /// Width of a scroll bar.
    pub scroll_bar: f32,
    /// Icons.
    pub icon: f32,
    /// Font of the menu bar.
    pub font_menu: f32,
    /// Font of most of the interface.
    pub font_body: f32,
    /// Font of the status bar.
    pub font_status: f32,
    /// Font of table headers and side notes.
    pub font_small: f32,
    /// Font of badges.
    pub font_badge: f32,
    /// Font of data.
    pub font_mono: f32,
    /// Font of quieter data.
    pub font_mono_small: f32,
    /// Font of headings.
    pub font_heading: f32,
}

/// The built-in tokens, dark and light. A test proves that they parse, so the defaults are never seen.
static TOKENS: LazyLock<(Tokens, Tokens)> = LazyLock::new(|| {
    let file = parse(EMBEDDED).unwrap_or_default();
    let theme = |dark, color| Tokens {
        dark,
        color,
        size: file.sizes.clone(),
    };
    (theme(true, file.dark), theme(false, file.light))
});

impl Tokens {
    /// The tokens of the dark or of the light theme.
    #[must_use]
    pub fn of(dark: bool) -> &'static Self {
        if dark { &TOKENS.0 } else { &TOKENS.1 }
    }

    /// The font of most of the interface.
    #[must_use]
    pub fn body(&self) -> FontId {
        FontId::new(self.size.font_body, FontFamily::Proportional)
    }

    /// The font of the menu bar.
    #[must_use]
    pub fn menu(&self) -> FontId {
        FontId::new(self.size.font_menu, FontFamily::Proportional)
    }

    /// The font of the status bar.
    #[must_use]
    pub fn status(&self) -> FontId {
        FontId::new(self.size.font_status, FontFamily::Proportional)
    }

    /// The font of table headers and side notes.
    #[must_use]
    pub fn small(&self) -> FontId {
        FontId::new(self.size.font_small, FontFamily::Proportional)
    }

    /// The font of titles within panels and of main actions.
    #[must_use]
    pub fn strong(&self) -> FontId {
        FontId::new(self.size.font_body, fonts::semibold())
    }

    /// The font of headings of dialogs and pages.
    #[must_use]
    pub fn heading(&self) -> FontId {
        FontId::new(self.size.font_heading, fonts::semibold())
    }

    /// The font of data.
    #[must_use]
    pub fn mono(&self) -> FontId {
        FontId::new(self.size.font_mono, FontFamily::Monospace)
    }

    /// The font of quieter data: counts, versionstamps in the status bar.
    #[must_use]
    pub fn mono_small(&self) -> FontId {
        FontId::new(self.size.font_mono_small, FontFamily::Monospace)
    }

    /// The font of badges.
    #[must_use]
    pub fn badge(&self) -> FontId {
        FontId::new(self.size.font_badge, FontFamily::Monospace)
    }

    /// The font of icons of the usual size.
    #[must_use]
    pub fn icon(&self) -> FontId {
        FontId::new(self.size.icon, fonts::icons())
    }

    /// The fill of every other row of a table.
    #[must_use]
    pub fn stripe(&self) -> Color32 {
        mix(self.color.field, self.color.panel, 0.35)
    }

    /// The fill of a row under the pointer.
    #[must_use]
    pub fn hover(&self) -> Color32 {
        mix(self.color.raised, self.color.panel, 0.45)
    }

    /// The fill behind a tag in `color`.
    #[must_use]
    pub fn tag(&self, color: Color32) -> Color32 {
        mix(color, self.color.panel, if self.dark { 0.22 } else { 0.14 })
    }

    /// A line between rows that belong together.
    #[must_use]
    pub fn soft_line(&self) -> Color32 {
        mix(self.color.line, self.color.panel, 0.55)
    }
}

/// `share` of `over`, the rest `under`.
pub(super) fn mix(over: Color32, under: Color32, share: f32) -> Color32 {
    under.lerp_to_gamma(over, share)
}

fn parse(text: &str) -> Result<File, serde_json::Error> {
    serde_json::from_str(text)
}

#[expect(clippy::disallowed_methods, reason = "this is where tokens become colours")]
fn color<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Color32, D::Error> {
    let text = String::deserialize(deserializer)?;
    Color32::from_hex(&text).map_err(|_error| serde::de::Error::custom(format!("not a colour: {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tokens_parse() {
        parse(EMBEDDED).unwrap();
        assert!(Tokens::of(true).size.tree_row > 0.0);
        assert_ne!(Tokens::of(true).color, Tokens::of(false).color);
    }

    #[test]
    fn an_unknown_or_broken_token_is_refused() {
        assert!(parse(&EMBEDDED.replace("\"gap\"", "\"gaps\"")).is_err());
        assert!(parse(&EMBEDDED.replace("#14161a", "14161")).is_err());
    }

    /// Relative luminance, WCAG 2.1.
    fn luminance(color: Color32) -> f32 {
        let linear = |channel: u8| {
            let channel = f32::from(channel) / 255.0;
            if channel <= 0.04045 {
                channel / 12.92
            } else {
                ((channel + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn all_that_must_be_read_has_a_contrast_of_at_least_four_and_a_half() {
        for tokens in [Tokens::of(true), Tokens::of(false)] {
            let c = &tokens.color;
            let surfaces = [
                c.window,
                c.panel,
                c.field,
                c.raised,
                c.selection,
                c.flash,
                tokens.stripe(),
                tokens.hover(),
            ];
            let texts = [
                c.text,
                c.dim,
                c.accent,
                c.string,
                c.number,
                c.bigint,
                c.boolean,
                c.date,
                c.bytes,
                c.property,
                c.check,
                c.set,
                c.arithmetic,
                c.delete,
                c.enqueue,
                c.good,
                c.bad,
                c.warning,
            ];
            for surface in surfaces {
                for text in texts {
                    let contrast = contrast(text, surface);
                    assert!(contrast >= 4.5, "{text:?} on {surface:?}: {contrast}");
                }
            }
            assert!(contrast(c.on_accent, c.accent) >= 4.5);
            for tag in [c.check, c.set, c.arithmetic, c.delete, c.enqueue] {
                let contrast = contrast(tag, tokens.tag(tag));
                assert!(contrast >= 4.5, "tag {tag:?}: {contrast}");
            }
        }
    }

    #[test]
    fn what_is_disabled_can_be_read() {
        for tokens in [Tokens::of(true), Tokens::of(false)] {
            let c = &tokens.color;
            // A menu's entry is faded, a button is drawn in quieter colours.
            let faded = mix(c.text, c.panel, super::super::style::DISABLED_ALPHA);
            for (text, surface) in [(faded, c.panel), (c.dim, c.field), (c.dim, c.panel)] {
                let contrast = contrast(text, surface);
                assert!(contrast >= 4.5, "{text:?} on {surface:?}: {contrast}");
            }
        }
    }
}
