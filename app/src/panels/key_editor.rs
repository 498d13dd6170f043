//! Writing a key: a chip for each part, edited where it stands; or the whole key as a literal.

use egui::accesskit::Role;
use egui::{
    Event, EventFilter, Id, Key, Modifiers, Rect, Response, RichText, Sense, Stroke, StrokeKind, TextEdit,
    Ui, WidgetInfo, vec2,
};
use keyglass_store::limits::Limits;

use super::key_part::{PartPlace, edited_part};
use crate::format;
use crate::model::key_draft::{KeyDraft, PartDraft, PartKind};
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, focus_ring, link_button, quiet_button};
use crate::widgets::key_text::part_color;
use crate::widgets::menu::{MenuEntry, menu_separator};
use crate::widgets::{context_menu, line_text};

/// What a person did to one part.
pub(super) enum PartEvent {
    Edit,
    End {
        keep: bool,
    },
    /// On to the next part.
    GoOn,
    /// The keyboard went elsewhere.
    Leave,
    /// Put a part before that of this number.
    Insert(usize),
    RemoveBackwards,
    Convert(PartKind),
    Shift(usize),
    Remove,
    Focus(usize),
    Paste(String),
}

/// What a key is written for, which says what Enter does in its last part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyPurpose {
    /// A new entry: Enter offers one part more, and goes to the value from there.
    NewEntry,
    /// Another key for an entry that is there: Enter takes it.
    Rename,
}

/// What a key editor did.
pub(super) struct KeyEditorOutput {
    /// The key is another one now.
    pub changed: bool,
    /// Enter was pressed where there was nothing more to write.
    pub finished: bool,
}

/// Shows the key as chips, its length, and what is wrong with it.
pub(super) fn show(
    ui: &mut Ui,
    draft: &mut KeyDraft,
    purpose: KeyPurpose,
    limits: &Limits,
    id: Id,
) -> KeyEditorOutput {
    let before = draft.text();
    let finished = if draft.is_text() {
        whole(ui, draft)
    } else {
        chips(ui, draft, purpose, id)
    };
    ui.add_space(2.0);
    below(ui, draft, purpose, limits);
    KeyEditorOutput {
        changed: before != draft.text(),
        finished,
    }
}

/// True if Enter was pressed.
fn whole(ui: &mut Ui, draft: &mut KeyDraft) -> bool {
    let tokens = theme::tokens(ui);
    let Some(text) = draft.text_mut() else {
        return false;
    };
    let field = TextEdit::singleline(text)
        .id(Id::unique("key as text"))
        .font(tokens.mono())
        .hint_text("[\"users\", 42n]")
        .desired_width(ui.available_width() - 14.0);
    let response = ui.add(field).accessible_name("Key");
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// What the keys do in the part that is edited.
fn hint(draft: &KeyDraft, purpose: KeyPurpose) -> Option<&'static str> {
    let is_last = draft.edited()? + 1 == draft.parts().len();
    Some(match purpose {
        _ if draft.typed_key().is_some() => "Enter: use as key",
        _ if draft.is_offered() => "Enter: on to the value",
        KeyPurpose::Rename if is_last => "Enter: rename · Ins: add a part",
        _ => "Enter: next part",
    })
}

/// Length against the limit, the other way to edit, and the problem if there is one.
fn below(ui: &mut Ui, draft: &mut KeyDraft, purpose: KeyPurpose, limits: &Limits) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let size = draft.size();
        let color = if size.is_some_and(|size| size > limits.key_bytes) {
            tokens.color.bad
        } else {
            tokens.color.dim
        };
        let size = size.map_or_else(|| "–".to_owned(), |size| format::count(size as u64));
        let text = format!("{size} of {} bytes", format::count(limits.key_bytes as u64));
        ui.label(RichText::new(text).font(tokens.small()).color(color));
        let (text, tooltip) = if draft.is_text() {
            ("As parts", "Edit each part by itself")
        } else {
            ("As text", "Edit or paste the whole key as a JavaScript array")
        };
        if ui.add(link_button(text).small()).on_hover_text(tooltip).clicked() {
            draft.toggle_text();
        }
        if let Some(mut key) = draft.typed_key() {
            let button = quiet_button("Use as key").small();
            let tooltip = format!("These are the parts of a key: {}", key.text());
            if ui.add(button).on_hover_text(tooltip).clicked() {
                key.edit_last();
                *draft = key;
            }
        }
        if let Some(hint) = hint(draft, purpose) {
            ui.label(RichText::new(hint).font(tokens.small()).color(tokens.color.dim));
        }
    });
    if let Err(problem) = draft.key(limits) {
        // A part that was only just begun is no mistake.
        if draft.parts().iter().any(|part| !part.text.is_empty()) || draft.is_text() {
            ui.label(RichText::new(problem.to_string()).color(tokens.color.warning));
        }
    }
}

