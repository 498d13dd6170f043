//! These run the shell of Unix.
#![cfg(unix)]

use keyglass_store::value::literal;
use keyglass_store::{Before, Entry, Key, StoredValue, Versionstamp};

use super::*;

fn occasion(key: &str, value: &str) -> Occasion {
    let key = key.parse::<Key>().unwrap().encode().unwrap();
    let versionstamp = Versionstamp::from_counter(7);
    Occasion {
        location: "/data/shop.kg".to_owned(),
        condition: None,
        changes: 3,
        change: Change {
            key: key.clone(),
            versionstamp,
            before: Before::Absent,
            after: Some(Entry {
                key,
                value: StoredValue::from_value(&literal::parse(value).unwrap()).unwrap(),
                versionstamp,
                expires_at: None,
            }),
        },
        at: 1000,
    }
}

const LONG: Duration = Duration::from_secs(120);

fn ran(line: &str, occasion: &Occasion) -> Ran {
    run(line, occasion, LONG, &AtomicBool::new(false)).unwrap()
}

#[test]
fn a_command_gets_the_change_in_variables_and_as_json() {
    let occasion = occasion(r#"["stock", "rope"]"#, "{stock: 4}");
    let told = ran(
        r#"echo "$KEYGLASS_KEY $KEYGLASS_KIND $KEYGLASS_CHANGES $KEYGLASS_VERSIONSTAMP $KEYGLASS_DATABASE""#,
        &occasion,
    );
    let stamp = occasion.change.versionstamp;
    let line = format!(r#"["stock", "rope"] created 3 {stamp} /data/shop.kg"#);
    assert_eq!(told.last_line, line);
    assert!(told.is_good());
    let json = ran("cat", &occasion).last_line;
    assert!(
        json.starts_with(r#"{"type":"set","kind":"created","key":[{"#),
        "{json}"
    );
}

#[test]
fn no_key_and_no_value_becomes_a_part_of_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made");
    let evil = format!(
        "x'; touch {0}; $(touch {0}) `touch {0}` \\\" \\n #",
        made.display()
    );
    let key = format!("[{evil:?}]");
    let value = format!("{evil:?}");
    let mut occasion = occasion(&key, &value);
    occasion.condition = Some(evil);
    let line = r#"echo $KEYGLASS_KEY "$KEYGLASS_KEY" "$KEYGLASS_CONDITION"; cat >/dev/null"#;
    assert!(ran(line, &occasion).is_good());
    assert!(!made.exists());
}

#[test]
fn the_exit_code_and_the_last_line_are_told() {
    let occasion = occasion("[1]", "true");
    let told = ran("echo one; echo two >&2; echo; exit 3", &occasion);
    assert_eq!(told.told(), "exit code 3: two");
    assert!(!told.is_good());
    assert_eq!(ran("exit 0", &occasion).told(), "exit code 0");
    assert_eq!(ran("kill -9 $$", &occasion).end, End::Killed);
    let long = ran(
        "yes 0123456789 | head -c 1000000; printf '\\033[1mend'",
        &occasion,
    );
    assert!(
        long.last_line.ends_with("[1mend") && long.last_line.len() < 20,
        "{long:?}"
    );
}

#[test]
fn a_command_that_reads_nothing_and_leaves_others_behind_is_not_waited_for() {
    let value = format!("\"{}\"", "x".repeat(60_000));
    let left = ran("exec 0<&-; sleep 600 & echo $!", &occasion("[1]", &value)).last_line;
    let killed = Command::new("kill").arg(&left).status().unwrap();
    assert!(killed.success(), "it runs on: {left}");
}

#[test]
fn a_command_that_takes_too_long_or_shall_end_is_ended_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made");
    let line = format!("(sleep 1000; touch '{0}') | cat; touch '{0}'", made.display());
    let occasion = occasion("[1]", "true");
    let told = run(&line, &occasion, Duration::ZERO, &AtomicBool::new(false)).unwrap();
    assert_eq!(told.end, End::TookTooLong);
    let told = run(&line, &occasion, LONG, &AtomicBool::new(true)).unwrap();
    assert_eq!(told.end, End::Stopped);
    assert!(!made.exists());
}
