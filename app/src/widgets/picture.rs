//! A picture, as large as it fits, on a chequered ground where it is transparent.

use egui::accesskit::Role;
use egui::{
    Color32, ColorImage, Id, Rect, Response, Sense, Stroke, StrokeKind, TextureFilter, TextureHandle,
    TextureOptions, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use crate::theme;

/// Side of a square of the ground, in points.
const SQUARE: f32 = 8.0;
/// Small pictures are shown up to so many times their size, so that their pixels can be told apart.
const LARGEST_SCALE: f32 = 8.0;
/// Width or height up to which a picture counts as small, in pixels.
const SMALL_SIDE: u32 = 64;

/// Pixels to show.
#[derive(Debug, Clone, Copy)]
pub struct Pixels<'p> {
    /// Names the picture: it is uploaded again when this changes.
    pub identity: u64,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Red, green, blue and opacity of each pixel, not multiplied.
    pub rgba: &'p [u8],
}

/// Shows a picture in the space that is left; `name` is what a screen reader says. Shows nothing if there are
/// not as many pixels as its size says.
pub fn picture(ui: &mut Ui, name: &str, pixels: Pixels<'_>) -> Response {
    let tokens = theme::tokens(ui);
    let is_small = pixels.width.max(pixels.height) <= SMALL_SIDE;
    let natural = vec2(pixels.width as f32, pixels.height as f32) / ui.pixels_per_point();
    let available = (ui.available_size() - Vec2::splat(2.0)).max(Vec2::splat(16.0));
    let fits = (available.x / natural.x.max(1.0)).min(available.y / natural.y.max(1.0));
    let size = natural * fits.min(if is_small { LARGEST_SCALE } else { 1.0 });
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, ui.is_enabled(), name));
    let Some(texture) = texture(ui, pixels, is_small) else {
        return response;
    };
    chequer(ui, rect);
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    ui.painter().image(texture.id(), rect, whole, Color32::WHITE);
    let stroke = Stroke::new(1.0, tokens.color.line);
    ui.painter().rect_stroke(rect, 0.0, stroke, StrokeKind::Outside);
    response
}

/// The picture on the graphics card; one at a time.
fn texture(ui: &Ui, pixels: Pixels<'_>, is_small: bool) -> Option<TextureHandle> {
    let id = Id::unique("picture that is shown");
    let known: Option<(u64, TextureHandle)> = ui.data(|data| data.get_temp(id));
    if let Some((identity, texture)) = known
        && identity == pixels.identity
    {
        return Some(texture);
    }
    let size = [pixels.width as usize, pixels.height as usize];
    if size[0].checked_mul(size[1])?.checked_mul(4)? != pixels.rgba.len() || pixels.rgba.is_empty() {
        return None;
    }
    let image = ColorImage::from_rgba_unmultiplied(size, pixels.rgba);
    let filter = if is_small {
        TextureFilter::Nearest
    } else {
        TextureFilter::Linear
    };
    let options = TextureOptions {
        magnification: filter,
        ..TextureOptions::LINEAR
    };
    let texture = ui.ctx().load_texture("picture", image, options);
    ui.data_mut(|data| data.insert_temp(id, (pixels.identity, texture.clone())));
    Some(texture)
}

fn chequer(ui: &Ui, rect: Rect) {
    let tokens = theme::tokens(ui);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 0.0, tokens.color.field);
    let columns = (rect.width() / SQUARE).ceil() as usize;
    let rows = (rect.height() / SQUARE).ceil() as usize;
    for row in 0..rows {
        for column in (row % 2..columns).step_by(2) {
            let at = rect.min + vec2(column as f32, row as f32) * SQUARE;
            let square = Rect::from_min_size(at, Vec2::splat(SQUARE));
            painter.rect_filled(square, 0.0, tokens.color.raised);
        }
    }
}