/// True if Enter was pressed where there was nothing more to write.
fn chips(ui: &mut Ui, draft: &mut KeyDraft, purpose: KeyPurpose, id: Id) -> bool {
    let mut event = None;
    let mut rects = Vec::new();
    let mut dragged = None;
    let count = draft.parts().len();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        for index in 0..count {
            let happened = if draft.edited() == Some(index) {
                let place = PartPlace {
                    index,
                    count,
                    id,
                    takes_focus: draft.takes_focus(),
                    is_offered: draft.is_offered(),
                };
                let (rect, happened) = match draft.edited_mut() {
                    Some(part) => edited_part(ui, part, &place),
                    None => continue,
                };
                rects.push(rect);
                happened
            } else {
                let Some(part) = draft.parts().get(index) else {
                    continue;
                };
                let (response, happened) = chip(ui, part, index, count, id);
                rects.push(response.rect);
                if response.dragged() || response.drag_stopped() {
                    dragged = Some((index, response));
                }
                happened
            };
            // Whatever else is done with the key ends an offer, too.
            if let Some(happened) = happened
                && (event.is_none() || !matches!(happened, PartEvent::Leave))
            {
                event = Some((index, happened));
            }
        }
        if ui
            .add(IconButton::new(icons::PLUS, "Add a part").size(24.0))
            .clicked()
        {
            draft.add();
            event = None;
        }
    });
    if let Some((from, response)) = dragged
        && let Some(pointer) = ui.input(|input| input.pointer.latest_pos())
    {
        let before = place_for(&rects, pointer);
        if response.drag_stopped() {
            draft.end_edit(true);
            draft.shift(from, if before > from { before - 1 } else { before });
        } else {
            paint_place(ui, &rects, before);
        }
    }
    let Some((index, event)) = event else { return false };
    match event {
        PartEvent::GoOn => {
            if let Some(key) = draft.typed_key() {
                *draft = key;
                // A key that is there gets another one only after a look at it.
                if purpose == KeyPurpose::Rename {
                    draft.edit_last();
                }
                return purpose == KeyPurpose::NewEntry;
            }
            let finished = draft.go_on(purpose == KeyPurpose::NewEntry);
            if finished {
                ui.memory_mut(|memory| memory.request_focus(id.with(index)));
            }
            return finished;
        }
        PartEvent::Leave => draft.end_edit(true),
        PartEvent::Insert(index) => {
            draft.end_edit(true);
            draft.insert(index);
        }
        PartEvent::RemoveBackwards => draft.remove_backwards(index),
        PartEvent::Edit => {
            draft.end_edit(true);
            draft.edit(index);
        }
        PartEvent::End { keep } => {
            draft.end_edit(keep);
            ui.memory_mut(|memory| memory.request_focus(id.with(index)));
        }
        PartEvent::Convert(kind) => draft.convert(index, kind),
        PartEvent::Shift(to) => {
            draft.shift(index, to);
            if draft.edited().is_none() {
                ui.memory_mut(|memory| memory.request_focus(id.with(to)));
            }
        }
        PartEvent::Remove => {
            draft.remove(index);
            ui.memory_mut(|memory| memory.request_focus(id.with(index.min(count.saturating_sub(2)))));
        }
        PartEvent::Focus(other) => ui.memory_mut(|memory| memory.request_focus(id.with(other))),
        PartEvent::Paste(text) => {
            draft.replace(&text);
        }
    }
    false
}

/// Before which part the pointer would drop one. Parts may stand on several lines.
fn place_for(rects: &[Rect], pointer: egui::Pos2) -> usize {
    let after =
        |rect: &Rect| pointer.y > rect.bottom() || (pointer.y >= rect.top() && pointer.x > rect.center().x);
    rects.iter().rposition(after).map_or(0, |index| index + 1)
}

fn paint_place(ui: &Ui, rects: &[Rect], before: usize) {
    let x_and_rect = match rects.get(before) {
        Some(rect) => Some((rect.left() - 2.0, rect)),
        None => rects.last().map(|rect| (rect.right() + 2.0, rect)),
    };
    if let Some((x, rect)) = x_and_rect {
        let stroke = Stroke::new(2.0, theme::tokens(ui).color.accent);
        ui.painter().vline(x, rect.y_range(), stroke);
    }
}

