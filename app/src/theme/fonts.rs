//! The bundled fonts. What they lack comes from the system's fonts (eframe's `system_fonts`).

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily};

const INTER: &str = "Inter";
const INTER_SEMIBOLD: &str = "Inter SemiBold";
const JETBRAINS_MONO: &str = "JetBrains Mono";
const PHOSPHOR: &str = "Phosphor";

/// The family of titles and main actions.
#[must_use]
pub fn semibold() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// The family of icons alone, whose line is exactly as high as an icon.
#[must_use]
pub fn icons() -> FontFamily {
    FontFamily::Name("icons".into())
}

/// Installs the bundled fonts for all families. Call once, before the first frame.
pub fn install_fonts(ctx: &Context) {
    ctx.set_fonts(definitions());
}

fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let data: [(&str, &'static [u8]); 4] = [
        (INTER, include_bytes!("../../assets/fonts/Inter-Regular.otf")),
        (
            INTER_SEMIBOLD,
            include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
        ),
        (
            JETBRAINS_MONO,
            include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"),
        ),
        (
            PHOSPHOR,
            include_bytes!("../../assets/fonts/Phosphor-Keyglass.ttf"),
        ),
    ];
    for (name, bytes) in data {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let families: [(FontFamily, &[&str]); 4] = [
        (FontFamily::Proportional, &[INTER, JETBRAINS_MONO, PHOSPHOR]),
        (FontFamily::Monospace, &[JETBRAINS_MONO, INTER, PHOSPHOR]),
        (semibold(), &[INTER_SEMIBOLD, INTER, JETBRAINS_MONO, PHOSPHOR]),
        (icons(), &[PHOSPHOR]),
    ];
    for (family, names) in families {
        fonts
            .families
            .insert(family, names.iter().map(|name| (*name).to_owned()).collect());
    }
    fonts
}
