//! Saves to a server whose answer is lost: the text stays until it is known, and the sentence says what is known.

use std::io::{Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use egui::Theme;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use keyglass_store::connect::{ServeOptions, Server, Token};
use keyglass_store::remote::RemoteOptions;
use keyglass_store::{AtomicOperation, Database};

use crate::by_protocol::edit;
use crate::harness::{Window, commit, key, set};

const ADA: &str = r#"["users", "ada"]"#;
/// Everything goes through.
const PASSES: u8 = 0;
/// The next write gets there, and its answer does not come back.
const LOSES_ANSWER: u8 = 1;
/// The next write does not get there.
const LOSES_WRITE: u8 = 2;
/// The next write gets there, and from then on nothing does.
const GOES: u8 = 3;
/// Nothing goes through.
const IS_GONE: u8 = 4;

/// What stands between the window and the server.
struct Way {
    address: SocketAddr,
    mode: Arc<AtomicU8>,
}

#[expect(clippy::disallowed_methods, reason = "it ends with its connection")]
fn spawn(work: impl FnOnce() + Send + 'static) {
    std::thread::spawn(work);
}

impl Way {
    fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mode = Arc::new(AtomicU8::new(PASSES));
        let of_thread = Arc::clone(&mode);
        spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                if of_thread.load(Ordering::SeqCst) == IS_GONE {
                    let _cut = client.shutdown(Shutdown::Both);
                    continue;
                }
                let Ok(server) = TcpStream::connect(server) else {
                    continue;
                };
                pass(&client, &server, &of_thread);
            }
        });
        Self { address, mode }
    }

    fn set(&self, mode: u8) {
        self.mode.store(mode, Ordering::SeqCst);
    }
}

/// Passes on both ways, until the mode says otherwise.
fn pass(client: &TcpStream, server: &TcpStream, mode: &Arc<AtomicU8>) {
    let cut = |client: &TcpStream, server: &TcpStream| {
        let _cut = client.shutdown(Shutdown::Both);
        let _cut = server.shutdown(Shutdown::Both);
    };
    // Whether the answer that comes next is lost.
    let loses = Arc::new(AtomicU8::new(PASSES));
    let ends = || (client.try_clone().unwrap(), server.try_clone().unwrap());
    let ((mut from, mut to), mode_of_requests, loses_next) = (ends(), Arc::clone(mode), Arc::clone(&loses));
    spawn(move || {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            let request = &bytes[..read];
            let is_write = request.windows(12).any(|window| window == b"atomic_write");
            match mode_of_requests.load(Ordering::SeqCst) {
                LOSES_WRITE if is_write => {
                    mode_of_requests.store(PASSES, Ordering::SeqCst);
                    break;
                }
                IS_GONE => break,
                mode @ (LOSES_ANSWER | GOES) if is_write => {
                    loses_next.store(mode, Ordering::SeqCst);
                }
                _ => {}
            }
            if to.write_all(request).is_err() {
                break;
            }
        }
        cut(&from, &to);
    });
    let ((mut to, mut from), mode) = (ends(), Arc::clone(mode));
    spawn(move || {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            match loses.load(Ordering::SeqCst) {
                LOSES_ANSWER => {
                    mode.store(PASSES, Ordering::SeqCst);
                    break;
                }
                GOES => {
                    mode.store(IS_GONE, Ordering::SeqCst);
                    break;
                }
                _ => {}
            }
            if mode.load(Ordering::SeqCst) == IS_GONE || to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        cut(&to, &from);
    });
}

/// A window on a database of somebody else's server, through a way that loses what it is told to.
fn remote() -> (Window, Way, Server, Arc<dyn Database>) {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::sized([1280.0, 800.0], Theme::Dark, None, folder);
    let store: Arc<dyn Database> = Arc::new(window.new_store("served.kg"));
    commit(&*store, set(ADA, "20n"));
    let token = Token::new("a-secret-that-is-never-told").unwrap();
    let options = ServeOptions::new()
        .listen("127.0.0.1:0".parse().unwrap())
        .token(token.clone());
    let server = options.serve(Arc::clone(&store)).unwrap();
    let way = Way::to(server.address());
    let options = RemoteOptions::new()
        .clock(window.clock())
        .pause(Duration::from_millis(1))
        .plain();
    let url = format!("http://{}", way.address);
    let database = options.open(&url, Some(&token)).unwrap();
    database.set_writable(true).unwrap();
    window.harness.state_mut().show_database(database).unwrap();
    window.until_loaded();
    (window, way, server, store)
}

/// Saves an edit, and waits for what is said of it.
fn save(window: &mut Window, way: &Way, mode: u8) -> String {
    edit(window, "21n");
    way.set(mode);
    window.click(Role::Button, "Save, and it stays");
    window.until("what became of it", |app| !app.notices().log().is_empty());
    window.settle();
    window.notices().remove(0)
}

fn stored(store: &dyn Database) -> String {
    let entry = store.get(&key(ADA)).unwrap().unwrap();
    entry.value.decode().unwrap().to_string()
}

fn has_draft(window: &Window) -> bool {
    window.models().panel.num_changed() == 1
}

#[test]
fn a_save_whose_answer_is_lost_is_found_to_be_stored() {
    let (mut window, way, _server, store) = remote();
    let told = save(&mut window, &way, LOSES_ANSWER);
    assert_eq!(told, format!("Saved {ADA}"));
    assert_eq!(stored(&*store), "21n");
    assert!(!has_draft(&window));
}

#[test]
fn a_save_that_got_lost_is_said_not_to_be_stored_and_its_text_is_saved_by_saving_again() {
    let (mut window, way, _server, store) = remote();
    let told = save(&mut window, &way, LOSES_WRITE);
    assert!(told.starts_with("Not committed: "), "{told}");
    assert!(
        told.contains("what was to be written was looked for and is not there"),
        "{told}"
    );
    assert_eq!(stored(&*store), "20n");
    assert!(has_draft(&window));
    window.press(Modifiers::COMMAND, Key::S);
    if window.shows("Save without its expiry?") {
        window.press(Modifiers::NONE, Key::Enter);
    }
    window.until("that it is saved", |app| app.notices().log().len() > 1);
    assert_eq!(stored(&*store), "21n");
    window.settle();
    assert!(!has_draft(&window));
}

#[test]
fn of_a_save_after_which_the_server_is_gone_it_is_said_that_nobody_knows_and_the_text_stays() {
    let (mut window, way, _server, store) = remote();
    let told = save(&mut window, &way, GOES);
    assert!(
        told.contains("it is not known whether this is stored")
            && told.contains("close and open it, and look"),
        "{told}"
    );
    assert!(has_draft(&window));
    // Back again, it shows what became of it, and nothing was done twice.
    way.set(PASSES);
    window.press(Modifiers::NONE, Key::F5);
    window.until("that it is back", |app| {
        let facts = &app.session().unwrap().models.facts;
        !facts.is_gone && facts.trouble().is_none()
    });
    assert_eq!(stored(&*store), "21n");
    commit(&*store, AtomicOperation::new());
}
