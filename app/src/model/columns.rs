//! The columns of the table: which are shown, and how wide they are.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Narrowest and widest key column that fits its keys, in points, and the widest as a share of what keys and values
/// have together.
const KEY_WIDTHS: (f32, f32, f32) = (84.0, 420.0, 0.55);
/// Narrowest value column, in points.
const VALUE_WIDTH: f32 = 60.0;
/// Narrowest of the others, in points.
const NARROWEST: f32 = 40.0;

/// A column of the table, in the order in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Column {
    /// The key; always shown.
    Key,
    /// The value's beginning; takes the width that the others leave.
    Value,
    /// The value's type.
    Type,
    /// Bytes of the value.
    Size,
    /// When the entry goes.
    Expires,
    /// The commit that wrote it.
    Versionstamp,
}

impl Column {
    /// All of them, from left to right.
    pub const ALL: [Self; 6] = [
        Self::Key,
        Self::Value,
        Self::Type,
        Self::Size,
        Self::Expires,
        Self::Versionstamp,
    ];

    /// What stands above it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Key => "Key",
            Self::Value => "Value",
            Self::Type => "Type",
            Self::Size => "Size",
            Self::Expires => "Expires",
            Self::Versionstamp => "Version",
        }
    }

    /// Whether its texts end at its right edge.
    #[must_use]
    pub fn is_right(self) -> bool {
        matches!(self, Self::Size | Self::Expires | Self::Versionstamp)
    }

    /// Its narrowest width, in points.
    #[must_use]
    pub fn narrowest(self) -> f32 {
        match self {
            Self::Key => KEY_WIDTHS.0,
            Self::Value => VALUE_WIDTH,
            _ => NARROWEST,
        }
    }

    /// Its width unless set, in points; none where it depends on the others.
    fn usual_width(self) -> f32 {
        match self {
            Self::Key | Self::Value => 0.0,
            Self::Type => 84.0,
            Self::Size => 58.0,
            Self::Expires => 52.0,
            Self::Versionstamp => 152.0,
        }
    }
}

/// Which columns are shown, and the widths that a person has set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableColumns {
    hidden: BTreeSet<Column>,
    widths: BTreeMap<Column, f32>,
}

impl Default for TableColumns {
    fn default() -> Self {
        Self {
            hidden: [Column::Versionstamp].into(),
            widths: BTreeMap::new(),
        }
    }
}

/// Where a column is, in points from the left of the row's contents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Which one.
    pub column: Column,
    /// Its left edge.
    pub left: f32,
    /// Its right edge.
    pub right: f32,
}

impl Span {
    /// Its width.
    #[must_use]
    pub fn width(self) -> f32 {
        self.right - self.left
    }
}

impl TableColumns {
    /// Whether it is shown, where there is room for it.
    #[must_use]
    pub fn is_shown(&self, column: Column) -> bool {
        !self.hidden.contains(&column)
    }

    /// Shows or hides it. The key is always shown.
    pub fn toggle(&mut self, column: Column) {
        if column != Column::Key && !self.hidden.remove(&column) {
            self.hidden.insert(column);
        }
    }

    /// Sets its width in points, or gives it the usual one.
    pub fn set_width(&mut self, column: Column, width: Option<f32>) {
        match width {
            Some(width) => self.widths.insert(column, width.max(column.narrowest())),
            None => self.widths.remove(&column),
        };
    }

    /// Where the columns are in `width` points, with `gap` points between them. `widest_key` is how wide the keys
    /// are, in points. Columns for which there is no room are left out, the last one first.
    #[must_use]
    pub fn layout(&self, width: f32, gap: f32, widest_key: f32) -> Vec<Span> {
        let has_value = self.is_shown(Column::Value);
        let least = KEY_WIDTHS.0 + if has_value { gap + VALUE_WIDTH } else { 0.0 };
        let mut fixed = Vec::new();
        let mut taken = 0.0;
        let others = Column::ALL.into_iter().skip(2);
        for column in others.filter(|column| self.is_shown(*column)) {
            let wanted = self.widths.get(&column).copied();
            let wanted = wanted.unwrap_or_else(|| column.usual_width());
            if taken + gap + wanted + least > width {
                break;
            }
            taken += gap + wanted;
            fixed.push((column, wanted));
        }
        let rest = (width - taken).max(KEY_WIDTHS.0);
        let mut columns = Vec::with_capacity(Column::ALL.len());
        if has_value {
            let room = (rest - gap - VALUE_WIDTH).max(KEY_WIDTHS.0);
            let fitting = (widest_key + 2.0).min(KEY_WIDTHS.1).min(rest * KEY_WIDTHS.2);
            let key = self.widths.get(&Column::Key).copied().unwrap_or(fitting);
            let key = key.max(KEY_WIDTHS.0).min(room);
            columns.push((Column::Key, key));
            columns.push((Column::Value, (rest - key - gap).max(0.0)));
        } else {
            columns.push((Column::Key, rest));
        }
        columns.extend(fixed);
        let mut left = 0.0;
        let spans = columns.into_iter().map(|(column, width)| {
            let span = Span {
                column,
                left,
                right: left + width,
            };
            left = span.right + gap;
            span
        });
        spans.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: f32 = 8.0;

    fn shown(spans: &[Span]) -> Vec<Column> {
        spans.iter().map(|span| span.column).collect()
    }

    #[test]
    fn the_columns_fill_the_width_and_the_value_takes_the_rest() {
        let mut columns = TableColumns::default();
        let spans = columns.layout(600.0, GAP, 100.0);
        assert_eq!(shown(&spans), Column::ALL[..5]);
        assert_eq!(spans[0].width(), 102.0);
        assert_eq!(spans[4].right, 600.0);
        assert!(spans.windows(2).all(|pair| pair[1].left == pair[0].right + GAP));
        columns.set_width(Column::Key, Some(250.0));
        columns.set_width(Column::Size, Some(10.0));
        let spans = columns.layout(600.0, GAP, 100.0);
        assert_eq!((spans[0].width(), spans[3].width()), (250.0, NARROWEST));
        columns.set_width(Column::Key, None);
        assert_eq!(columns.layout(600.0, GAP, 100.0)[0].width(), 102.0);
    }

    #[test]
    fn a_key_column_leaves_room_for_values() {
        let mut columns = TableColumns::default();
        columns.set_width(Column::Key, Some(5000.0));
        let spans = columns.layout(500.0, GAP, 0.0);
        assert_eq!(spans[1].width(), VALUE_WIDTH);
        columns.toggle(Column::Value);
        let spans = columns.layout(500.0, GAP, 0.0);
        assert_eq!(spans[0].width(), 500.0 - 84.0 - 58.0 - 52.0 - 3.0 * GAP);
    }

    #[test]
    fn columns_without_room_are_left_out_but_not_forgotten() {
        let mut columns = TableColumns::default();
        columns.toggle(Column::Versionstamp);
        assert_eq!(shown(&columns.layout(700.0, GAP, 0.0)), Column::ALL);
        assert_eq!(shown(&columns.layout(300.0, GAP, 0.0)), Column::ALL[..3]);
        let narrow = columns.layout(10.0, GAP, 0.0);
        assert_eq!(shown(&narrow), [Column::Key, Column::Value]);
        columns.toggle(Column::Key);
        columns.toggle(Column::Type);
        assert_eq!(
            shown(&columns.layout(700.0, GAP, 0.0)),
            [
                Column::Key,
                Column::Value,
                Column::Size,
                Column::Expires,
                Column::Versionstamp
            ]
        );
    }
}
