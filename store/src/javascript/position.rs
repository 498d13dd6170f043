//! Where in a text something stands, as editors count it.

/// Line and column of a byte offset, both from 1; columns count characters. An offset inside a character
/// counts as its start, one past the end as the end.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::line_and_column;

    #[test]
    fn columns_count_characters_from_the_last_line_break() {
        assert_eq!(line_and_column("", 0), (1, 1));
        assert_eq!(line_and_column("é\nüx", 5), (2, 2));
        assert_eq!(line_and_column("é\nüx", 4), (2, 1), "inside a character");
        assert_eq!(line_and_column("ab", 9), (1, 3));
    }
}
