//! The part of a key that is being edited: its type, its text, and what can be done with it.

use egui::accesskit::Role;
use egui::{
    Event, EventFilter, Id, Key, Modifiers, Popup, Rect, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo,
    pos2, vec2,
};

use super::key_editor::{PartEvent, pasted, type_entries};
use crate::model::key_draft::{KeyDraft, PartDraft, PartKind};
use crate::theme::{self, Tokens, icons};
use crate::widgets::button::IconButton;
use crate::widgets::choice::segmented;
use crate::widgets::line_text;

/// Width of the little buttons, in points.
const BUTTON: f32 = 18.0;

/// Where the edited part stands in its key.
pub(super) struct PartPlace {
    pub index: usize,
    pub count: usize,
    /// The id of the key's editor.
    pub id: Id,
    /// The field shall get the keyboard's focus.
    pub takes_focus: bool,
    /// It is no part of the key unless something is typed.
    pub is_offered: bool,
}

impl PartPlace {
    fn hint(&self, kind: PartKind) -> &'static str {
        if self.is_offered {
            "one more part"
        } else {
            kind.example()
        }
    }
}

/// The part that is edited: its type, its text, and what can be done with it.
pub(super) fn edited_part(ui: &mut Ui, part: &mut PartDraft, place: &PartPlace) -> (Rect, Option<PartEvent>) {
    let tokens = theme::tokens(ui);
    let kind = part.kind;
    let PartPlace { index, count, id, .. } = *place;
    let type_job = |color| line_text::job(kind.name(), tokens.small(), color);
    let type_galley = line_text::layout(ui.painter(), type_job(tokens.color.dim), f32::INFINITY);
    let type_width = type_galley.size().x + 24.0;
    let buttons = 3.0 * BUTTON + 2.0;
    let field_width = if kind == PartKind::Boolean {
        112.0
    } else {
        let shown = if part.text.is_empty() {
            place.hint(kind)
        } else {
            &part.text
        };
        let job = line_text::job(shown, tokens.mono(), tokens.color.text);
        let wanted = line_text::layout(ui.painter(), job, f32::INFINITY).size().x + 20.0;
        let most = (ui.max_rect().width() - type_width - buttons - 4.0).max(60.0);
        wanted.clamp(70.0_f32.min(most), most)
    };
    let size = vec2((type_width + field_width + buttons).ceil(), tokens.size.control);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let is_right = part.part().is_ok() || part.text.is_empty();
    let color = if is_right {
        tokens.color.accent
    } else {
        tokens.color.bad
    };
    ui.painter().rect(
        rect,
        tokens.size.radius,
        tokens.color.field,
        Stroke::new(1.0, color),
        StrokeKind::Inside,
    );
    let type_rect = rect.with_max_x(rect.left() + type_width);
    let mut event = type_button(ui, tokens, type_rect, kind, index, id);
    let field = Rect::from_min_max(
        pos2(type_rect.right(), rect.top() + 1.0),
        pos2(rect.right() - buttons, rect.bottom() - 1.0),
    );
    event = event.or_else(|| {
        if kind == PartKind::Boolean {
            boolean(ui, part, field)
        } else {
            text_field(ui, tokens, part, field, place)
        }
    });
    let mut left = field.right();
    for (icon, name, enabled, made) in [
        (
            icons::CHEVRON_LEFT,
            "Move this part left",
            index > 0,
            PartEvent::Shift(index.saturating_sub(1)),
        ),
        (
            icons::CHEVRON_RIGHT,
            "Move this part right",
            index + 1 < count,
            PartEvent::Shift(index + 1),
        ),
        (icons::CLOSE, "Remove this part", true, PartEvent::Remove),
    ] {
        let button_rect = Rect::from_min_size(pos2(left, rect.top() + 3.0), vec2(BUTTON, BUTTON));
        let button = IconButton::new(icon, name).size(BUTTON).icon_size(11.0);
        let clicked = ui.scope_builder(egui::UiBuilder::new().max_rect(button_rect), |ui| {
            ui.add_enabled(enabled, button).clicked()
        });
        if clicked.inner {
            event = Some(made);
        }
        left += BUTTON;
    }
    (rect, event)
}