/// A part that is not being edited.
fn chip(ui: &mut Ui, part: &PartDraft, index: usize, count: usize, id: Id) -> (Response, Option<PartEvent>) {
    let tokens = theme::tokens(ui);
    let parsed = part.part();
    let (text, color) = match &parsed {
        Ok(part) => (part.to_string(), part_color(tokens, part)),
        Err(_) => (part.literal(), tokens.color.bad),
    };
    let max_width = (ui.max_rect().width() - 16.0).max(24.0);
    let job = line_text::job(&text, tokens.mono(), color);
    let galley = line_text::layout(ui.painter(), job, max_width);
    let size = vec2((galley.size().x + 16.0).ceil(), tokens.size.control);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let response = ui.interact(rect, id.with(index), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &text));
    let stroke = match (&parsed, response.hovered()) {
        (Err(_), _) => Stroke::new(1.0, tokens.color.bad),
        (Ok(_), true) => ui.visuals().widgets.hovered.bg_stroke,
        (Ok(_), false) => Stroke::new(1.0, tokens.color.line),
    };
    ui.painter().rect(
        rect,
        tokens.size.radius,
        tokens.color.field,
        stroke,
        StrokeKind::Inside,
    );
    line_text::paint_centered(ui.painter(), rect, galley);
    focus_ring(ui, &response, tokens.size.radius);
    let told = match &parsed {
        Ok(_) => format!("{} · click to edit, drag to move", part.kind.name()),
        Err(reason) => reason.to_string(),
    };
    let mut event = response.clicked().then_some(PartEvent::Edit);
    context_menu::show(&response, |ui| {
        event = event.take().or_else(|| menu(ui, part.kind, index, count));
    });
    if response.has_focus() {
        event = event.or_else(|| chip_keys(ui, &response, index, count));
    }
    (response.on_hover_text(told), event)
}

fn menu(ui: &mut Ui, kind: PartKind, index: usize, count: usize) -> Option<PartEvent> {
    let mut event = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    if ui
        .add(MenuEntry::new("Edit").icon(icons::PENCIL).shortcut("Enter"))
        .clicked()
    {
        event = Some(PartEvent::Edit);
    }
    let left = MenuEntry::new("Move left")
        .icon(icons::ARROW_LEFT)
        .shortcut("Alt+Left");
    if ui.add_enabled(index > 0, left).clicked() {
        event = Some(PartEvent::Shift(index - 1));
    }
    let right = MenuEntry::new("Move right")
        .icon(icons::ARROW_RIGHT)
        .shortcut("Alt+Right");
    if ui.add_enabled(index + 1 < count, right).clicked() {
        event = Some(PartEvent::Shift(index + 1));
    }
    let add = MenuEntry::new("Add a part after")
        .icon(icons::PLUS)
        .shortcut("Ins");
    if ui.add(add).clicked() {
        event = Some(PartEvent::Insert(index + 1));
    }
    menu_separator(ui);
    event = event.or_else(|| type_entries(ui, kind));
    menu_separator(ui);
    let remove = MenuEntry::new("Remove")
        .icon(icons::TRASH)
        .danger()
        .shortcut("Del");
    if ui.add(remove).clicked() {
        event = Some(PartEvent::Remove);
    }
    event
}

pub(super) fn type_entries(ui: &mut Ui, kind: PartKind) -> Option<PartEvent> {
    let mut event = None;
    for other in PartKind::ALL {
        if ui
            .add(MenuEntry::new(other.name()).checked(other == kind))
            .clicked()
        {
            event = Some(PartEvent::Convert(other));
        }
    }
    event
}

fn chip_keys(ui: &Ui, response: &Response, index: usize, count: usize) -> Option<PartEvent> {
    // The arrows belong to the chips, in the order of the parts.
    let filter = EventFilter {
        horizontal_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let last = count.saturating_sub(1);
    ui.input_mut(|input| {
        if input.consume_key(Modifiers::ALT, Key::ArrowLeft) {
            (index > 0).then(|| PartEvent::Shift(index - 1))
        } else if input.consume_key(Modifiers::ALT, Key::ArrowRight) {
            (index < last).then_some(PartEvent::Shift(index + 1))
        } else if input.consume_key(Modifiers::NONE, Key::ArrowLeft) {
            (index > 0).then(|| PartEvent::Focus(index - 1))
        } else if input.consume_key(Modifiers::NONE, Key::ArrowRight) {
            (index < last).then_some(PartEvent::Focus(index + 1))
        } else if input.consume_key(Modifiers::NONE, Key::Delete)
            || input.consume_key(Modifiers::NONE, Key::Backspace)
        {
            Some(PartEvent::Remove)
        } else if input.consume_key(Modifiers::NONE, Key::Insert) {
            Some(PartEvent::Insert(index + 1))
        } else {
            pasted(input).map(PartEvent::Paste)
        }
    })
}

pub(super) fn pasted(input: &egui::InputState) -> Option<String> {
    input.events.iter().find_map(|event| match event {
        Event::Paste(text) => Some(text.clone()),
        _ => None,
    })
}
