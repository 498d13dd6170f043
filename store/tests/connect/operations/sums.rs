//! Sums of numbers and bigints, within limits and without.

use super::Ends::{Committed, Refused};
use super::Part::{Sum, SumWithin};
use super::{A, ONE, Row, THREE};

pub const CASES: &[Row] = &[
    (
        "sum of bigints",
        &[(A, "5n")],
        &[Sum(A, "-7n")],
        Committed,
        &[(A, Some("-2n"))],
    ),
    (
        "sum of large bigints",
        &[(A, "18446744073709551616n")],
        &[Sum(A, "18446744073709551616n")],
        Committed,
        &[(A, Some("36893488147419103232n"))],
    ),
    (
        "sum of numbers",
        &[(A, "1.5")],
        &[Sum(A, "2")],
        Committed,
        &[(A, Some("3.5"))],
    ),
    (
        "sum of a number to nothing",
        &[],
        &[Sum(A, "2.5")],
        Committed,
        &[(A, Some("2.5"))],
    ),
    (
        "sum of a bigint to a number",
        &[(A, "1")],
        &[Sum(A, "1n")],
        Refused("Cannot sum Number with BigInt"),
        &[(A, Some("1"))],
    ),
    (
        "sum of a number to a bigint",
        &[(A, "1n")],
        &[Sum(A, "1")],
        Refused("Cannot sum BigInt with Number"),
        &[(A, Some("1n"))],
    ),
    (
        "sum of a number to a KvU64",
        &[(A, ONE)],
        &[Sum(A, "1")],
        Refused("Cannot sum KvU64 with Number"),
        &[(A, Some(ONE))],
    ),
    (
        "sum of a bigint to a KvU64",
        &[(A, ONE)],
        &[Sum(A, "2n")],
        Committed,
        &[(A, Some(THREE))],
    ),
    (
        "sum of a text",
        &[],
        &[Sum(A, "'1'")],
        Refused("Some of the parameters are not valid V8 values"),
        &[(A, None)],
    ),
    (
        "sum to what cannot be summed",
        &[(A, "'1'")],
        &[Sum(A, "1")],
        Refused("unsupported value type"),
        &[(A, Some("'1'"))],
    ),
    (
        "sum within limits",
        &[(A, "5n")],
        &[SumWithin(A, "2n", "0n", "10n", false)],
        Committed,
        &[(A, Some("7n"))],
    ),
    (
        "sum beyond limits",
        &[(A, "5n")],
        &[SumWithin(A, "6n", "0n", "10n", false)],
        Refused("The result of a Sum operation would exceed its range limit"),
        &[(A, Some("5n"))],
    ),
    (
        "sum below limits",
        &[(A, "5n")],
        &[SumWithin(A, "-6n", "0n", "10n", false)],
        Refused("The result of a Sum operation would exceed its range limit"),
        &[(A, Some("5n"))],
    ),
    (
        "sum clipped above",
        &[(A, "5n")],
        &[SumWithin(A, "6n", "0n", "10n", true)],
        Committed,
        &[(A, Some("10n"))],
    ),
    (
        "sum clipped below",
        &[(A, "5")],
        &[SumWithin(A, "-6", "0", "10", true)],
        Committed,
        &[(A, Some("0"))],
    ),
    (
        "limits of another type",
        &[(A, "5n")],
        &[SumWithin(A, "1n", "0", "10", true)],
        Refused("Min/max parameters have different types than the operand"),
        &[(A, Some("5n"))],
    ),
    (
        "limits of a KvU64",
        &[(A, ONE)],
        &[SumWithin(A, ONE, "0n", "10n", true)],
        Refused("Cannot use min/max parameters with KvU64 operands"),
        &[(A, Some(ONE))],
    ),
    (
        "limits say nothing about an absent key",
        &[],
        &[SumWithin(A, "100n", "0n", "10n", false)],
        Committed,
        &[(A, Some("100n"))],
    ),
];
