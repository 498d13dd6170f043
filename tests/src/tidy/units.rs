//! Numbers that others may read say what they count.

use super::source::sources;

/// What a public field of this name has to say of itself, if it is a number.
fn wanted(name: &str) -> Option<&'static str> {
    let is_moment = name == "now" || ["expires_at", "due_at", "noticed_at", "undone_at"].contains(&name);
    if is_moment || name == "at" || name.ends_with("_since") {
        Some("illiseconds")
    } else if name == "bytes" || name.ends_with("_bytes") {
        Some("ytes")
    } else {
        None
    }
}

/// The name of a public field that is a number, or may be one.
fn field(line: &str) -> Option<&str> {
    let (name, kind) = line.trim().strip_prefix("pub ")?.split_once(": ")?;
    let kind = kind.trim_end_matches(',');
    let kind = kind
        .strip_prefix("Option<")
        .map_or(kind, |kind| kind.trim_end_matches('>'));
    ["i64", "u64", "u32", "usize"].contains(&kind).then_some(name)
}

#[test]
fn public_moments_and_sizes_say_their_unit() {
    let mut silent = Vec::new();
    let mut num_found = 0;
    for source in ["app/src", "store/src"].into_iter().flat_map(sources) {
        let mut doc = String::new();
        for (number, line) in source.text.lines().enumerate() {
            if let Some(text) = line.trim().strip_prefix("///") {
                doc.push_str(text);
                continue;
            }
            // What is not documented is of no use to others; a lint sees to the rest.
            if let Some(wanted) = field(line).and_then(wanted).filter(|_| !doc.is_empty()) {
                num_found += 1;
                if !doc.contains(wanted) {
                    silent.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
                }
            }
            if !line.trim().starts_with("#[") {
                doc.clear();
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
    assert!(num_found > 20, "only {num_found} were found");
}
