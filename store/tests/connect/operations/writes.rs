//! Setting and deleting.

use super::Ends::Committed;
use super::Part::{Delete, Set, Suffixed, Sum};
use super::{A, MAX, ONE, Row, TWO};

pub const CASES: &[Row] = &[
    ("set a new key", &[], &[Set(A, "1")], Committed, &[(A, Some("1"))]),
    (
        "set again",
        &[(A, "1")],
        &[Set(A, "2")],
        Committed,
        &[(A, Some("2"))],
    ),
    (
        "set twice, the last wins",
        &[],
        &[Set(A, "1"), Set(A, "2")],
        Committed,
        &[(A, Some("2"))],
    ),
    (
        "set undefined is present",
        &[],
        &[Set(A, "undefined")],
        Committed,
        &[(A, Some("undefined"))],
    ),
    (
        "set null",
        &[],
        &[Set(A, "null")],
        Committed,
        &[(A, Some("null"))],
    ),
    (
        "set bytes",
        &[],
        &[Set(A, "new Uint8Array([0, 255])")],
        Committed,
        &[(A, Some("new Uint8Array([0, 255])"))],
    ),
    (
        "set no bytes",
        &[],
        &[Set(A, "new Uint8Array([])")],
        Committed,
        &[(A, Some("new Uint8Array([])"))],
    ),
    ("set a KvU64", &[], &[Set(A, MAX)], Committed, &[(A, Some(MAX))]),
    (
        "set a map",
        &[],
        &[Set(A, "new Map([[1, new Set([2n])]])")],
        Committed,
        &[(A, Some("new Map([[1, new Set([2n])]])"))],
    ),
    (
        "set over another type",
        &[(A, ONE)],
        &[Set(A, "'text'")],
        Committed,
        &[(A, Some("'text'"))],
    ),
    ("delete", &[(A, "1")], &[Delete(A)], Committed, &[(A, None)]),
    (
        "delete what is not there",
        &[],
        &[Delete(A)],
        Committed,
        &[(A, None)],
    ),
    (
        "set, then delete",
        &[],
        &[Set(A, "1"), Delete(A)],
        Committed,
        &[(A, None)],
    ),
    (
        "delete, then set",
        &[(A, "1")],
        &[Delete(A), Set(A, "2")],
        Committed,
        &[(A, Some("2"))],
    ),
    (
        "delete, then sum, begins anew",
        &[(A, TWO)],
        &[Delete(A), Sum(A, ONE)],
        Committed,
        &[(A, Some(ONE))],
    ),
    (
        "a versionstamped key",
        &[],
        &[Suffixed(A, "1")],
        Committed,
        &[(A, None)],
    ),
];
