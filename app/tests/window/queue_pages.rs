//! A long queue: what is on screen is read by pages, and little else.

use std::time::Duration;

use egui::{Key, Modifiers};
use keyglass_store::value::Value;
use keyglass_store::{AtomicOperation, Enqueue, StoredValue};

use crate::harness::{NOW, Window, commit, look};

const MESSAGES: i64 = 100_000;
const A_COMMIT: i64 = 1000;

fn message(number: i64) -> Enqueue {
    Enqueue {
        payload: StoredValue::from_value(&Value::from(number as f64))
            .unwrap()
            .bytes,
        due_at: NOW + 1_000_000 + number,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    }
}

/// When the message of a row is due, after the first one.
fn due(window: &Window, row: u64) -> Option<i64> {
    let queue = &window.models().queue;
    queue.message(row).map(|message| message.due_at - NOW - 1_000_000)
}

fn num_rows(window: &Window) -> u64 {
    window.models().queue.num_rows()
}

fn count(window: &Window) -> Option<u64> {
    window.models().queue.count()
}

fn scroll(window: &mut Window, points: f32) {
    window.harness.hover_at(egui::pos2(640.0, 400.0));
    window.harness.run_ok();
    window.harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, points),
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
        source: egui::MouseWheelSource::Wheel,
    });
    window.settle();
}

#[test]
fn a_queue_of_a_hundred_thousand_messages_is_read_as_it_is_scrolled() {
    let operations = (0..MESSAGES / A_COMMIT).map(|commit| {
        let messages = (commit * A_COMMIT..).take(A_COMMIT as usize).map(message);
        messages.fold(AtomicOperation::new(), AtomicOperation::enqueue)
    });
    let (mut window, trouble) = Window::on_troubled_after(operations, |_| {});
    assert_eq!(count(&window), Some(MESSAGES as u64), "it is told");
    assert_eq!(trouble.messages_read(), 0, "nobody looks at them");
    window.press(Modifiers::COMMAND, Key::Num3);
    assert!(trouble.messages_read() <= 200, "{}", trouble.messages_read());
    assert_eq!((num_rows(&window), due(&window, 0)), (MESSAGES as u64, Some(0)));
    look(&mut window, "queue-of-many");

    scroll(&mut window, -1e9);
    let last = MESSAGES as u64 - 1;
    assert_eq!(due(&window, last), Some(MESSAGES - 1));
    assert_eq!(due(&window, 0), None, "what is far away is let go");
    look(&mut window, "queue-of-many-end");

    // What comes and goes while somebody looks.
    let read = trouble.messages_read();
    commit(
        &*window.database(),
        AtomicOperation::new().enqueue(message(MESSAGES)),
    );
    window.settle();
    assert_eq!(count(&window), Some(MESSAGES as u64 + 1));
    scroll(&mut window, -1e9);
    assert_eq!(due(&window, last + 1), Some(MESSAGES));
    assert!(
        trouble.messages_read() - read < 1000,
        "only what is on screen is read again"
    );

    // Back at the beginning the first messages are read again, of which one is delivered.
    scroll(&mut window, 1e9);
    assert_eq!(due(&window, 0), Some(0));
    let listener = trouble.listen();
    window.pass(1_000_001);
    let delivery = listener.receive(Duration::ZERO).unwrap().unwrap();
    delivery.finish().unwrap();
    window.settle();
    assert_eq!((due(&window, 0), num_rows(&window)), (Some(1), MESSAGES as u64));
}
