//! Messages of the queue, changed by mouse and keyboard: in a Keyglass folder and in one of Deno's files alike.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::action::{Action, DatabaseAction};
use keyglass_store::database::QueueMessage;
use keyglass_store::deno_file::DenoFile;
use keyglass_store::value::Encoding;
use keyglass_store::{AtomicOperation, CommitOutcome, Database, Enqueue, StoredValue};

use crate::harness::{NOW, Window, commit, key, look};
use crate::pictures::snapshot;

const TEXT: &str = "Message as JavaScript";

/// What the messages of a test are in.
#[derive(Debug, Clone, Copy)]
enum Engine {
    Folder,
    File,
}

const ENGINES: [Engine; 2] = [Engine::Folder, Engine::File];

fn payload(literal: &str) -> StoredValue {
    let value = keyglass_store::value::literal::parse(literal).unwrap();
    StoredValue::v8(&value).unwrap()
}

fn message(literal: &str, due_in: i64) -> Enqueue {
    Enqueue {
        payload: payload(literal).bytes,
        due_at: NOW + due_in,
        keys_if_undelivered: vec![key("['dead']")],
        backoff_schedule: Some(vec![1000, 60_000]),
    }
}

/// A window that shows the queue of a database with three messages.
fn window(engine: Engine) -> Window {
    window_of([1280.0, 800.0], Theme::Dark, engine)
}

fn window_of(size: [f32; 2], theme: Theme, engine: Engine) -> Window {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::sized(size, theme, None, folder);
    let database: Arc<dyn Database> = match engine {
        Engine::Folder => Arc::new(window.new_store("test.kg")),
        Engine::File => {
            let path = window.folder.path().join("kv.sqlite3");
            Arc::new(DenoFile::create_with_clock(&path, window.clock()).unwrap())
        }
    };
    let three = AtomicOperation::new()
        .enqueue(message("{n: 1}", 60_000))
        .enqueue(message("{n: 2}", 120_000))
        .enqueue(message("{n: 3}", 180_000));
    commit(&*database, three);
    window.harness.state_mut().show_database(database).unwrap();
    window.settle();
    window.press(Modifiers::COMMAND, Key::Num3);
    window
}

/// The messages as literals, with when they are due after now.
fn queue(window: &Window) -> Vec<(String, i64)> {
    let messages = window.database().queue(100).unwrap().into_iter();
    messages
        .map(|message| (literal(&message), message.due_at - NOW))
        .collect()
}

fn literal(message: &QueueMessage) -> String {
    let stored = StoredValue {
        encoding: Encoding::V8,
        bytes: message.payload.clone(),
    };
    stored.decode().unwrap().to_string()
}

fn name(window: &Window, row: usize) -> String {
    format!("Message {}", window.database().queue(100).unwrap()[row].id)
}

fn click_row(window: &mut Window, row: usize) {
    let name = name(window, row);
    window.click(Role::Row, &name);
}

/// Opens the menu of a row and chooses an entry of it.
fn from_menu(window: &mut Window, row: usize, entry: &str) {
    let name = name(window, row);
    window
        .harness
        .get_by_role_and_label(Role::Row, &name)
        .click_secondary();
    window.settle();
    window.click(Role::MenuItem, entry);
}

fn until_notices(window: &mut Window, number: usize) {
    window.until("a notice", |app| app.notices().log().len() >= number);
    window.settle();
}

fn last(window: &Window) -> String {
    window.notices().pop().unwrap()
}

fn due(numbers: &[(i64, i64)]) -> Vec<(String, i64)> {
    numbers
        .iter()
        .map(|(number, due)| (format!("{{n: {number}}}"), *due))
        .collect()
}

#[test]
fn a_message_is_delivered_now_and_that_is_undone_and_redone() {
    for engine in ENGINES {
        let mut window = window(engine);
        from_menu(&mut window, 1, "Deliver now");
        until_notices(&mut window, 1);
        assert_eq!(
            queue(&window),
            due(&[(2, 0), (1, 60_000), (3, 180_000)]),
            "{engine:?}"
        );
        assert_eq!(last(&window), "Made due now: a message");
        window.press(Modifiers::COMMAND, Key::Z);
        until_notices(&mut window, 2);
        assert_eq!(last(&window), "Undone: Brought forward a message");
        assert_eq!(queue(&window), due(&[(1, 60_000), (2, 120_000), (3, 180_000)]));
        window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
        until_notices(&mut window, 3);
        assert_eq!(queue(&window)[0], ("{n: 2}".to_owned(), 0));
    }
}

