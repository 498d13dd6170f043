//! A person's hands on the keyboard and the mouse of a screen, by xdotool.

use std::process::Command;
use std::time::Duration;

use crate::picture::Area;
use crate::program::wait_for;
use crate::screen::{HEIGHT, Screen, WIDTH};

/// How long the window may take to show that something happened.
const PATIENCE: Duration = Duration::from_secs(60);

/// All but the status line, which counts seconds.
const CONTENTS: Area = Area {
    x: 0..WIDTH,
    y: 0..HEIGHT - 40,
};

/// Hands on one window.
pub(crate) struct Hands<'a> {
    screen: &'a Screen,
}

impl<'a> Hands<'a> {
    /// Waits for the window and gives it the keyboard, which on a screen without a window manager nobody else does.
    pub(crate) fn on(screen: &'a Screen) -> Self {
        Self::on_window(screen, "^Keyglass$")
    }

    /// The same for a window that opens with a database, after which it is named.
    pub(crate) fn on_any(screen: &'a Screen) -> Self {
        Self::on_window(screen, "Keyglass$")
    }

    fn on_window(screen: &'a Screen, name: &str) -> Self {
        let hands = Self { screen };
        let window = wait_for("the window", PATIENCE, || {
            let mut found = hands.xdotool(&["search", "--onlyvisible", "--name", name]);
            let output = String::from_utf8(found.output().unwrap().stdout).unwrap();
            output.lines().next().map(str::to_owned)
        });
        screen.settled_picture(&CONTENTS);
        hands.does(&["windowfocus", "--sync", &window]);
        // Keys are lost until the window has heard of it: ask for the sheet of shortcuts until it comes.
        let before = screen.picture();
        wait_for("the window to hear the keyboard", PATIENCE, || {
            hands.press("F1");
            std::thread::sleep(Duration::from_millis(200));
            let changed = screen.picture().changed_rows(&before, &CONTENTS);
            (!changed.is_empty()).then_some(())
        });
        hands.press_and_see("Escape");
        hands
    }

    /// Presses keys together, such as `ctrl+s`.
    pub(crate) fn press(&self, keys: &str) {
        self.does(&["key", "--clearmodifiers", keys]);
    }

    /// The same, and waits until the window looks different and has come to rest.
    pub(crate) fn press_and_see(&self, keys: &str) {
        let before = self.screen.settled_picture(&CONTENTS);
        self.press(keys);
        wait_for("the window to answer to a key", PATIENCE, || {
            let changed = self.screen.picture().changed_rows(&before, &CONTENTS);
            (!changed.is_empty()).then_some(())
        });
        self.screen.settled_picture(&CONTENTS);
    }

    /// Types a text of plain letters.
    pub(crate) fn type_text(&self, text: &str) {
        self.does(&["type", "--delay", "20", text]);
    }

    /// Puts a text in the place of what stands in the field that has the keyboard.
    pub(crate) fn replace_text(&self, text: &str) {
        self.press("ctrl+a");
        self.type_text(text);
    }

    /// Clicks, and waits until the window has come to rest.
    pub(crate) fn click(&self, x: usize, y: usize) {
        self.does(&["mousemove", "--sync", &x.to_string(), &y.to_string()]);
        self.does(&["click", "1"]);
        self.screen.settled_picture(&CONTENTS);
    }

    fn does(&self, arguments: &[&str]) {
        let status = self.xdotool(arguments).status().unwrap();
        assert!(status.success(), "xdotool {arguments:?} ended with {status}");
    }

    fn xdotool(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("xdotool");
        command.env("DISPLAY", &self.screen.display).args(arguments);
        command
    }
}
