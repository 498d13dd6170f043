//! Records: the columns of a row.

/// A column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Column<'r> {
    Null,
    Integer(i64),
    Real,
    Blob(&'r [u8]),
    Text(&'r [u8]),
}

impl<'r> Column<'r> {
    pub(super) fn integer(self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// The bytes of a blob or of a text.
    pub(super) fn bytes(self) -> Option<&'r [u8]> {
        match self {
            Self::Blob(bytes) | Self::Text(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// What a column is stored as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Integer(usize),
    /// 0 or 1, in no bytes.
    Small(i64),
    Real,
    Blob(usize),
    Text(usize),
}

impl Kind {
    fn of(serial: u64) -> Option<Self> {
        Some(match serial {
            0 => Self::Null,
            1..=4 => Self::Integer(usize::try_from(serial).ok()?),
            5 => Self::Integer(6),
            6 => Self::Integer(8),
            7 => Self::Real,
            8 => Self::Small(0),
            9 => Self::Small(1),
            10 | 11 => return None,
            _ if serial.is_multiple_of(2) => Self::Blob(usize::try_from((serial - 12) / 2).ok()?),
            _ => Self::Text(usize::try_from((serial - 13) / 2).ok()?),
        })
    }

    fn length(self) -> usize {
        match self {
            Self::Null | Self::Small(_) => 0,
            Self::Integer(length) | Self::Blob(length) | Self::Text(length) => length,
            Self::Real => 8,
        }
    }

    pub(super) fn is_integer(self) -> bool {
        matches!(self, Self::Integer(_) | Self::Small(_))
    }
}

/// A number of one to nine bytes, and its length.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    for at in 0..8 {
        let byte = *bytes.get(at)?;
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some((number, at + 1));
        }
    }
    Some((number << 8 | u64::from(*bytes.get(8)?), 9))
}

/// The kinds of a record's columns, and where the first column begins. The record may be cut off behind its header.
pub(super) fn kinds(record: &[u8]) -> Option<(Vec<Kind>, usize)> {
    let (header, mut at) = varint(record)?;
    let header = usize::try_from(header).ok()?;
    let mut kinds = Vec::new();
    while at < header {
        let (serial, length) = varint(record.get(at..header)?)?;
        kinds.push(Kind::of(serial)?);
        at += length;
    }
    (at == header).then_some((kinds, header))
}

/// How long a record is by its header.
pub(super) fn told_length(record: &[u8]) -> Option<usize> {
    let (kinds, start) = kinds(record)?;
    kinds
        .iter()
        .try_fold(start, |length, kind| length.checked_add(kind.length()))
}

/// The columns of a whole record; `None` if they do not fill it exactly.
pub(super) fn columns(record: &[u8]) -> Option<Vec<Column<'_>>> {
    let (kinds, mut at) = kinds(record)?;
    let mut columns = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let end = at.checked_add(kind.length())?;
        columns.push(column(kind, record.get(at..end)?));
        at = end;
    }
    (at == record.len()).then_some(columns)
}

/// The first column of a record that may be cut off behind it.
pub(super) fn first_column(record: &[u8]) -> Option<Column<'_>> {
    let (kinds, start) = kinds(record)?;
    let kind = *kinds.first()?;
    let bytes = record.get(start..start.checked_add(kind.length())?)?;
    Some(column(kind, bytes))
}

fn column(kind: Kind, bytes: &[u8]) -> Column<'_> {
    match kind {
        Kind::Null => Column::Null,
        Kind::Small(number) => Column::Integer(number),
        Kind::Integer(_) => {
            let negative = bytes.first().is_some_and(|byte| *byte >= 0x80);
            let start = if negative { -1 } else { 0 };
            let number = bytes
                .iter()
                .fold(start, |number: i64, byte| number << 8 | i64::from(*byte));
            Column::Integer(number)
        }
        Kind::Real => Column::Real,
        Kind::Blob(_) => Column::Blob(bytes),
        Kind::Text(_) => Column::Text(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_are_read() {
        assert_eq!(varint(&[0x7f]), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00]), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0xff; 8]), None);
        assert_eq!(varint(&[]), None);
    }

    #[test]
    fn columns_fill_their_record_or_are_refused() {
        // A blob of two bytes, the text "a", -2 in one byte, 1 and NULL.
        let record = [6, 16, 15, 1, 9, 0, 0xab, 0xcd, b'a', 0xfe];
        let read = columns(&record).unwrap();
        assert_eq!(
            read,
            [
                Column::Blob(&[0xab, 0xcd]),
                Column::Text(b"a"),
                Column::Integer(-2),
                Column::Integer(1),
                Column::Null
            ]
        );
        assert_eq!(first_column(&record[..8]), Some(Column::Blob(&[0xab, 0xcd])));
        assert_eq!(told_length(&record[..6]), Some(10));
        assert_eq!(columns(&record[..9]), None);
        assert_eq!(columns(&[2, 10]), None);
        assert_eq!(columns(&[]), None);
    }
}
