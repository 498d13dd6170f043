//! Input in the order in which it was made: what is typed after a key that moves the keyboard's focus goes to what
//! has the focus then.
//!
//! egui takes all that happened since the last frame at once, and each field takes what was typed in that frame if it
//! has the focus as it is drawn. On a busy machine a Tab and the letters after it come in one frame, and the letters
//! would go to the field before; and a shortcut is taken before the fields are drawn, so that it would save a text
//! without what was typed just before it. So such a key comes in a frame after the text, and what follows it waits: for the frame that takes the key, and for the next
//! one, in which what the key asked for (a dialog, a new row) is drawn for the first time and gets the focus.

use std::collections::VecDeque;

use egui::{Context, Event, Key, Plugin, RawInput};

/// Hands the keyboard's input to egui in portions that end where the focus may move.
#[derive(Debug, Default)]
pub struct InputOrder {
    held: VecDeque<Event>,
    /// What moved the focus in the frame before.
    moved: Option<Mover>,
}

/// What may move the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mover {
    /// An arrow, or a key like it; others of them need not wait.
    Arrow,
    /// Another key, which may be held down.
    Key(Key),
    /// A click, or an assistive technology.
    Other,
}

impl Mover {
    fn of(event: &Event, in_text: bool) -> Option<Self> {
        match event {
            Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } => match key {
                Key::ArrowLeft
                | Key::ArrowRight
                | Key::ArrowUp
                | Key::ArrowDown
                | Key::Home
                | Key::End
                | Key::PageUp
                | Key::PageDown => Some(Self::Arrow),
                // In a text it is a letter like others, elsewhere it clicks.
                Key::Space if in_text && !modifiers.command => None,
                Key::Space => Some(Self::Key(*key)),
                _ if modifiers.command || modifiers.alt || is_named(*key) => Some(Self::Key(*key)),
                _ => None,
            },
            Event::PointerButton { .. } | Event::AccessKitActionRequest(_) => Some(Self::Other),
            _ => None,
        }
    }

    /// Whether an event can be taken in the same frame, because it would do the same there as later.
    fn lets_pass(self, event: &Event) -> bool {
        match event {
            Event::Key {
                key, pressed: true, ..
            } => match self {
                Self::Arrow => Self::of(event, true) == Some(Self::Arrow),
                // It is still held down.
                Self::Key(moved) => *key == moved,
                Self::Other => false,
            },
            // A key's own letter.
            Event::Text(text) => self == Self::Key(Key::Space) && text == " ",
            _ => !is_text(event),
        }
    }

    /// What it is after an event that it let pass.
    fn after(self, event: &Event) -> Self {
        match event {
            Event::Key {
                key, pressed: false, ..
            } if self == Self::Key(*key) => Self::Other,
            _ => self,
        }
    }
}

/// Whether a field puts what an event brings into its text, or takes it from there.
fn is_text(event: &Event) -> bool {
    matches!(
        event,
        Event::Text(_)
            | Event::Paste(_)
            | Event::PasteImage(_)
            | Event::MiddleClickPaste { .. }
            | Event::Copy
            | Event::Cut
            | Event::Ime(_)
    )
}

/// Whether a key has a name instead of a letter.
fn is_named(key: Key) -> bool {
    let number = key as u16;
    let is_function = (Key::F1 as u16..=Key::F35 as u16).contains(&number);
    is_function
        || matches!(
            key,
            Key::Tab | Key::Enter | Key::Escape | Key::Insert | Key::Delete | Key::Backspace
        )
}

impl InputOrder {
    /// The events that egui takes now. The others wait.
    fn next(&mut self, new: Vec<Event>, in_text: bool) -> Vec<Event> {
        self.held.extend(new);
        let mut mover = self.moved.take();
        let mut has_moved = false;
        let mut has_text = false;
        let mut taken = Vec::with_capacity(self.held.len());
        while let Some(event) = self.held.front() {
            if mover.is_some_and(|mover| !mover.lets_pass(event)) {
                break;
            }
            if let Some(next) = Mover::of(event, in_text) {
                // Text that was typed before is put in before, whether the key takes the focus away or saves it.
                if has_text {
                    break;
                }
                mover = Some(next);
                has_moved = true;
            }
            mover = mover.map(|mover| mover.after(event));
            has_text |= is_text(event) && mover.is_none();
            taken.extend(self.held.pop_front());
        }
        self.moved = mover.filter(|_| has_moved);
        taken
    }
}

