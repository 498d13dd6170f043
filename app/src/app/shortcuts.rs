//! Which commands keys stand for.

use egui::{Context, KeyboardShortcut};

use super::App;
use crate::action::Action;
use crate::command::Command;
use crate::dialog::Dialog;

impl App {
    /// Takes the commands whose keys were pressed.
    pub(super) fn take_shortcuts(&self, ctx: &Context, actions: &mut Vec<Action>) {
        if self.dialog.as_ref().is_some_and(Dialog::takes_keys) {
            return;
        }
        let front = self.sessions.front_id();
        let environment = self.environment(front);
        // A shortcut matches with further modifiers, too, so the ones with most come first.
        let mut commands = Command::ALL;
        commands.sort_by_key(|command| std::cmp::Reverse(command.shortcut().map_or(0, num_modifiers)));
        for command in commands {
            // A text field's own keys come first.
            let of_text = matches!(
                command,
                Command::Undo | Command::Redo | Command::DeleteSelection | Command::SelectAll
            );
            let is_rename = command == Command::EditValue
                && self
                    .views()
                    .is_some_and(|views| views.entry.takes_rename_keys(ctx));
            if of_text && ctx.text_edit_focused() || is_rename {
                continue;
            }
            // One that cannot be done now takes its keys all the same, so that they do not mean another one.
            let is_pressed = [command.shortcut(), command.other_shortcut()]
                .into_iter()
                .flatten()
                .any(|shortcut| ctx.input_mut(|input| input.consume_shortcut(&shortcut)));
            if is_pressed && command.enabled(&environment).is_ok() {
                actions.push(Action::command(command, front));
            }
        }
    }
}

fn num_modifiers(shortcut: KeyboardShortcut) -> usize {
    let modifiers = shortcut.modifiers;
    [
        modifiers.alt,
        modifiers.ctrl,
        modifiers.shift,
        modifiers.mac_cmd,
        modifiers.command,
    ]
    .into_iter()
    .filter(|held| *held)
    .count()
}
