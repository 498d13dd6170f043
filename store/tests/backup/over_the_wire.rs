//! Databases on servers: backed up and restored by the protocol alone, and by the extension of Keyglass.

use std::sync::Arc;

use keyglass_store::backup::{BackupOptions, RestoreOptions};
use keyglass_store::connect::{ServeOptions, Token};
use keyglass_store::remote::RemoteOptions;
use keyglass_store::{AtomicOperation, Database};

use crate::shelf::{NOON, Shelf, bytes, everything, go_on, key, texts};

#[test]
fn a_served_database_is_backed_up_to_the_last_entry_and_restored_through_its_server() {
    let shelf = Shelf::new();
    for number in 0..2500 {
        shelf.put(&format!("[\"many\", {number}]"), &format!("value {number}"));
    }
    let expiring =
        AtomicOperation::new().set_expiring(key("[\"brief\"]"), bytes("brief"), Some(NOON + 60_000));
    shelf.store.commit(expiring).unwrap();
    let token = Token::of_server("a-secret-that-is-never-told").unwrap();
    let serving = ServeOptions::new()
        .listen("127.0.0.1:0".parse().unwrap())
        .token(token.clone());
    let server = Arc::new(shelf.store.clone()).serve(serving).unwrap();
    let whole = texts(&shelf.store);
    for (is_plain, home) in [(true, "plain.kg"), (false, "extended.kg")] {
        let options = RemoteOptions::new().clock(shelf.store.clock());
        let options = if is_plain { options.plain() } else { options };
        let remote = options.open(&server.url(), Some(&token)).unwrap();
        let home = shelf.path(home);
        let report =
            keyglass_store::backup::back_up(&*remote, &home, &BackupOptions::default(), &mut go_on).unwrap();
        let state = report.state.unwrap();
        assert_eq!((report.new, state.unsettled), (2501, 0));
        // The protocol tells of no expiry and shows no view of one moment.
        assert_eq!(
            (state.expiry, state.passes),
            (!is_plain, if is_plain { 2 } else { 1 })
        );
        let opened = shelf.open(&home);
        assert_eq!(shelf.compare(&*remote, &opened).differences(), 0);
        let stamps = |database: &dyn Database| -> Vec<_> {
            let entries = everything(database).into_iter();
            entries.map(|entry| entry.versionstamp).collect()
        };
        assert_eq!(stamps(&opened), stamps(&shelf.store));
        drop(opened);
        shelf.pass(1000);
        shelf.put("[\"many\", 7]", "changed");
        shelf.put("[\"new\"]", "new");
        let backup = keyglass_store::backup::Backup::open(&home).unwrap();
        let state = backup.newest().unwrap().state.clone();
        let (report, result) = backup.restore(&state, &*remote, &RestoreOptions::default(), None, &mut go_on);
        result.unwrap();
        assert_eq!((report.replaced, report.deleted), (1, 1));
        assert_eq!(texts(&shelf.store), whole);
    }
}