#[test]
fn several_messages_are_cancelled_by_keyboard_and_come_back() {
    for engine in ENGINES {
        let mut window = window(engine);
        click_row(&mut window, 0);
        window.press(Modifiers::SHIFT, Key::ArrowDown);
        window.press(Modifiers::NONE, Key::Delete);
        until_notices(&mut window, 1);
        assert_eq!(last(&window), "Cancelled 2 messages", "{engine:?}");
        assert_eq!(queue(&window), due(&[(3, 180_000)]));
        window.press(Modifiers::COMMAND, Key::Z);
        until_notices(&mut window, 2);
        assert_eq!(queue(&window), due(&[(1, 60_000), (2, 120_000), (3, 180_000)]));
    }
}

#[test]
fn several_messages_are_put_off() {
    for engine in ENGINES {
        let mut window = window(engine);
        click_row(&mut window, 2);
        window.press(Modifiers::SHIFT, Key::Home);
        let id = window.session().id;
        let ctx = window.harness.ctx.clone();
        let put_off = Action::On(
            id,
            DatabaseAction::Command(keyglass::command::Command::PutOffMessages),
        );
        window.harness.state_mut().execute(put_off, &ctx);
        window.settle();
        assert!(window.shows("Put off 3 messages"), "{engine:?}");
        // The field has the keyboard.
        window.harness.event(Event::Text("2 h".to_owned()));
        window.settle();
        look(&mut window, "message-put-off");
        window.press(Modifiers::NONE, Key::Enter);
        until_notices(&mut window, 1);
        assert_eq!(
            queue(&window).iter().map(|it| it.1).collect::<Vec<_>>(),
            [7_200_000; 3]
        );
    }
}

#[test]
fn a_message_is_edited_where_it_is_still_as_it_was_and_what_was_typed_stays_where_not() {
    for engine in ENGINES {
        let mut window = window(engine);
        click_row(&mut window, 1);
        window.press(Modifiers::NONE, Key::Enter);
        assert!(window.shows("Edit message"), "{engine:?}");
        window.enter(Role::MultilineTextInput, TEXT, "{n: 7}");
        window.enter(Role::TextInput, "Retries after", "9 s");
        window.click(Role::Button, "Save");
        until_notices(&mut window, 1);
        let edited = window.database().queue(10).unwrap().remove(1);
        assert_eq!(
            (literal(&edited).as_str(), edited.due_at),
            ("{n: 7}", NOW + 120_000)
        );
        assert_eq!(edited.backoff_schedule, [9000]);
        assert_eq!(edited.keys_if_undelivered, [key("['dead']")]);

        // Another program is faster.
        window.press(Modifiers::NONE, Key::Enter);
        window.enter(Role::MultilineTextInput, TEXT, "{n: 8}");
        let gone = AtomicOperation::new().change_message(edited.into_change(None));
        commit(&*window.database(), gone);
        window.click(Role::Button, "Save");
        until_notices(&mut window, 2);
        let refused = "Nothing was done: the message was delivered, is being delivered, or changed since";
        assert_eq!(last(&window), refused);
        let field = |window: &Window| {
            let field = window
                .harness
                .get_by_role_and_label(Role::MultilineTextInput, TEXT);
            field.accesskit_node().value().unwrap()
        };
        assert_eq!(field(&window), "{n: 8}");
        look(&mut window, "message-refused");
        window.click(Role::Button, "Cancel");
        assert_eq!(queue(&window), due(&[(1, 60_000), (3, 180_000)]));
    }
}

