//! A whole story in a real window on a database that another process serves: connect, browse, edit, meet real Deno, lose the
//! server in the middle, and go on.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyglass_store::embedded::Store;
use keyglass_store::value::literal;
use keyglass_store::{AtomicOperation, Database as _, Key, StoredValue};

use crate::connect::{holds, process_list};
use crate::data::Desk;
use crate::deno;
use crate::hands::Hands;
use crate::program::{Running, keyglass, stdout_of, wait_for};
use crate::screen::Screen;
use crate::story::Settings;
use crate::window::TREE;

const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const PLUM: &str = r#"["plum"]"#;
const FRUIT: [&str; 5] = ["apple", "fig", "kiwi", "peach", "plum"];
/// What nothing may show or keep.
pub(crate) const SECRET: &str = "marker0of0a0secret0token";

/// A server of a folder, which can be ended and started again at the same port.
pub(crate) struct Served {
    folder: PathBuf,
    token: PathBuf,
    port: u16,
}

impl Served {
    pub(crate) fn new(desk: &Desk) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = desk.path("fruit.kg");
        let store = Store::create(&folder).unwrap();
        let operation = FRUIT.iter().fold(AtomicOperation::new(), |operation, name| {
            let key: Key = format!("[\"{name}\"]").parse().unwrap();
            let value = StoredValue::from_value(&literal::parse("7n").unwrap()).unwrap();
            operation.set(key.encode().unwrap(), value)
        });
        store.commit(operation).unwrap();
        drop(store);
        // Beside what is searched for it.
        let token = desk.path("token");
        std::fs::write(&token, SECRET).unwrap();
        std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        Self { folder, token, port }
    }

    pub(crate) fn start(&self, desk: &Desk) -> Running {
        let serving = Running::start(
            keyglass(desk)
                .arg("serve")
                .arg(&self.folder)
                .args(["--listen", &format!("127.0.0.1:{}", self.port), "--token-file"])
                .arg(&self.token),
        );
        serving.line_with("const kv = await openKv", PATIENCE);
        serving
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What stands under a key, by another process.
    fn plum(&self, desk: &Desk) -> String {
        let mut get = keyglass(desk);
        get.args(["get", &self.url(), PLUM, "--token-file"])
            .arg(&self.token);
        stdout_of(&mut get).trim().to_owned()
    }

    /// Real Deno writes there.
    fn write_by_deno(&self, desk: &Desk, value: &str) {
        let script = desk.path("write.ts");
        let line = format!(
            "const kv = await Deno.openKv(\"{}\"); await kv.set([\"plum\"], {value}); kv.close();",
            self.url()
        );
        std::fs::write(&script, line).unwrap();
        let mut write = deno::run(desk, &script, &["--allow-env", "--allow-net"]);
        stdout_of(write.env("DENO_KV_ACCESS_TOKEN", SECRET));
    }
}

/// Types into the value that is shown, and waits until that is kept.
fn edit(hands: &Hands<'_>, settings: &Settings, url: &Path, text: &str) {
    hands.press_and_see("F2");
    hands.replace_text(text);
    settings.until("the edit to be kept", url, |kept| {
        kept["drafts"][0]["text"] == text
    });
}

#[test]
fn a_database_on_a_server_is_browsed_and_edited_beside_deno_and_goes_on_when_the_server_is_back() {
    let desk = Desk::new();
    let served = Served::new(&desk);
    let serving = served.start(&desk);
    let settings = Settings::of_somebody(&desk);
    let screen = Screen::start(&desk);
    let mut window = Running::start(keyglass(&desk).env("DISPLAY", &screen.display));
    let hands = Hands::on(&screen);

    // Connect, for writing.
    hands.press_and_see("ctrl+k");
    hands.type_text(&served.url());
    hands.press("Tab");
    hands.type_text(SECRET);
    // Past what stands beside the token, the name, the label and the colours, each of which is one stop.
    for _ in 0..5 {
        hands.press("Tab");
    }
    hands.press_and_see("Tab");
    hands.press_and_see("Right");
    hands.press("space");
    hands.press("Return");
    let url = PathBuf::from(served.url());
    settings.until("the database to be open", &url, |kept| kept["listed"].is_string());
    wait_for("a row for each key", PATIENCE, || {
        (screen.picture().lines(&TREE).len() == FRUIT.len()).then_some(())
    });
    assert!(!process_list().contains(SECRET));

    // Browse and edit.
    hands.press_and_see("ctrl+g");
    hands.type_text(PLUM);
    hands.press("Return");
    settings.until("the entry to be shown", &url, |kept| kept["shown"] == PLUM);
    edit(&hands, &settings, &url, "42n");
    hands.press("ctrl+s");
    settings.until("the edit to be saved", &url, |kept| {
        kept["drafts"].as_array().is_some_and(Vec::is_empty)
    });
    assert_eq!(served.plum(&desk), "42n");

    // Deno is faster.
    edit(&hands, &settings, &url, "43n");
    served.write_by_deno(&desk, "8n");
    hands.press_and_see("ctrl+s");
    assert_eq!(served.plum(&desk), "8n");
    settings.until("the edit to be there still", &url, |kept| {
        kept["drafts"][0]["text"] == "43n"
    });

    // The server goes away in the middle, and is back with something else.
    serving.end();
    stdout_of(keyglass(&desk).arg("set").arg(&served.folder).args([PLUM, "9n"]));
    let serving = served.start(&desk);
    hands.press_and_see("ctrl+p");
    hands.type_text("revert");
    hands.press("Return");
    settings.until("the edit to be given up", &url, |kept| {
        kept["drafts"].as_array().is_some_and(Vec::is_empty)
    });
    wait_for("an edit to be saved", PATIENCE, || {
        hands.press("F5");
        hands.press("F2");
        hands.replace_text("44n");
        hands.press("ctrl+s");
        (served.plum(&desk) == "44n").then_some(())
    });

    hands.press("ctrl+q");
    wait_for("the window to close", PATIENCE, || {
        window.has_ended().then_some(())
    });
    serving.end();
    assert_eq!(holds(&desk.path("home"), SECRET), Vec::<String>::new());
}
