//! What is checked, and what a failed check leaves.

use super::Ends::{Committed, Failed};
use super::Part::{Absent, Changed, Delete, Set, Unchanged};
use super::{A, B, C, Row};

pub const CASES: &[Row] = &[
    ("nothing at all", &[], &[], Committed, &[]),
    (
        "only a check that holds",
        &[],
        &[Absent(A)],
        Committed,
        &[(A, None)],
    ),
    (
        "check absent of what is absent",
        &[],
        &[Absent(A), Set(A, "1")],
        Committed,
        &[(A, Some("1"))],
    ),
    (
        "check absent of what is there",
        &[(A, "1")],
        &[Absent(A), Set(A, "2")],
        Failed(&[0]),
        &[(A, Some("1"))],
    ),
    (
        "check unchanged",
        &[(A, "1")],
        &[Unchanged(A), Set(A, "2")],
        Committed,
        &[(A, Some("2"))],
    ),
    (
        "check changed",
        &[(A, "1")],
        &[Changed(A), Set(A, "2")],
        Failed(&[0]),
        &[(A, Some("1"))],
    ),
    (
        "check a version of what is absent",
        &[],
        &[Changed(A), Set(A, "2")],
        Failed(&[0]),
        &[(A, None)],
    ),
    (
        "every failed check is named",
        &[(A, "1"), (B, "2")],
        &[Unchanged(A), Absent(B), Absent(C), Changed(A), Set(C, "3")],
        Failed(&[1, 3]),
        &[(C, None)],
    ),
    (
        "the same key checked twice",
        &[(A, "1")],
        &[Unchanged(A), Absent(A)],
        Failed(&[1]),
        &[(A, Some("1"))],
    ),
    (
        "checks see the state before the commit",
        &[],
        &[Set(A, "1"), Absent(A)],
        Committed,
        &[(A, Some("1"))],
    ),
    (
        "a failed check leaves every key",
        &[(A, "1")],
        &[Absent(A), Set(B, "2"), Delete(A)],
        Failed(&[0]),
        &[(A, Some("1")), (B, None)],
    ),
];