#[test]
fn a_message_is_queued_and_the_text_stays_where_its_dialog_is_closed() {
    for engine in ENGINES {
        let mut window = window(engine);
        window.choose("Edit", "New message…");
        window.harness.event(Event::Text("{n: 4}".to_owned()));
        window.settle();
        window.press(Modifiers::NONE, Key::Escape);
        window.press(Modifiers::NONE, Key::Escape);
        assert!(!window.shows("New message"), "{engine:?}");
        window.choose("Edit", "New message…");
        window.enter(Role::TextInput, "Due", "5 min");
        window.enter(
            Role::MultilineTextInput,
            "Keys if undelivered",
            "['a']\n['b', 1n]",
        );
        window.press(Modifiers::COMMAND, Key::Enter);
        until_notices(&mut window, 1);
        assert_eq!(last(&window), "Queued a message");
        assert_eq!(queue(&window).pop().unwrap(), ("{n: 4}".to_owned(), 300_000));
        let queued = window.database().queue(10).unwrap().pop().unwrap();
        assert_eq!(queued.backoff_schedule, [100, 1000, 5000, 30_000, 60_000]);
        assert_eq!(queued.keys_if_undelivered, [key("['a']"), key("['b', 1n]")]);
        window.press(Modifiers::COMMAND, Key::Z);
        until_notices(&mut window, 2);
        assert_eq!(last(&window), "Undone: Queued a message");
        assert_eq!(queue(&window).len(), 3);
    }
}

#[test]
fn an_undelivered_message_is_found_by_its_key_and_queued_again() {
    for engine in ENGINES {
        let mut window = window(engine);
        commit(
            &*window.database(),
            AtomicOperation::new().set(key("['dead']"), payload("{n: 0}")),
        );
        window.settle();
        from_menu(&mut window, 0, "Show [\"dead\"]");
        window.until("the entry", |app| {
            app.session().unwrap().models.panel.entry().is_some()
        });
        window.choose("Edit", "Queue again…");
        assert!(window.shows("Queue [\"dead\"] again"), "{engine:?}");
        look(&mut window, "message-again");
        window.click(Role::Button, "Queue again");
        until_notices(&mut window, 1);
        assert_eq!(last(&window), "Queued [\"dead\"] again");
        assert_eq!(window.database().get(&key("['dead']")).unwrap(), None);
        assert_eq!(queue(&window)[0], ("{n: 0}".to_owned(), 0));
        window.press(Modifiers::COMMAND, Key::Z);
        until_notices(&mut window, 2);
        let back = window.database().get(&key("['dead']")).unwrap().unwrap();
        assert_eq!(back.value, payload("{n: 0}"));
        assert_eq!(queue(&window), due(&[(1, 60_000), (2, 120_000), (3, 180_000)]));
    }
}

