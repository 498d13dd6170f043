//! An edit in a Deno file while a program uses it, as the README shows it.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use keyglass::action::{Action, DatabaseAction};
use keyglass::model::entry_panel::Shown;
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{Database as _, Versionstamp};

use crate::harness::{Window, commit, key, set};
use crate::pictures::snapshot;

const PRICE: &str = r#"["prices", "anvil"]"#;
const ORDERS: &str = r#"["sales"]"#;

/// A program that sells anvils at the price that stands in the file.
struct Program {
    file: DenoFile,
    sold: u32,
}

impl Program {
    fn on(window: &Window) -> Self {
        let file = DenoFile::open(&window.folder.path().join("shop.sqlite3")).unwrap();
        file.set_writable(true).unwrap();
        commit(&file, set(PRICE, "{euro: 9}"));
        Self { file, sold: 0 }
    }

    /// Reads the price and notes a sale; the window hears of that.
    fn sell(&mut self, window: &mut Window) -> String {
        let price = self.file.get(&key(PRICE)).unwrap().unwrap();
        let price = price.value.decode().unwrap().to_string();
        self.sold += 1;
        let sale = format!(r#"["sales", {}]"#, self.sold);
        let seen = |window: &Window| {
            let session = window.session();
            session.models.watch.events().count()
        };
        let before = seen(window);
        commit(
            &self.file,
            set(&sale, &format!("{{item: 'anvil', price: {price}}}")),
        );
        window.until("the sale", |app| {
            app.session().unwrap().models.watch.events().count() > before
        });
        window.pass(1400);
        price
    }
}

fn ask(window: &mut Window, action: DatabaseAction) {
    let id = window.session().id;
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(Action::On(id, action), &ctx);
    window.settle();
}

#[test]
fn an_edit_beside_a_program_is_what_that_reads_next_and_looks_as_kept() {
    let mut window = Window::on_shop([1280.0, 800.0], Theme::Dark);
    let mut program = Program::on(&window);
    window.click(Role::Button, "Read-only");
    window.click(Role::Button, "Unlock");
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    ask(&mut window, DatabaseAction::Watch(key(ORDERS)));
    ask(&mut window, DatabaseAction::Watch(key(PRICE)));
    for _ in 0..3 {
        assert_eq!(program.sell(&mut window), "{euro: 9}");
    }

    ask(&mut window, DatabaseAction::GoTo(key(PRICE)));
    window.until("the price", |app| {
        app.session().unwrap().models.panel.entry().is_some()
    });
    window.click(Role::RadioButton, "Code");
    let code = "Value as JavaScript";
    window.enter(Role::MultilineTextInput, code, "{euro: 12}");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("that it is saved", |app| !app.notices().log().is_empty());
    window.press(Modifiers::NONE, Key::Escape);
    window.press(Modifiers::COMMAND, Key::Num2);
    window.pass(900);
    for _ in 0..3 {
        assert_eq!(program.sell(&mut window), "{euro: 12}");
    }
    window.settle();
    // Deno's versionstamps go on by a number of chance.
    let session = window.session_mut();
    session.models.facts.statistics.versionstamp = None;
    if let Shown::Entry(loaded) = &mut session.models.panel.shown {
        loaded.entry.versionstamp = Versionstamp::from_counter(0x101);
    }
    snapshot(&mut window, "beside");
}
