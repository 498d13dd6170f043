//! Context menus: opened by the secondary button where that was pressed, or by the menu key or Shift+F10 at the row that
//! the keyboard is at, with the keyboard in the menu until it closes.

use egui::{Context, Id, InnerResponse, Key, Modifiers, Popup, Response, SetOpenCommand, Ui, vec2};

/// How far right of a row's left end its menu opens, in points.
const INDENT: f32 = 24.0;

/// The row whose menu was asked for by keyboard.
#[derive(Clone, Copy)]
struct Asked(Id);

/// Of a menu that was opened by keyboard: what had the keyboard before.
#[derive(Clone, Copy)]
struct Opened {
    back_to: Option<Id>,
}

/// The next entry of a menu that is drawn takes the keyboard.
#[derive(Clone, Copy)]
struct Wanting;

/// What gets the keyboard in the next frame.
#[derive(Clone, Copy)]
struct Back(Id);

/// Opens the menu of a list's current row when the list has the keyboard and is asked for it.
pub fn open_by_keyboard(ui: &Ui, list: &Response, row: Option<Id>) {
    if let Some(row) = row
        && list.has_focus()
        && takes_key(ui.ctx())
    {
        ui.data_mut(|data| data.insert_temp(Id::NULL, Asked(row)));
        ui.ctx().request_repaint();
    }
}

/// Shows the menu of a widget while it is open.
pub fn show<R>(response: &Response, entries: impl FnOnce(&mut Ui) -> R) -> Option<InnerResponse<R>> {
    let ctx = &response.ctx;
    let is_asked = |asked: Option<Asked>| asked.is_some_and(|asked| asked.0 == response.id);
    let mut popup = Popup::context_menu(response);
    let id = popup.get_id();
    if is_asked(ctx.data(|data| data.get_temp(Id::NULL))) || response.has_focus() && takes_key(ctx) {
        let back_to = ctx.memory(egui::Memory::focused);
        ctx.data_mut(|data| {
            data.remove::<Asked>(Id::NULL);
            data.insert_temp(id, Opened { back_to });
            data.insert_temp(Id::NULL, Wanting);
        });
        popup = popup.open_memory(Some(SetOpenCommand::Bool(true)));
    } else if response.secondary_clicked() {
        ctx.data_mut(|data| data.remove::<Opened>(id));
    }
    let opened = ctx.data(|data| data.get_temp::<Opened>(id));
    if opened.is_some() {
        popup = popup.at_position(response.rect.left_bottom() + vec2(INDENT, 0.0));
    }
    let shown = popup.show(entries);
    if let Some(opened) = opened
        && !Popup::is_id_open(ctx, id)
    {
        ctx.data_mut(|data| {
            data.remove::<Opened>(id);
            data.remove::<Wanting>(Id::NULL);
            if let Some(back_to) = opened.back_to {
                data.insert_temp(Id::NULL, Back(back_to));
            }
        });
        ctx.request_repaint();
    }
    shown
}

/// What the keyboard goes back to because a menu has closed that it was in; at the beginning of a frame, so that the key
/// that closed the menu means nothing there.
pub fn take_back(ctx: &Context) -> Option<Id> {
    ctx.data_mut(|data| {
        let back = data.get_temp::<Back>(Id::NULL);
        data.remove::<Back>(Id::NULL);
        back.map(|back| back.0)
    })
}

/// Gives an entry of a menu the keyboard if the menu has just been opened by it.
pub(super) fn focus_first(ui: &Ui, entry: &Response) {
    if ui.is_sizing_pass() || !entry.enabled() {
        return;
    }
    let is_wanting = ui.data_mut(|data| {
        let wanting = data.get_temp::<Wanting>(Id::NULL);
        data.remove::<Wanting>(Id::NULL);
        wanting.is_some()
    });
    if is_wanting {
        entry.request_focus();
    }
}

fn takes_key(ctx: &Context) -> bool {
    ctx.input_mut(|input| {
        input.consume_key(Modifiers::NONE, Key::Menu) || input.consume_key(Modifiers::SHIFT, Key::F10)
    })
}
