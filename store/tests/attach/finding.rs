//! How somebody finds an owner, and what an owner leaves.

use std::path::Path;

use keyglass_store::attached::{AttachError, Attached};
use keyglass_store::connect::{ServeOptions, Token};
use keyglass_store::open;
use keyglass_store::{Clock, Database, OpenError};

use crate::owned::{Owned, key, options, set};

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("attach.json")
}

#[test]
fn the_file_of_an_owner_is_there_while_it_has_the_store_open() {
    let mut owned = Owned::new();
    let text = std::fs::read_to_string(file(&owned.path)).unwrap();
    let members: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(members["process"], std::process::id());
    assert_eq!(members["token"].as_str().unwrap().len(), 32);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file(&owned.path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // A clone keeps it; the last one takes it away.
    let clone = owned.owner.clone();
    owned.owner = None;
    assert!(file(&owned.path).exists());
    drop(clone);
    assert!(!file(&owned.path).exists());
    assert!(!options(&owned.clock).open(&owned.path).unwrap().is_attachable());
    assert!(!file(&owned.path).exists());
}

#[test]
fn what_a_killed_owner_left_is_known_as_such() {
    let mut owned = Owned::new();
    let left = std::fs::read_to_string(file(&owned.path)).unwrap();
    owned.owner = None;
    // One that had the same number, and another that was started before.
    for left in [
        left.replace("\"started\": ", "\"started\": 1"),
        left.replace(
            &format!("\"process\": {}", std::process::id()),
            "\"process\": 4194305",
        ),
        "half".to_owned(),
    ] {
        std::fs::write(file(&owned.path), left).unwrap();
        let refused = Attached::to_folder(&owned.path, owned.clock.clone()).unwrap_err();
        assert!(matches!(refused, AttachError::NotAttachable { .. }), "{refused}");
        let opened = open::OpenOptions::new()
            .open(owned.path.to_str().unwrap())
            .unwrap();
        assert_eq!(opened.owner(), None);
        assert!(!file(&owned.path).exists());
    }
}

#[test]
fn an_owner_that_nobody_can_attach_to_is_named_with_what_would_help() {
    let mut owned = Owned::new();
    owned.owner = None;
    let owner = options(&owned.clock).open(&owned.path).unwrap();
    let Err(locked) = open::OpenOptions::new().open(owned.path.to_str().unwrap()) else {
        panic!("it was opened");
    };
    assert!(matches!(locked, OpenError::Locked { .. }), "{locked}");
    assert!(
        locked.to_string().contains("OpenOptions::new().attachable()"),
        "{locked}"
    );
    set(&owner, 1, 1);
}

#[test]
fn nobody_attaches_without_the_token_and_no_sentence_tells_it() {
    let owned = Owned::new();
    let options = ServeOptions::new().listen("127.0.0.1:0".parse().unwrap());
    let server = owned.owner().serve(options).unwrap();
    let wrong = Token::new("0123456789abcdef").unwrap();
    let refused = Attached::to_server(server.address(), wrong.clone(), Clock::system()).unwrap_err();
    let told = format!("{refused} {refused:?} {:?}", owned.attached);
    assert!(refused.to_string().contains("Invalid access token"), "{refused}");
    for token in [wrong.reveal(), server.token().reveal()] {
        assert!(!told.contains(token));
    }
    let attached = Attached::to_server(server.address(), server.token().clone(), Clock::system()).unwrap();
    assert!(attached.get(&key(1)).unwrap().is_none());
    let address = server.address();
    drop(server);
    let gone = Attached::to_server(address, wrong, Clock::system()).unwrap_err();
    assert!(matches!(gone, AttachError::Failed { .. }));
}
