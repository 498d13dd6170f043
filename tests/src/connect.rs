//! A database on a server by its URL: what commands make of it, and where its token never is.

use std::path::Path;
use std::time::Duration;

use crate::data::Desk;
use crate::program::{Running, error_text, keyglass, stdout_of, wait_for};
use crate::serve::{serve, token};

const SOON: Duration = Duration::from_secs(60);

/// Whether a text stands in a file, or in one below a folder.
pub(crate) fn holds(path: &Path, text: &str) -> Vec<String> {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).unwrap();
        return entries
            .flat_map(|entry| holds(&entry.unwrap().path(), text))
            .collect();
    }
    let bytes = std::fs::read(path).unwrap_or_default();
    let found = bytes.windows(text.len()).any(|part| part == text.as_bytes());
    found.then(|| path.display().to_string()).into_iter().collect()
}

/// What everybody sees who lists processes.
#[cfg(target_os = "linux")]
pub(crate) fn process_list() -> String {
    let processes = std::fs::read_dir("/proc").unwrap();
    let lines = processes.filter_map(|process| {
        // Others come and go.
        std::fs::read(process.ok()?.path().join("cmdline")).ok()
    });
    lines
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .collect()
}

#[test]
fn an_export_through_a_server_equals_that_of_the_folder_that_it_serves() {
    let desk = Desk::new();
    stdout_of(
        keyglass(&desk)
            .arg("copy")
            .arg(desk.shop())
            .arg(desk.path("served.kg")),
    );
    let (serving, url, file) = serve(&desk, &[]);
    let of_url = stdout_of(keyglass(&desk).args(["export", &url, "--token-file"]).arg(&file));
    assert_eq!(of_url.lines().count(), 1946);
    let of_folder = stdout_of(keyglass(&desk).arg("export").arg(desk.path("served.kg")));
    assert!(of_url == of_folder, "the exports differ");
    let same = stdout_of(
        keyglass(&desk)
            .env("DENO_KV_ACCESS_TOKEN", token(&file))
            .args(["diff", &url])
            .arg(desk.path("served.kg")),
    );
    assert_eq!(same, "The same: 1946 entries\n");
    serving.end();
}

#[cfg(target_os = "linux")]
#[test]
fn a_token_or_password_is_in_no_list_of_processes_in_no_file_and_in_no_sentence() {
    let desk = Desk::new();
    let (serving, url, file) = serve(&desk, &[]);
    let secret = token(&file);
    let watch = Running::start(
        keyglass(&desk)
            .env("DENO_KV_ACCESS_TOKEN", &secret)
            .args(["watch", &url, r#"["a"]"#]),
    );
    let set = ["set", &url, r#"["a"]"#, "1", "--write", "--token-file"];
    // The watch hears of what is set once it has begun.
    wait_for("what was set to be watched", SOON, || {
        stdout_of(keyglass(&desk).args(set).arg(&file));
        watch.has_line_with("[\"a\"]").then_some(())
    });
    assert!(!process_list().contains(&secret));
    let refused = keyglass(&desk)
        .env("DENO_KV_ACCESS_TOKEN", format!("{secret}-and-more"))
        .args(["get", &url, r#"["a"]"#])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    assert!(
        !error_text(&refused).contains(&secret),
        "{}",
        error_text(&refused)
    );
    let unreachable = keyglass(&desk)
        .env("DENO_KV_ACCESS_TOKEN", &secret)
        .env("ALL_PROXY", format!("socks5h://{secret}:{secret}@127.0.0.1:9"))
        .args(["get", "https://kv.example", r#"["a"]"#])
        .output()
        .unwrap();
    assert!(!unreachable.status.success());
    let sentence = error_text(&unreachable);
    assert!(
        sentence.contains("The proxy socks5h://127.0.0.1:9 cannot be reached"),
        "{sentence}"
    );
    assert!(!sentence.contains(&secret), "{sentence}");
    drop(watch);
    assert_eq!(holds(&desk.path("home"), &secret), Vec::<String>::new());
    serving.end();
}