impl Plugin for InputOrder {
    fn debug_name(&self) -> &'static str {
        "input order"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let new = std::mem::take(&mut input.events);
        input.events = self.next(new, ctx.text_edit_focused());
        if !self.held.is_empty() {
            ctx.request_repaint();
        }
    }
}

#[cfg(test)]
mod tests {
    use egui::Modifiers;

    use super::*;

    fn press(key: Key, modifiers: Modifiers) -> Event {
        Event::Key {
            key,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers,
        }
    }

    fn plain(key: Key) -> Event {
        press(key, Modifiers::NONE)
    }

    fn text(text: &str) -> Event {
        Event::Text(text.to_owned())
    }

    /// What egui gets in each frame, if all of this came within one.
    fn frames(events: Vec<Event>, in_text: bool) -> Vec<Vec<Event>> {
        let mut order = InputOrder::default();
        let mut frames = vec![order.next(events, in_text)];
        while !order.held.is_empty() {
            frames.push(order.next(Vec::new(), in_text));
        }
        frames
    }

    fn release(key: Key) -> Event {
        Event::Key {
            key,
            physical_key: None,
            pressed: false,
            repeat: false,
            modifiers: Modifiers::NONE,
        }
    }

    #[test]
    fn letters_around_a_tab_go_to_the_fields_before_and_after() {
        let events = vec![
            plain(Key::A),
            text("a"),
            plain(Key::Tab),
            release(Key::Tab),
            plain(Key::B),
            text("b"),
        ];
        let expected = [
            events[..2].to_vec(),
            events[2..4].to_vec(),
            vec![],
            events[4..].to_vec(),
        ];
        assert_eq!(frames(events, true), expected);
    }

    #[test]
    fn letters_that_come_a_frame_later_wait_for_what_a_key_opens() {
        let mut order = InputOrder::default();
        let open = press(Key::P, Modifiers::COMMAND);
        assert_eq!(order.next(vec![open.clone()], true), [open]);
        assert_eq!(order.next(vec![text("a")], true), []);
        assert_eq!(order.next(vec![text("b")], true), [text("a"), text("b")]);
        assert_eq!(order.next(vec![text("c")], true), [text("c")]);
    }

    #[test]
    fn a_text_that_moves_no_focus_comes_at_once() {
        let events = vec![
            plain(Key::A),
            text("a"),
            plain(Key::Space),
            text(" "),
            plain(Key::B),
            text("b"),
        ];
        assert_eq!(frames(events.clone(), true), [events]);
    }

    #[test]
    fn a_key_that_is_held_down_is_as_fast_as_before() {
        let arrows = vec![
            plain(Key::ArrowDown),
            plain(Key::ArrowDown),
            release(Key::ArrowDown),
            plain(Key::PageUp),
        ];
        assert_eq!(frames(arrows.clone(), false), [arrows]);
        let enters = vec![plain(Key::Enter), plain(Key::Enter), release(Key::Enter)];
        assert_eq!(frames(enters.clone(), true), [enters]);
    }

    #[test]
    fn a_space_clicks_where_no_text_is_written() {
        let events = vec![plain(Key::Space), text(" "), text("x")];
        let (first, second) = (events[..2].to_vec(), events[2..].to_vec());
        assert_eq!(frames(events, false), [first, vec![], second]);
    }

    #[test]
    fn two_presses_of_enter_are_taken_one_after_the_other() {
        let pressed = || vec![plain(Key::Enter), release(Key::Enter)];
        let events = [pressed(), pressed()].concat();
        assert_eq!(frames(events, true), [pressed(), vec![], pressed()]);
    }
}
