//! A screen of its own: Xvfb, and pictures of it.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::data::Desk;
use crate::picture::{Area, Picture};
use crate::program::{Running, at_home, wait_for};

pub(crate) const WIDTH: usize = 1280;
pub(crate) const HEIGHT: usize = 800;

/// A running Xvfb.
pub(crate) struct Screen {
    /// Such as `:99`.
    pub(crate) display: String,
    _server: Running,
}

impl Screen {
    pub(crate) fn start(desk: &Desk) -> Self {
        let mut command = Command::new("Xvfb");
        at_home(&mut command, desk);
        // It looks for a free display itself and prints its number.
        let server = Running::start(
            command
                .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"])
                .arg(format!("{WIDTH}x{HEIGHT}x24"))
                .stderr(Stdio::null()),
        );
        let number = server.line_with("", Duration::from_secs(20));
        Self {
            display: format!(":{number}"),
            _server: server,
        }
    }

    pub(crate) fn picture(&self) -> Picture {
        let output = Command::new("import")
            .env("DISPLAY", &self.display)
            .args(["-silent", "-window", "root", "-depth", "8", "rgb:-"])
            .output()
            .unwrap();
        assert!(output.status.success(), "import ended with {}", output.status);
        let (pixels, rest) = output.stdout.as_chunks::<3>();
        assert!(rest.is_empty() && pixels.len() == WIDTH * HEIGHT);
        Picture {
            width: WIDTH,
            height: HEIGHT,
            pixels: pixels.to_vec(),
        }
    }

    /// A picture of which `area` stays the same for half a second.
    pub(crate) fn settled_picture(&self, area: &Area) -> Picture {
        let mut last = self.picture();
        wait_for("the window to settle", Duration::from_secs(30), || {
            std::thread::sleep(Duration::from_millis(500));
            let now = self.picture();
            let settled = now.changed_rows(&last, area).is_empty() && !now.is_blank();
            last = now;
            settled.then(|| last.clone())
        })
    }
}
