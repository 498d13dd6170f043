//! A screen without a monitor, and when something on it was drawn.
//!
//! The X server tells with its DAMAGE extension that a window was drawn, so nothing is asked for again and again.

use std::io::{BufRead as _, BufReader, IoSlice};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, MapState};
use x11rb::rust_connection::RustConnection;

use crate::Outcome;

/// Size of the screen, in pixels.
const SIZE: (u16, u16) = (1280, 800);
/// What is looked at: the first rows of the tree and the table, without the status line. Left, top, width, height.
const LOOKED_AT: (i16, i16, u16, u16) = (0, 60, 1280, 240);
/// Between two looks for something drawn.
const PAUSE: Duration = Duration::from_micros(500);
/// One frame may reach the screen in several pieces, within this.
const PIECES: Duration = Duration::from_millis(4);
/// How long a window may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The X server. Ended when this is dropped.
pub struct Display {
    server: Child,
    /// Such as `:99`.
    pub name: String,
}

impl Display {
    pub fn start() -> Outcome<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"])
            .arg(format!("{}x{}x24", SIZE.0, SIZE.1))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("This bench needs Xvfb, which cannot be started ({error})"))?;
        let mut number = String::new();
        let told = server.stdout.take().map(BufReader::new);
        let read = told.map(|mut told| told.read_line(&mut number));
        let display = Self {
            server,
            name: format!(":{}", number.trim()),
        };
        read.ok_or("Xvfb has no standard output")??;
        Ok(display)
    }
}

impl Display {
    /// Presses keys together in the window, such as `ctrl+2`. Whether xdotool is there to do it.
    pub fn press(&self, observer: &Observer, keys: &str) -> bool {
        let window = observer.window.to_string();
        let mut command = Command::new("xdotool");
        // On a screen without a window manager nobody else gives a window the keyboard.
        command.args(["windowfocus", "--sync", &window, "sleep", "0.5"]);
        command.args(["key", "--clearmodifiers", keys]);
        let status = command.env("DISPLAY", &self.name).stdout(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ended = self.server.kill();
        let _collected = self.server.wait();
    }
}

/// Looks at the screen.
pub struct Observer {
    connection: RustConnection,
    root: u32,
    /// What is followed; none while this is 0.
    window: u32,
    /// The first byte of requests to DAMAGE, and of its events.
    damage: (u8, u8),
    /// What was damaged, once it is followed.
    followed: Option<u32>,
}

/// What happened on the screen in some time.
#[derive(Debug, Default)]
pub struct Seen {
    /// How many frames were drawn.
    pub frames: u32,
    /// When what is looked at changed last.
    pub changed: Option<SystemTime>,
}

impl Observer {
    pub fn connect(display: &Display) -> Outcome<Self> {
        let (connection, screen) = RustConnection::connect(Some(&display.name))?;
        let root = connection
            .setup()
            .roots
            .get(screen)
            .ok_or("The X server has no screen")?
            .root;
        let found = connection.query_extension(b"DAMAGE")?.reply()?;
        if !found.present {
            return Err("The X server does not tell what is drawn (no DAMAGE extension)".into());
        }
        let observer = Self {
            connection,
            root,
            window: 0,
            damage: (found.major_opcode, found.first_event),
            followed: None,
        };
        // The version that we speak; the server answers nothing before it was told.
        let version: [u8; 12] = request(observer.damage.0, 0, [1, 1]);
        let told = observer
            .connection
            .send_request_with_reply::<u8>(&[IoSlice::new(&version)], Vec::new())?;
        told.reply()?;
        Ok(observer)
    }

    /// Waits until a window has come up, and follows what is drawn.
    pub fn wait_for_window(&mut self) -> Outcome<()> {
        let begun = Instant::now();
        loop {
            let windows = self.connection.query_tree(self.root)?.reply()?.children;
            for window in windows {
                let attributes = self.connection.get_window_attributes(window)?.reply();
                let geometry = self.connection.get_geometry(window)?.reply();
                if let (Ok(attributes), Ok(geometry)) = (attributes, geometry)
                    && attributes.map_state == MapState::VIEWABLE
                    && geometry.width > SIZE.0 / 2
                {
                    return self.follow(window);
                }
            }
            if begun.elapsed() > PATIENCE {
                return Err("The window did not come up".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn follow(&mut self, window: u32) -> Outcome<()> {
        let damage = self.connection.generate_id()?;
        // Level 3: tell when something was drawn after nothing had been.
        let create: [u8; 16] = request(self.damage.0, 1, [damage, window, 3]);
        self.connection
            .send_request_without_reply(&[IoSlice::new(&create)], Vec::new())?
            .check()?;
        self.followed = Some(damage);
        self.window = window;
        Ok(())
    }

    /// Looks for a while. Without `looks` frames are counted only, which costs less.
    pub fn watch(&self, time: Duration, looks: bool) -> Outcome<Seen> {
        let mut seen = Seen::default();
        let mut before = if looks { self.look()? } else { Vec::new() };
        let mut last_drawn: Option<Instant> = None;
        let end = Instant::now() + time;
        while Instant::now() < end {
            if !self.take_drawn()? {
                std::thread::sleep(if looks { PAUSE } else { PAUSE * 4 });
                continue;
            }
            let (drawn, at) = (Instant::now(), SystemTime::now());
            if last_drawn.is_none_or(|last| drawn.duration_since(last) > PIECES) {
                seen.frames += 1;
            }
            last_drawn = Some(drawn);
            if looks {
                let now = self.look()?;
                if now != before {
                    seen.changed = Some(at);
                    before = now;
                }
            }
        }
        Ok(seen)
    }

    /// Waits until nothing has been drawn for a while.
    pub fn settle(&self, quiet: Duration) -> Outcome<()> {
        let begun = Instant::now();
        while self.watch(quiet, false)?.frames > 0 {
            if begun.elapsed() > PATIENCE {
                return Err("The window does not come to rest".into());
            }
        }
        Ok(())
    }

    /// Whether something was drawn since the last call.
    fn take_drawn(&self) -> Outcome<bool> {
        let mut drawn = false;
        while let Some(event) = self.connection.poll_for_event()? {
            if let Event::Unknown(bytes) = event
                && bytes.first().map(|kind| kind & 0x7f) == Some(self.damage.1)
            {
                drawn = true;
            }
        }
        if drawn && let Some(damage) = self.followed {
            // Only what is drawn after this is told again.
            let subtract: [u8; 16] = request(self.damage.0, 3, [damage, 0, 0]);
            self.connection
                .send_request_without_reply(&[IoSlice::new(&subtract)], Vec::new())?
                .check()?;
        }
        Ok(drawn)
    }

    fn look(&self) -> Outcome<Vec<u8>> {
        let (left, top, width, height) = LOOKED_AT;
        let image = self
            .connection
            .get_image(
                ImageFormat::Z_PIXMAP,
                self.root,
                left,
                top,
                width,
                height,
                u32::MAX,
            )?
            .reply()?;
        Ok(image.data)
    }
}

/// A request of an extension: its number, its length in words, and its numbers.
fn request<const NUMBERS: usize, const BYTES: usize>(
    major: u8,
    minor: u8,
    numbers: [u32; NUMBERS],
) -> [u8; BYTES] {
    let length = u16::try_from(BYTES / 4).unwrap_or(u16::MAX);
    let mut bytes = vec![major, minor];
    bytes.extend(length.to_ne_bytes());
    bytes.extend(numbers.iter().flat_map(|number| number.to_ne_bytes()));
    bytes.resize(BYTES, 0);
    bytes.try_into().unwrap_or([0; BYTES])
}
