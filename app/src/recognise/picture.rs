//! Pictures: decoded within limits, and made as small as the window shows them.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, ImageReader, Limits};

use super::{Content, Recognised};
use crate::format;

/// The most pixels that are decoded.
const PIXELS: u64 = 16_000_000;
/// The most bytes that a decoder may use.
const DECODER_BYTES: u64 = 128 << 20;
/// Width and height of what is kept to be shown, in pixels.
const SHOWN_SIDE: u32 = 1024;

/// The formats that are decoded.
const FORMATS: [(ImageFormat, &str); 4] = [
    (ImageFormat::Png, "PNG"),
    (ImageFormat::Jpeg, "JPEG"),
    (ImageFormat::Gif, "GIF"),
    (ImageFormat::WebP, "WebP"),
];

/// A picture as shown: of an animation the first frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Red, green, blue and opacity of each pixel, not multiplied.
    pub rgba: Vec<u8>,
}

pub(super) fn recognise(bytes: &[u8]) -> Option<Recognised> {
    let guessed = image::guess_format(bytes).ok()?;
    let (_, name) = FORMATS.iter().find(|(format, _)| *format == guessed)?;
    let reader = || ImageReader::with_format(Cursor::new(bytes), guessed);
    let size = format::bytes(bytes.len() as u64);
    let told = |content, note| {
        move |dimensions: &str| Recognised {
            title: format!("{name} image, {dimensions}{size}"),
            content,
            note,
        }
    };
    let (width, height) = match reader().into_dimensions() {
        Ok(dimensions) => dimensions,
        Err(error) => return Some(told(Content::Nothing, Some(broken(&error)))("")),
    };
    let dimensions = format!("{width} x {height}, ");
    let pixels = u64::from(width) * u64::from(height);
    if pixels > PIXELS {
        let note = format!(
            "It has {} pixels, and pictures of more than {} are not decoded",
            format::count(pixels),
            format::count(PIXELS)
        );
        return Some(told(Content::Nothing, Some(note))(&dimensions));
    }
    let mut reader = reader();
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_BYTES);
    reader.limits(limits);
    Some(match reader.decode() {
        Ok(image) => told(Content::Picture(shown(image)), None)(&dimensions),
        Err(error) => told(Content::Nothing, Some(broken(&error)))(&dimensions),
    })
}

fn broken(error: &image::ImageError) -> String {
    format!("It begins like an image, but cannot be decoded ({error})")
}

fn shown(image: DynamicImage) -> Picture {
    let image = if image.width() > SHOWN_SIDE || image.height() > SHOWN_SIDE {
        image.thumbnail(SHOWN_SIDE, SHOWN_SIDE)
    } else {
        image
    };
    let rgba = image.into_rgba8();
    Picture {
        width: rgba.width(),
        height: rgba.height(),
        rgba: rgba.into_raw(),
    }
}
