//! Where the keyboard's focus goes when what had it is gone, and past what the keyboard cannot use.

use egui::{FocusDirection, Id, Memory, Ui};

use super::Layout;
use crate::widgets::context_menu;

/// Panels whose edges are dragged.
const RESIZED: [&str; 5] = ["keys", "entry", "transaction", "history", "notices"];

/// Whether a dialog is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum DialogState {
    #[default]
    None,
    Shown,
    /// It has gone a frame ago, for which egui still keeps the focus from what was below.
    JustGone,
}

impl Layout {
    /// Gives the keyboard's focus back when a dialog has gone, unless something else has taken it. Whether it was lost, because
    /// what had it is gone.
    pub(super) fn keep_focus(&mut self, ui: &Ui, has_dialog: bool) -> bool {
        if let Some(back_to) = context_menu::take_back(ui.ctx()) {
            ui.memory_mut(|memory| memory.request_focus(back_to));
            // Also where choosing an entry has opened a dialog.
            self.focus = Some(back_to);
        }
        let focused = ui.memory(Memory::focused);
        let is_gone = |id: Id| focused.is_none() && ui.ctx().read_response(id).is_none();
        // A frame later, so that what is drawn then for the first time can take it.
        let is_lost = std::mem::take(&mut self.is_missing) && focused.is_none() && !has_dialog;
        self.is_missing = !has_dialog && self.dialog == DialogState::None && self.focus.is_some_and(is_gone);
        if self.is_missing {
            ui.ctx().request_repaint();
        }
        self.dialog = match self.dialog {
            _ if has_dialog => DialogState::Shown,
            DialogState::Shown => {
                ui.ctx().request_repaint();
                DialogState::JustGone
            }
            DialogState::JustGone => {
                if let (Some(focus), None) = (self.focus, focused) {
                    ui.memory_mut(|memory| memory.request_focus(focus));
                }
                DialogState::None
            }
            DialogState::None => {
                self.focus = focused;
                DialogState::None
            }
        };
        is_lost
    }
}

/// Moves the keyboard past what can only be dragged: the edges of panels, where it could do nothing.
pub(super) fn skip_handles(ui: &Ui) {
    if is_at_handle(ui) {
        let is_back = ui.input(|input| input.modifiers.shift);
        let direction = if is_back {
            FocusDirection::Previous
        } else {
            FocusDirection::Next
        };
        ui.memory_mut(|memory| memory.move_focus(direction));
    }
}

/// Whether the keyboard is at the edge of a panel, by the names that egui gives these.
pub(super) fn is_at_handle(ui: &Ui) -> bool {
    let focused = ui.memory(Memory::focused);
    let handle = |name: &str| ui.scope_id().with_salt(egui::IdSalt::new(name)).with("__resize");
    focused.is_some_and(|focused| RESIZED.iter().any(|name| handle(name) == focused))
}