fn type_button(
    ui: &Ui,
    tokens: &Tokens,
    rect: Rect,
    kind: PartKind,
    index: usize,
    id: Id,
) -> Option<PartEvent> {
    let response = ui.interact(rect, id.with(("type", index)), Sense::click());
    let name = format!("Type of part {}: {}", index + 1, kind.name());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &name));
    let color = if response.hovered() || response.has_focus() {
        tokens.color.text
    } else {
        tokens.color.dim
    };
    let inner = rect.with_min_x(rect.left() + 8.0);
    let job = line_text::job(kind.name(), tokens.small(), color);
    let covered = line_text::paint(
        ui.painter(),
        inner,
        line_text::layout(ui.painter(), job, f32::INFINITY),
    );
    let caret = line_text::job(
        icons::CHEVRON_DOWN,
        egui::FontId::new(9.0, theme::icon_family()),
        color,
    );
    let caret = line_text::layout(ui.painter(), caret, f32::INFINITY);
    line_text::paint(ui.painter(), rect.with_min_x(covered.right() + 3.0), caret);
    ui.painter().vline(
        rect.right(),
        rect.shrink(1.0).y_range(),
        Stroke::new(1.0, tokens.color.line),
    );
    let mut event = None;
    Popup::menu(&response).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        event = type_entries(ui, kind);
    });
    event
}

fn boolean(ui: &mut Ui, part: &mut PartDraft, field: Rect) -> Option<PartEvent> {
    let mut value = part.text == "true";
    let place = egui::UiBuilder::new().max_rect(field.shrink2(vec2(4.0, 0.0)));
    ui.scope_builder(place, |ui| {
        if segmented(
            ui,
            "Value of the part",
            &mut value,
            &[(false, "false"), (true, "true")],
        )
        .changed()
        {
            part.text = value.to_string();
        }
    });
    None
}

fn text_field(
    ui: &mut Ui,
    tokens: &Tokens,
    part: &mut PartDraft,
    field: Rect,
    place: &PartPlace,
) -> Option<PartEvent> {
    let index = place.index;
    let field_id = place.id.with(("field", index));
    if part.text.is_empty() && ui.memory(|memory| memory.has_focus(field_id)) {
        if place.count > 1 && ui.input(is_backspace) {
            return Some(PartEvent::RemoveBackwards);
        }
        // A whole key that is pasted where a part would begin is meant as a key.
        let is_key = |text: &str| text.trim_start().starts_with('[') && KeyDraft::default().replace(text);
        if let Some(text) = ui.input(pasted).filter(|text| is_key(text)) {
            return Some(PartEvent::Paste(text));
        }
    }
    let edit = TextEdit::singleline(&mut part.text)
        .id(field_id)
        .frame(egui::Frame::NONE.inner_margin(egui::Margin::symmetric(6, 3)))
        .font(tokens.mono())
        .hint_text(place.hint(part.kind))
        .desired_width(field.width() - 12.0);
    let response = ui
        .place(field, edit)
        .accessible_name(format!("Part {} of the key", index + 1));
    if place.takes_focus {
        response.request_focus();
        // The field may have stood for another part before.
        let end = egui::text::CCursor::new(part.text.chars().count());
        let mut state = TextEdit::load_state(ui.ctx(), field_id).unwrap_or_default();
        state
            .cursor
            .set_char_range(Some(egui::text::CCursorRange::one(end)));
        state.store(ui.ctx(), field_id);
        return None;
    }
    let filter = EventFilter {
        escape: true,
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(field_id, filter));
    if response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        return Some(PartEvent::End { keep: false });
    }
    if response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Insert)) {
        return Some(PartEvent::Insert(index + 1));
    }
    // Taken away, so that the value that gets the keyboard now gets no line of it.
    if response.lost_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
        return Some(PartEvent::GoOn);
    }
    // Nothing moves under the pointer before a click is done.
    let is_used =
        response.has_focus() || Popup::is_any_open(ui.ctx()) || ui.input(|input| input.pointer.any_down());
    (place.is_offered && !is_used).then_some(PartEvent::Leave)
}

/// Whether Backspace was pressed anew: one that is held down ends where the text does.
fn is_backspace(input: &egui::InputState) -> bool {
    input.events.iter().any(|event| {
        matches!(
            event,
            Event::Key {
                key: Key::Backspace,
                pressed: true,
                repeat: false,
                ..
            }
        )
    })
}
