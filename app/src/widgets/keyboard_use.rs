//! Whether a person uses the keyboard: then it is shown where it is, and a pointer that only lies somewhere brings no
//! tooltips.

use egui::{
    Context, Event, Id, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Plugin, RawInput, TouchPhase, Vec2,
};

use crate::theme::TOOLTIP_DELAY;

/// A tooltip that waits so long never comes, in seconds.
const NEVER: f32 = 1e6;

/// Whether the last thing that a person did was to go somewhere by keyboard, and not to click.
#[must_use]
pub fn is_by_keyboard(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(place())).unwrap_or(false)
}

/// Notes what a person does.
#[derive(Debug, Default)]
pub struct KeyboardUse;

impl Plugin for KeyboardUse {
    fn debug_name(&self) -> &'static str {
        "keyboard use"
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let last = |kind: fn(&Event) -> Option<bool>| input.events.iter().rev().find_map(kind);
        if let Some(is_keyboard) = last(goes_by_keyboard) {
            ctx.data_mut(|data| data.insert_temp(place(), is_keyboard));
        }
        if let Some(hides) = last(hides_tooltips) {
            let delay = if hides { NEVER } else { TOOLTIP_DELAY };
            let now = ctx.global_style().interaction.tooltip_delay;
            if (now - delay).abs() > f32::EPSILON {
                ctx.all_styles_mut(|style| style.interaction.tooltip_delay = delay);
            }
            if hides {
                input.events.push(end_of_scrolling());
            }
        }
    }
}

/// Whether a key goes somewhere, or a click does; neither for other events.
fn goes_by_keyboard(event: &Event) -> Option<bool> {
    match event {
        Event::PointerButton { pressed: true, .. } => Some(false),
        Event::Key {
            key, pressed: true, ..
        } if goes_somewhere(*key) => Some(true),
        _ => None,
    }
}

/// Whether tooltips go, as from a key on, or may come, as from a move of the pointer on; neither for other events.
fn hides_tooltips(event: &Event) -> Option<bool> {
    match event {
        Event::PointerMoved(_) | Event::PointerButton { .. } | Event::PointerGone => Some(false),
        Event::Key { pressed: true, .. } => Some(true),
        _ => None,
    }
}

/// egui leaves a tooltip where it is as long as the pointer lies there, over a dialog, too, but not while the delay after
/// scrolling lasts.
fn end_of_scrolling() -> Event {
    Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: Vec2::ZERO,
        phase: TouchPhase::End,
        source: MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    }
}

fn place() -> Id {
    Id::unique("by keyboard")
}

fn goes_somewhere(key: Key) -> bool {
    matches!(
        key,
        Key::Tab
            | Key::F6
            | Key::ArrowUp
            | Key::ArrowDown
            | Key::ArrowLeft
            | Key::ArrowRight
            | Key::Home
            | Key::End
            | Key::PageUp
            | Key::PageDown
    )
}
