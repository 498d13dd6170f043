//! Menus: entries with an icon, a shortcut and a tooltip, aligned in columns.

use egui::accesskit::Role;
use egui::containers::menu::SubMenu;
use egui::{
    Color32, InnerResponse, MenuBar, Response, RichText, Sense, Stroke, Ui, Widget, WidgetInfo, vec2,
};

use crate::theme;
use crate::widgets::{context_menu, line_text};

/// One entry of a menu.
#[must_use = "add it to a Ui"]
pub struct MenuEntry<'a> {
    text: &'a str,
    icon: Option<&'a str>,
    shortcut: Option<&'a str>,
    checked: Option<bool>,
    danger: bool,
}

impl<'a> MenuEntry<'a> {
    /// An entry that says `text`, with `…` at its end where more input follows.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            icon: None,
            shortcut: None,
            checked: None,
            danger: false,
        }
    }

    /// An icon of [`crate::theme::icons`].
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The keys that do the same.
    pub fn shortcut(mut self, shortcut: &'a str) -> Self {
        self.shortcut = Some(shortcut);
        self
    }

    /// A switch that is on or off.
    pub fn checked(mut self, checked: bool) -> Self {
        self.checked = Some(checked);
        self
    }

    /// Drawn as destroying something.
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }
}

impl Widget for MenuEntry<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let tokens = theme::tokens(ui);
        let color = if self.danger {
            tokens.color.bad
        } else {
            tokens.color.text
        };
        let text = line_text::layout(
            ui.painter(),
            line_text::job(self.text, tokens.body(), color),
            f32::INFINITY,
        );
        let shortcut = self.shortcut.map(|shortcut| {
            let job = line_text::job(shortcut, tokens.small(), tokens.color.dim);
            line_text::layout(ui.painter(), job, f32::INFINITY)
        });
        let shortcut_width = shortcut.as_ref().map_or(0.0, |shortcut| shortcut.size().x + 24.0);
        let wanted = 30.0 + text.size().x + shortcut_width + 12.0;
        let width = wanted.ceil().max(180.0);
        let width = if ui.is_sizing_pass() {
            width
        } else {
            width.max(ui.available_width())
        };
        let (rect, response) = ui.allocate_exact_size(vec2(width, tokens.size.control), Sense::click());
        response.widget_info(|| match self.checked {
            Some(checked) => {
                WidgetInfo::selected(Role::MenuItemCheckBox, ui.is_enabled(), checked, self.text)
            }
            None => WidgetInfo::labeled(Role::MenuItem, ui.is_enabled(), self.text),
        });
        context_menu::focus_first(ui, &response);
        if ui.is_rect_visible(rect) {
            if (response.hovered() || response.has_focus()) && ui.is_enabled() {
                ui.painter()
                    .rect_filled(rect, tokens.size.radius_small, tokens.color.selection);
            }
            let mark = match self.checked {
                Some(true) => Some(theme::icons::CHECK),
                Some(false) => None,
                None => self.icon,
            };
            if let Some(mark) = mark {
                let color = if self.danger { color } else { tokens.color.dim };
                let job = line_text::job(mark, tokens.icon(), color);
                let galley = line_text::layout(ui.painter(), job, f32::INFINITY);
                line_text::paint_centered(ui.painter(), rect.with_max_x(rect.left() + 30.0), galley);
            }
            line_text::paint(ui.painter(), rect.with_min_x(rect.left() + 30.0), text);
            if let Some(shortcut) = shortcut {
                line_text::paint_right(ui.painter(), rect.with_max_x(rect.right() - 10.0), shortcut);
            }
        }
        response
    }
}

/// Makes a menu as wide as its longest entry, from `least` to `most` points.
pub fn fit_menu(ui: &mut Ui, least: f32, most: f32) {
    ui.spacing_mut().item_spacing.y = 0.0;
    // How wide its entries are has been found out before it is seen.
    let most = match ui.is_sizing_pass() {
        true => most,
        false => ui.available_width().clamp(least, most),
    };
    ui.set_min_width(least);
    ui.set_max_width(most);
}

/// An entry that opens further ones beside it.
pub fn submenu(ui: &mut Ui, text: &str, icon: &str, contents: impl FnOnce(&mut Ui)) {
    let response = ui.add(MenuEntry::new(text).icon(icon).shortcut("›"));
    SubMenu::new().show(ui, &response, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        contents(ui);
    });
}

/// A thin line between entries.
pub fn menu_separator(ui: &mut Ui) {
    // It makes no menu wider than its entries do.
    let width = if ui.is_sizing_pass() {
        0.0
    } else {
        ui.available_width()
    };
    let (rect, _) = ui.allocate_exact_size(vec2(width, 7.0), Sense::hover());
    let line = Stroke::new(1.0, theme::tokens(ui).color.line);
    ui.painter().hline(rect.x_range(), rect.center().y, line);
}

/// A quiet heading above entries.
pub fn menu_heading(ui: &mut Ui, text: &str) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        ui.label(RichText::new(text).font(tokens.small()).color(tokens.color.dim));
    });
}

/// The menu bar: its buttons have the menu font and no frame.
pub fn menu_bar<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let tokens = theme::tokens(ui);
    let raised = tokens.color.raised;
    let style = move |style: &mut egui::Style| {
        style.spacing.button_padding = vec2(8.0, 2.0);
        style.spacing.item_spacing.x = 0.0;
        for widget in [
            &mut style.visuals.widgets.inactive,
            &mut style.visuals.widgets.hovered,
            &mut style.visuals.widgets.open,
        ] {
            widget.bg_stroke = Stroke::NONE;
            widget.weak_bg_fill = raised;
        }
        style.visuals.widgets.inactive.weak_bg_fill = Color32::TRANSPARENT;
    };
    ui.scope(|ui| {
        // Everything is centred in the bar's height, whatever is added later.
        ui.spacing_mut().interact_size.y = tokens.size.menu_bar;
        MenuBar::new()
            .style(style)
            .ui(ui, |ui| {
                ui.spacing_mut().interact_size.y = tokens.size.control;
                contents(ui)
            })
            .inner
    })
}

/// A menu of the menu bar.
pub fn menu_button<R>(
    ui: &mut Ui,
    title: &str,
    entries: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<Option<R>> {
    let font = theme::tokens(ui).menu();
    ui.menu_button(RichText::new(title).font(font), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        entries(ui)
    })
}
