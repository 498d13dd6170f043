//! The system's keychain, as Linux has it: a token that the window keeps there opens the database the next time, and for
//! the command line.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::connect::holds;
use crate::connect_window::{PLUM, SECRET, Served};
use crate::data::Desk;
use crate::hands::Hands;
use crate::program::{Running, at_home, keyglass, wait_for};
use crate::screen::Screen;
use crate::story::Settings;

const PATIENCE: Duration = Duration::from_secs(60);
/// What the test runs besides Keyglass.
const PROGRAMS: [&str; 3] = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon"];

/// A session bus with an unlocked keychain on it.
struct Keychain {
    address: String,
    daemon: Child,
    _bus: Running,
}

impl Keychain {
    fn start(desk: &Desk) -> Self {
        let mut bus = Command::new("dbus-daemon");
        at_home(&mut bus, desk);
        let bus = Running::start(
            bus.args(["--session", "--nofork", "--print-address"])
                .env_remove("DBUS_SESSION_BUS_ADDRESS")
                .stderr(Stdio::null()),
        );
        let address = bus.line_with("unix:", PATIENCE);
        let mut daemon = Command::new("gnome-keyring-daemon");
        at_home(&mut daemon, desk);
        let mut daemon = daemon
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The password of the keychain, to the end of the input.
        let mut password = daemon.stdin.take().unwrap();
        password.write_all(b"a password of the keychain").unwrap();
        drop(password);
        let keychain = Self {
            address,
            daemon,
            _bus: bus,
        };
        wait_for("the keychain", PATIENCE, || {
            let mut asked = Command::new("dbus-send");
            keychain.given_to(&mut asked);
            asked.args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.DBus",
                "/",
                "org.freedesktop.DBus.NameHasOwner",
                "string:org.freedesktop.secrets",
            ]);
            let told = String::from_utf8(asked.output().unwrap().stdout).unwrap();
            told.contains("boolean true").then_some(())
        });
        keychain
    }

    /// Lets a program find it.
    fn given_to<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address)
    }
}

impl Drop for Keychain {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

/// A program that is missing here.
fn missing() -> Option<&'static str> {
    PROGRAMS.into_iter().find(|program| {
        let found = Command::new(program).arg("--version").output();
        found.is_err()
    })
}

#[test]
fn a_token_that_the_window_keeps_opens_the_database_next_time_and_on_the_command_line() {
    if let Some(program) = missing() {
        eprintln!("Not tested, because this is not installed: {program}");
        return;
    }
    let desk = Desk::new();
    let served = Served::new(&desk);
    let _serving = served.start(&desk);
    let settings = Settings::of_somebody(&desk);
    let keychain = Keychain::start(&desk);
    let get = || {
        let mut get = keyglass(&desk);
        keychain.given_to(&mut get).args(["get", &served.url(), PLUM]);
        get.output().unwrap()
    };
    assert!(!get().status.success());

    let screen = Screen::start(&desk);
    let window = |screen: &Screen| {
        let mut window = keyglass(&desk);
        Running::start(keychain.given_to(&mut window).env("DISPLAY", &screen.display))
    };
    let mut first = window(&screen);
    let hands = Hands::on(&screen);
    hands.press_and_see("ctrl+k");
    hands.type_text(&served.url());
    hands.press("Tab");
    hands.type_text(SECRET);
    hands.press("Return");
    let url = std::path::PathBuf::from(served.url());
    settings.until("the database to be open", &url, |kept| kept["listed"].is_string());
    let value = wait_for("the token to be kept", PATIENCE, || {
        let output = get();
        output
            .status
            .success()
            .then(|| String::from_utf8(output.stdout).unwrap())
    });
    assert_eq!(value, "7n\n");
    hands.press("ctrl+q");
    wait_for("the window to close", PATIENCE, || {
        first.has_ended().then_some(())
    });

    // It is opened again without a question, and goes on where it was.
    let again = Screen::start(&desk);
    let mut second = window(&again);
    let hands = Hands::on_any(&again);
    hands.press_and_see("ctrl+g");
    hands.type_text(PLUM);
    hands.press("Return");
    settings.until("the entry to be shown", &url, |kept| kept["shown"] == PLUM);
    hands.press("ctrl+q");
    wait_for("the window to close", PATIENCE, || {
        second.has_ended().then_some(())
    });
    assert_eq!(holds(&desk.path("home"), SECRET), Vec::<String>::new());
}
