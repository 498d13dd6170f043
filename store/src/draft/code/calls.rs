//! What one call does, as rows.

use super::Wrong;
use super::arguments::Expression;
use super::statements::Call;
use crate::draft::{Due, Expiry, Step};
use crate::key::EncodedKey;
use crate::value::StoredValue;

/// The rows that a call adds.
pub(super) fn rows(text: &str, call: &Call) -> Result<Vec<Step>, Wrong> {
    let arguments = Expression::new(text, call.arguments.clone()).parts()?;
    let argument = |index: usize, what: &str| {
        let found = arguments.get(index).cloned();
        found.ok_or_else(|| Wrong::new(format!("`{}` needs {what}", call.name)))
    };
    let key = || argument(0, "a key")?.key();
    let step = match call.name.as_str() {
        "check" => return arguments.iter().map(check).collect(),
        "mutate" => return arguments.iter().map(mutate).collect(),
        "set" => {
            let (key, is_versionstamped) = argument(0, "a key")?.key_of_set()?;
            Step::Set {
                key,
                value: argument(1, "a value")?.stored()?,
                expiry: match arguments.get(2) {
                    Some(options) => expiry_of(&options.properties()?)?,
                    None => Expiry::Never,
                },
                is_versionstamped,
            }
        }
        "delete" => Step::Delete { key: key()? },
        "sum" => Step::Sum {
            key: key()?,
            operand: argument(1, "a bigint")?.kv_u64()?,
            min: None,
            max: None,
            clamp: false,
        },
        "min" => Step::Min {
            key: key()?,
            operand: argument(1, "a bigint")?.kv_u64()?,
        },
        "max" => Step::Max {
            key: key()?,
            operand: argument(1, "a bigint")?.kv_u64()?,
        },
        "enqueue" => enqueue(&argument(0, "a message")?, arguments.get(1))?,
        other => return Err(Wrong::new(format!("`{other}` is no operation of Deno KV"))),
    };
    Ok(vec![step])
}

type Properties<'t> = [(String, Expression<'t>)];

fn property<'a, 't>(properties: &'a Properties<'t>, name: &str) -> Option<&'a Expression<'t>> {
    properties
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}

fn needed<'a, 't>(
    properties: &'a Properties<'t>,
    name: &str,
    whole: &Expression<'t>,
) -> Result<&'a Expression<'t>, Wrong> {
    let found = property(properties, name);
    found.ok_or_else(|| Wrong::at(whole.range.start, format!("`{name}` is missing here")))
}

fn check(argument: &Expression<'_>) -> Result<Step, Wrong> {
    let properties = argument.properties()?;
    let stamp = needed(&properties, "versionstamp", argument)?;
    let versionstamp = match stamp.text_or_null()? {
        None => None,
        Some(text) => Some(text.parse().map_err(|error: crate::VersionstampParseError| {
            Wrong::at(stamp.range.start, error.to_string())
        })?),
    };
    Ok(Step::Check {
        key: needed(&properties, "key", argument)?.key()?,
        versionstamp,
    })
}

fn expiry_of(properties: &Properties<'_>) -> Result<Expiry, Wrong> {
    match property(properties, "expireIn") {
        None => Ok(Expiry::Never),
        Some(expire_in) if expire_in.slice() == "undefined" => Ok(Expiry::Never),
        Some(expire_in) => expire_in.expire_in(),
    }
}

fn mutate(argument: &Expression<'_>) -> Result<Step, Wrong> {
    let properties = argument.properties()?;
    let kind = needed(&properties, "type", argument)?;
    let name = kind.text_or_null()?.unwrap_or_default();
    let key = needed(&properties, "key", argument)?;
    let value = || needed(&properties, "value", argument)?.stored();
    let limit = |name: &str| -> Result<Option<StoredValue>, Wrong> {
        property(&properties, name).map(Expression::stored).transpose()
    };
    Ok(match name.as_str() {
        "set" => {
            let (key, is_versionstamped) = key.key_of_set()?;
            Step::Set {
                key,
                value: value()?,
                expiry: expiry_of(&properties)?,
                is_versionstamped,
            }
        }
        "setSuffixVersionstampedKey" => Step::Set {
            key: key.key()?,
            value: value()?,
            expiry: expiry_of(&properties)?,
            is_versionstamped: true,
        },
        "delete" => Step::Delete { key: key.key()? },
        "sum" => Step::Sum {
            key: key.key()?,
            operand: value()?,
            min: limit("min")?,
            max: limit("max")?,
            clamp: property(&properties, "clamp").is_some_and(|clamp| clamp.slice() == "true"),
        },
        "min" => Step::Min {
            key: key.key()?,
            operand: value()?,
        },
        "max" => Step::Max {
            key: key.key()?,
            operand: value()?,
        },
        other => {
            let reason = format!("No mutation of Deno KV has this type: {other}");
            return Err(Wrong::at(kind.range.start, reason));
        }
    })
}

fn enqueue(message: &Expression<'_>, options: Option<&Expression<'_>>) -> Result<Step, Wrong> {
    let options = options
        .map(Expression::properties)
        .transpose()?
        .unwrap_or_default();
    let value = message.value()?;
    let stored =
        StoredValue::v8(&value).map_err(|error| Wrong::at(message.range.start, error.to_string()))?;
    let due = match property(&options, "delay")
        .map(Expression::expire_in)
        .transpose()?
    {
        None | Some(Expiry::Never | Expiry::Keep) => Due::Now,
        Some(Expiry::After(span)) => Due::After(span),
        Some(Expiry::At(moment)) => Due::At(moment),
    };
    let keys = match property(&options, "keysIfUndelivered") {
        None => Vec::new(),
        Some(keys) => keys.elements()?,
    };
    let keys: Vec<EncodedKey> = keys.iter().map(Expression::key).collect::<Result<_, _>>()?;
    let interval = |interval: &Expression<'_>| {
        let milliseconds = u32::try_from(interval.milliseconds()?);
        milliseconds.map_err(|_outside| Wrong::at(interval.range.start, "This interval is too long"))
    };
    let schedule = property(&options, "backoffSchedule").map(|schedule| {
        let intervals = schedule.elements()?;
        intervals
            .iter()
            .map(interval)
            .collect::<Result<Vec<u32>, Wrong>>()
    });
    Ok(Step::Enqueue {
        message: stored,
        due,
        keys_if_undelivered: keys,
        backoff_schedule: schedule.transpose()?,
    })
}
