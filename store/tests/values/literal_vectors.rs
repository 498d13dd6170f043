//! Values of every type as JavaScript text and back.

use keyglass_store::value::canonical::canonical;
use keyglass_store::value::literal::{SpanKind, highlight, parse, preview, print, print_marked};

use crate::vectors;

#[test]
fn every_value_prints_as_text_that_reads_back_as_the_same_value() {
    for vector in vectors::good() {
        let value = vector.stored.decode().unwrap();
        for width in [usize::MAX, 80, 20, 1] {
            let text = print_marked(&value, width);
            let read = parse(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", vector.name));
            assert_eq!(canonical(&read), vector.canonical, "{}\n{text}", vector.name);
            assert!(read == value, "{}\n{text}", vector.name);
            assert_eq!(print_marked(&read, width), text, "{}", vector.name);
            let shown = print(&value, width);
            let read = parse(&shown).unwrap_or_else(|error| panic!("{}: {error}\n{shown}", vector.name));
            assert_eq!(print(&read, width), shown, "{}", vector.name);
        }
    }
}

#[test]
fn previews_keep_their_length_and_highlighting_covers_every_text() {
    for vector in vectors::good() {
        let value = vector.stored.decode().unwrap();
        for length in [0, 1, 2, 10, 60] {
            let preview = preview(&vector.stored, length);
            let shown: usize = preview.spans.iter().map(|(_, text)| text.chars().count()).sum();
            assert!(shown <= length, "{} at {length}: {preview:?}", vector.name);
        }
        let text = print(&value, 60);
        let spans = highlight(&text);
        let joined: String = spans.iter().map(|span| &text[span.range.clone()]).collect();
        assert_eq!(joined, text);
        let wrong = spans.iter().find(|span| span.kind == SpanKind::Error);
        assert!(
            wrong.is_none(),
            "{}: {:?}",
            vector.name,
            wrong.map(|span| &text[span.range.clone()])
        );
    }
}
