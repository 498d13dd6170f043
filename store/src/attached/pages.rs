//! Reading more than fits into one answer.

use bytes::Bytes;
use prost::Message as _;

use super::connection::{Connection, Fault};
use crate::connect::extension::wire::{Get, GetAnswer, Malformed, Read, ReadAnswer, method};
use crate::connect::extension::{RANGES, behind};
use crate::database::ReadRange;
use crate::entry::Entry;
use crate::key::EncodedKey;

/// Reads ranges as they are now, if that fits into one answer.
pub(super) async fn read_at_once(
    connection: &Connection,
    ranges: &[ReadRange],
) -> Result<Option<Vec<Vec<Entry>>>, Fault> {
    if ranges.len() > RANGES {
        return Ok(None);
    }
    let answer = read(connection, ranges, None).await?;
    if answer.pages.iter().any(|page| page.more) {
        return Ok(None);
    }
    let pages = answer.pages.into_iter().map(|page| page.entries());
    Ok(Some(pages.collect::<Result<_, Malformed>>()?))
}

/// Reads a range of a view that is held, in as many answers as it takes.
pub(super) async fn read_all(
    connection: &Connection,
    mut range: ReadRange,
    snapshot: u64,
) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    loop {
        let answer = read(connection, std::slice::from_ref(&range), Some(snapshot)).await?;
        let page = answer.pages.into_iter().next().unwrap_or_default();
        let more = page.more;
        let mut found = page.entries()?;
        let Some(last) = found.last().filter(|_| more) else {
            entries.append(&mut found);
            return Ok(entries);
        };
        range = ReadRange {
            range: behind(range.range, &last.key, range.reverse),
            limit: range.limit.saturating_sub(found.len()),
            reverse: range.reverse,
        };
        entries.append(&mut found);
    }
}

async fn read(
    connection: &Connection,
    ranges: &[ReadRange],
    snapshot: Option<u64>,
) -> Result<ReadAnswer, Fault> {
    let request = Read {
        ranges: ranges.iter().map(Into::into).collect(),
        snapshot,
    };
    let answer: ReadAnswer = connection
        .ask(method::READ, request.encode_to_vec().into())
        .await?;
    let found = answer.pages.iter().map(|page| page.entries.len());
    connection.counts.entries(found.sum());
    match answer.pages.len() == ranges.len() {
        true => Ok(answer),
        false => Err(Malformed::Missing("pages").into()),
    }
}

/// Reads keys as they are now, if that fits into one answer.
pub(super) async fn get_at_once(
    connection: &Connection,
    keys: &[EncodedKey],
) -> Result<Option<Vec<Option<Entry>>>, Fault> {
    if keys.len() > RANGES {
        return Ok(None);
    }
    let found = get(connection, keys, None).await?;
    Ok((found.len() == keys.len()).then_some(found))
}

/// Reads keys of a view that is held, in as many answers as it takes.
pub(super) async fn get_all(
    connection: &Connection,
    keys: &[EncodedKey],
    snapshot: u64,
) -> Result<Vec<Option<Entry>>, Fault> {
    let mut all = Vec::with_capacity(keys.len());
    while let Some(left) = keys.get(all.len()..).filter(|left| !left.is_empty()) {
        let some = left.get(..RANGES).unwrap_or(left);
        let mut found = get(connection, some, Some(snapshot)).await?;
        if found.is_empty() {
            return Err(Malformed::Missing("entries").into());
        }
        all.append(&mut found);
    }
    Ok(all)
}

async fn get(
    connection: &Connection,
    keys: &[EncodedKey],
    snapshot: Option<u64>,
) -> Result<Vec<Option<Entry>>, Fault> {
    let request: Bytes = Get::new(keys, snapshot).encode_to_vec().into();
    let answer: GetAnswer = connection.ask(method::GET, request).await?;
    if answer.found.len() > keys.len() {
        return Err(Malformed::Missing("order").into());
    }
    let found = answer.found.into_iter().map(TryInto::try_into);
    let found: Vec<Option<Entry>> = found.collect::<Result<_, Malformed>>()?;
    connection.counts.entries(found.iter().flatten().count());
    Ok(found)
}
