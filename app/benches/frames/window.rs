//! The real window without a display: its frames are run and cut into triangles, but not painted.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use eframe::App as _;
use egui::{Context, Event, Modifiers, MouseWheelUnit, Pos2, RawInput, Rect, TouchPhase, pos2, vec2};
use jiff::tz::TimeZone;
use keyglass::action::Asked;
use keyglass::app::{App, Options};
use keyglass::chooser::NoChooser;
use keyglass::desktop::SystemDesktop;
use keyglass::tokens::{SystemKeychain, Tokens};
use keyglass_store::{Clock, Database};

/// Size of the window in points.
const SIZE: egui::Vec2 = vec2(1280.0, 800.0);
/// Between two frames, in milliseconds.
const FRAME: i64 = 16;
/// How long background threads may take before a case is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// The window.
pub struct Window {
    pub app: App,
    pub ctx: Context,
    frame: eframe::Frame,
    now: Arc<AtomicI64>,
    time: f64,
}

impl Window {
    /// Shows a database that is given the window's clock.
    pub fn new(open: impl FnOnce(Clock) -> Result<Arc<dyn Database>, String>) -> Result<Self, String> {
        let ctx = Context::default();
        let now = Arc::new(AtomicI64::new(1_795_435_200_000));
        let time = Arc::clone(&now);
        let clock = Clock::from_fn(move || time.load(Ordering::Relaxed));
        let database = open(clock.clone())?;
        let options = Options {
            clock,
            zone: TimeZone::UTC,
            folders: None,
            chooser: Box::new(NoChooser),
            desktop: Arc::new(SystemDesktop),
            tokens: Tokens::new(Arc::new(SystemKeychain), None),
            location: None,
            restore: false,
        };
        let mut app = App::new(&ctx, options);
        app.show_database(database).map_err(|error| error.to_string())?;
        Ok(Self {
            app,
            ctx,
            frame: eframe::Frame::_new_kittest(),
            now,
            time: 0.0,
        })
    }

    /// Draws a frame. How long the processor took for it.
    pub fn frame(&mut self, events: Vec<Event>) -> Duration {
        self.frame_after(FRAME, events)
    }

    /// Draws a frame so many milliseconds after the last one. How long the processor took for it.
    pub fn frame_after(&mut self, milliseconds: i64, events: Vec<Event>) -> Duration {
        self.now.fetch_add(milliseconds, Ordering::Relaxed);
        self.time += milliseconds as f64 / 1000.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(self.time),
            focused: true,
            events,
            ..RawInput::default()
        };
        let begun = processor_time();
        let output = self.ctx.run_ui(input, |ui| {
            self.app.logic(ui.ctx(), &mut self.frame);
            self.app.ui(ui, &mut self.frame);
        });
        let triangles = self
            .ctx
            .tessellate(output.shapes.clone(), output.pixels_per_point);
        let taken = processor_time().saturating_sub(begun);
        std::hint::black_box(triangles);
        output.drop_without_applying_deltas();
        taken
    }

    /// Draws frames until background threads have brought about what is waited for.
    pub fn until(&mut self, what: &str, holds: impl Fn(&App) -> bool) -> Result<(), String> {
        let begun = Instant::now();
        while !holds(&self.app) {
            self.frame(Vec::new());
            if begun.elapsed() > PATIENCE {
                return Err(format!("Waited too long for {what}"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Asks for something, of the database if it is about one.
    pub fn ask(&mut self, asked: impl Into<Asked>) {
        let database = self.app.session().map(|session| session.id);
        if let Some(action) = asked.into().stamped(database) {
            self.app.execute(action, &self.ctx.clone());
        }
    }

    /// The time of its clock, in milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Moves the pointer.
    pub fn point_at(&mut self, x: f32, y: f32) {
        self.frame(vec![Event::PointerMoved(pos2(x, y))]);
    }
}

/// How long the processor has worked for this thread: others who use the machine do not count.
#[cfg(unix)]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The time of the clock, where the processor's is not told.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    use std::sync::LazyLock;
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGUN.elapsed()
}

/// The wheel, turned so that the content moves up.
pub fn wheel(points: f32) -> Vec<Event> {
    vec![Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, -points),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    }]
}