#[test]
fn many_undelivered_messages_are_queued_again_by_one_transaction() {
    for by_keyboard in [true, false] {
        let mut window = window(Engine::Folder);
        for name in ["a", "b", "c"] {
            let dead = key(&format!("['dead', '{name}']"));
            let value = payload(&format!("{{n: '{name}'}}"));
            commit(&*window.database(), AtomicOperation::new().set(dead, value));
        }
        window.press(Modifiers::COMMAND, Key::Num1);
        window.settle();
        window.click(Role::TreeItem, "\"dead\"");
        window.click(Role::Row, r#"["dead", "a"]"#);
        window.press(Modifiers::COMMAND, Key::A);
        window.settle();
        if by_keyboard {
            window.press(Modifiers::COMMAND, Key::P);
            window.harness.event(Event::Text("queue again".to_owned()));
            window.settle();
            window.press(Modifiers::NONE, Key::Enter);
        } else {
            window.choose("Edit", "Queue again…");
        }
        window.until("the rows", |app| {
            app.session().unwrap().models.transaction.rows.len() == 9
        });
        let waiting = queue(&window).len();
        window.press(Modifiers::COMMAND, Key::Enter);
        window.until("the commit", |app| {
            app.session().unwrap().models.transaction.committed().is_some()
        });
        assert_eq!(queue(&window).len(), waiting + 3);
        for name in ["a", "b", "c"] {
            let dead = key(&format!("['dead', '{name}']"));
            assert_eq!(window.database().get(&dead).unwrap(), None);
            let text = format!("{{n: \"{name}\"}}");
            assert!(
                queue(&window)
                    .iter()
                    .any(|(message, due)| (message, *due) == (&text, 0))
            );
        }
    }
}

#[test]
fn a_message_that_is_being_delivered_is_left_alone() {
    let mut window = window(Engine::File);
    let path = window.folder.path().join("kv.sqlite3");
    let deno = rusqlite::Connection::open(path).unwrap();
    deno.execute_batch(
        "INSERT INTO queue_running SELECT ts + 5000, id, data, backoff_schedule, keys_if_undelivered FROM queue; \
         DELETE FROM queue",
    )
    .unwrap();
    window.until("that they run", |app| {
        let queue = &app.session().unwrap().models.queue;
        queue.message(0).is_some_and(|message| message.running)
    });
    // They are not counted again at once.
    window.pass(1_000);
    window.until("that they are counted as running", |app| {
        let counts = &app.session().unwrap().models.queue_counts;
        counts
            .samples()
            .back()
            .is_some_and(|last| last.messages == [0, 0, 3])
    });
    let before = window.database().queue(10).unwrap();
    click_row(&mut window, 0);
    window.press(Modifiers::NONE, Key::Delete);
    until_notices(&mut window, 1);
    assert!(last(&window).ends_with("A message that is being delivered cannot be changed"));
    assert_eq!(window.database().queue(10).unwrap(), before);
    // What a person saw before it ran is nothing to go by, either.
    let seen = QueueMessage {
        due_at: NOW + 60_000,
        ..before[0].clone()
    };
    let cancel = AtomicOperation::new().change_message(seen.into_change(None));
    let outcome = window.database().commit(cancel).unwrap();
    assert_eq!(outcome, CommitOutcome::MessagesChanged(vec![0]));
}

#[test]
fn without_permission_nothing_is_offered() {
    let mut window = window(Engine::File);
    window.click(Role::Button, "Writable");
    click_row(&mut window, 0);
    window.press(Modifiers::NONE, Key::Delete);
    assert_eq!(window.notices(), ["Cancel message: The database is read-only"]);
    assert_eq!(queue(&window).len(), 3);
}

/// The dialog of a message that is edited, over several that are selected.
fn picture(theme: Theme, name: &str) {
    let mut window = window_of([1000.0, 640.0], theme, Engine::Folder);
    let order =
        "{kind: \"receipt\", order: 42n, to: \"ada@example.com\",\n  items: new Set([\"tea\", \"cup\"])}";
    let queued = AtomicOperation::new().enqueue(message(order, 90_000));
    commit(&*window.database(), queued);
    window.settle();
    click_row(&mut window, 1);
    window.press(Modifiers::NONE, Key::Enter);
    window.enter(Role::TextInput, "Due", "45 min");
    snapshot(&mut window, name);
}

#[test]
fn the_dialog_of_a_message_looks_as_kept() {
    picture(Theme::Dark, "message-dark");
}

#[test]
fn the_dialog_of_a_message_in_the_light_looks_as_kept() {
    picture(Theme::Light, "message-light");
}

#[test]
fn messages_are_found_by_state_text_and_condition() {
    let mut window = window_of([1000.0, 640.0], Theme::Dark, Engine::Folder);
    for (payload, due_in) in [
        ("{to: 'ada', tries: 1}", 90_000),
        ("{to: 'bob', tries: 4}", 90_000),
        ("{to: 'eve', tries: 5}", 190_000),
    ] {
        commit(
            &*window.database(),
            AtomicOperation::new().enqueue(message(payload, due_in)),
        );
    }
    window.settle();
    let all = window.models().queue.num_rows();
    window.enter(Role::TextInput, "Find in payloads", "BOB");
    window.settle();
    assert_eq!(window.models().queue.num_rows(), 1);
    // What is found is what commands are about.
    let found = format!("Message {}", window.models().queue.message(0).unwrap().id);
    window.click(Role::Row, &found);
    look(&mut window, "queue-filtered");
    window.press(Modifiers::NONE, Key::Delete);
    window.settle();
    assert!(window.shows("No message meets the filter"));
    window.click(Role::TextInput, "Find in payloads");
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::NONE, Key::Backspace);
    window.enter(Role::TextInput, "Condition", "value.tries > 2");
    window.settle();
    assert_eq!(window.models().queue.num_rows(), 1);
    window.click(Role::Button, "All states");
    window.click(Role::MenuItemCheckBox, "running");
    window.settle();
    assert_eq!(window.models().queue.num_rows(), 0);
    window.click(Role::Button, "running");
    window.click(Role::MenuItemCheckBox, "All states");
    window.click(Role::TextInput, "Condition");
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::NONE, Key::Backspace);
    window.settle();
    assert_eq!(window.models().queue.num_rows(), all - 1);
}
