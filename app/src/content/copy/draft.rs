//! A transaction as code that commits it, as a command, and as its file.

use keyglass_store::draft::{Draft, Due, Expiry, Step, file};
use keyglass_store::key::{EncodedKey, Key, KeyDecodeError};
use keyglass_store::value::{Encoding, StoredValue, Value, ValueError};

use super::javascript::{key_as_javascript, value_as_javascript};
use super::{rust_code, shell};

/// In which form a transaction is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DraftForm {
    /// TypeScript for Deno.
    Deno,
    /// A module for Node.
    Node,
    /// Rust code for `keyglass_store::Kv`.
    Rust,
    /// A command.
    CommandLine,
    /// The draft file.
    File,
}

impl DraftForm {
    /// All of them, in the order offered, with their names.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Deno, "Deno TypeScript"),
        (Self::Node, "Node"),
        (Self::Rust, "Rust"),
        (Self::CommandLine, "Command line"),
        (Self::File, "Draft file"),
    ];
}

/// A transaction as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedDraft {
    /// The text.
    pub text: String,
    /// What the form cannot say, a sentence for each row; a comment stands in its place.
    pub left_out: Vec<String>,
}

/// Writes the rows of a draft that are on. `location` is where a command and a program find the database. Expiries are
/// to be resolved before: one that is kept is written as none but in the file.
#[must_use]
pub fn copy_draft(draft: &Draft, form: DraftForm, location: &str) -> CopiedDraft {
    let text = match form {
        DraftForm::File => file::print(draft),
        DraftForm::CommandLine => shell::commit(location, &file::print(draft)),
        DraftForm::Deno | DraftForm::Node => return javascript(draft, form, location),
        DraftForm::Rust => return rust(draft),
    };
    CopiedDraft {
        text,
        left_out: Vec::new(),
    }
}

/// Writes each row as a line of a chain of calls, or as a comment.
fn chain(
    draft: &Draft,
    indent: &str,
    mut call: impl FnMut(&Step) -> Result<String, Unsayable>,
) -> (String, Vec<String>) {
    let (mut lines, mut left_out) = (String::new(), Vec::new());
    for (row, step) in draft.live() {
        match call(step) {
            Ok(call) => lines.push_str(&format!(
                "{indent}.{}\n",
                call.replace('\n', &format!("\n{indent}"))
            )),
            Err(reason) => {
                let told = format!("Row {row} is left out: {reason}").replace(['\n', '\r'], " ");
                lines.push_str(&format!("{indent}// {told}\n"));
                left_out.push(told);
            }
        }
    }
    (lines, left_out)
}

fn key(stored: &EncodedKey) -> Result<Key, Unsayable> {
    Ok(stored.decode()?)
}

fn value(stored: &StoredValue) -> Result<Value, Unsayable> {
    Ok(stored.decode()?)
}

/// Why a row is not a call of an API.
#[derive(Debug, thiserror::Error)]
enum Unsayable {
    #[error(transparent)]
    Key(#[from] KeyDecodeError),
    #[error(transparent)]
    Value(#[from] ValueError),
    #[error("a sum with limits, which this API cannot say; a draft file can")]
    SumLimits,
    #[error("{0} takes a KvU64")]
    Operand(&'static str),
    #[error("a key that ends in the commit's versionstamp, which @deno/kv cannot say")]
    SuffixedKey,
    #[error("a versionstamp in the key and an expiry, which Kv cannot say together; a draft file can")]
    SuffixedKeyExpires,
    #[error("it is not finished")]
    Unfinished,
}

fn javascript(draft: &Draft, form: DraftForm, location: &str) -> CopiedDraft {
    let is_typed = form == DraftForm::Deno;
    let (calls, left_out) = chain(draft, "  ", |step| javascript_call(step, is_typed));
    let location = value_as_javascript(&Value::from(location));
    let open = if is_typed {
        format!("const kv = await Deno.openKv({location});\n")
    } else {
        format!(
            "import {{ KvU64, openKv }} from \"@deno/kv\";\n\nconst Deno = {{ KvU64 }};\nconst kv = await openKv({location});\n"
        )
    };
    let text = format!(
        "{open}const result = await kv.atomic()\n{calls}  .commit();\n\
         if (!result.ok) throw new Error(\"Nothing was committed, because a check does not hold\");\n"
    );
    CopiedDraft { text, left_out }
}

fn javascript_call(step: &Step, is_typed: bool) -> Result<String, Unsayable> {
    let helper = |name: &str, stored: &EncodedKey, operand: &StoredValue| {
        let key = key_as_javascript(&key(stored)?);
        let decoded = value(operand)?;
        if let (Encoding::Le64, Some(number)) = (operand.encoding, decoded.as_u64()) {
            return Ok(format!("{name}({key}, {number}n)"));
        }
        // The type of a mutation knows no other operand, which Deno itself takes.
        let cast = if is_typed { " as unknown as Deno.KvU64" } else { "" };
        let value = value_as_javascript(&decoded);
        Ok(format!(
            "mutate({{ type: \"{name}\", key: {key}, value: {value}{cast} }})"
        ))
    };
    match step {
        Step::Check {
            key: stored,
            versionstamp,
        } => {
            let stamp = versionstamp.map_or_else(|| "null".to_owned(), |stamp| format!("\"{stamp}\""));
            let key = key_as_javascript(&key(stored)?);
            Ok(format!("check({{ key: {key}, versionstamp: {stamp} }})"))
        }
        Step::Set {
            key: stored,
            value: stored_value,
            expiry,
            is_versionstamped,
        } => {
            let mut key = key_as_javascript(&key(stored)?);
            if *is_versionstamped && !is_typed {
                return Err(Unsayable::SuffixedKey);
            }
            if *is_versionstamped {
                key.truncate(key.len() - 1);
                let comma = if key.len() > 1 { ", " } else { "" };
                key.push_str(&format!("{comma}kv.commitVersionstamp()]"));
            }
            let value = value_as_javascript(&value(stored_value)?);
            let options = match expiry {
                Expiry::Never | Expiry::Keep => String::new(),
                Expiry::After(span) => format!(", {{ expireIn: {span} }}"),
                // Deno refuses a time to live that is negative.
                Expiry::At(moment) => format!(", {{ expireIn: Math.max(0, {moment} - Date.now()) }}"),
            };
            Ok(format!("set({key}, {value}{options})"))
        }
        Step::Delete { key: stored } => Ok(format!("delete({})", key_as_javascript(&key(stored)?))),
        Step::Sum {
            key,
            operand,
            min: None,
            max: None,
            ..
        } => helper("sum", key, operand),
        Step::Sum { .. } => Err(Unsayable::SumLimits),
        Step::Min { key, operand } => helper("min", key, operand),
        Step::Max { key, operand } => helper("max", key, operand),
        Step::Enqueue {
            message,
            due,
            keys_if_undelivered,
            backoff_schedule,
        } => {
            let mut options = Vec::new();
            match due {
                Due::Now => {}
                Due::After(span) => options.push(format!("delay: {span}")),
                Due::At(moment) => options.push(format!("delay: Math.max(0, {moment} - Date.now())")),
            }
            if !keys_if_undelivered.is_empty() {
                let keys = keys_if_undelivered.iter();
                let keys = keys.map(|stored| Ok(key_as_javascript(&key(stored)?)));
                let keys: Vec<String> = keys.collect::<Result<_, Unsayable>>()?;
                options.push(format!("keysIfUndelivered: [{}]", keys.join(", ")));
            }
            if let Some(intervals) = backoff_schedule {
                let intervals: Vec<String> = intervals.iter().map(ToString::to_string).collect();
                options.push(format!("backoffSchedule: [{}]", intervals.join(", ")));
            }
            let message = value_as_javascript(&value(message)?);
            Ok(match options.is_empty() {
                true => format!("enqueue({message})"),
                false => format!("enqueue({message}, {{ {} }})", options.join(", ")),
            })
        }
        Step::Unfinished { .. } => Err(Unsayable::Unfinished),
    }
}

fn rust(draft: &Draft) -> CopiedDraft {
    let mut uses = rust_code::Uses::default();
    let (calls, left_out) = chain(draft, "    ", |step| rust_call(step, &mut uses));
    uses.commit();
    let text = format!(
        "{}let outcome = kv\n    .atomic()\n{calls}    .commit()?;\n\
         assert!(matches!(outcome, CommitOutcome::Committed(_)), \"a check does not hold\");\n",
        uses.lines()
    );
    CopiedDraft { text, left_out }
}

fn rust_call(step: &Step, uses: &mut rust_code::Uses) -> Result<String, Unsayable> {
    let mut helper = |name: &'static str, stored: &EncodedKey, operand: &StoredValue| {
        let key = uses.key_argument(&key(stored)?);
        let decoded = value(operand)?;
        if let (Encoding::Le64, Some(number)) = (operand.encoding, decoded.as_u64()) {
            return Ok(format!("{name}({key}, {number})"));
        }
        match name {
            "sum" => Ok(format!("sum_values({key}, {})", uses.value_argument(&decoded))),
            _ => Err(Unsayable::Operand(name)),
        }
    };
    match step {
        Step::Check {
            key: stored,
            versionstamp,
        } => {
            let key = uses.key_argument(&key(stored)?);
            Ok(match versionstamp {
                Some(stamp) => format!("check_versionstamp({key}, Some(\"{stamp}\".parse()?))"),
                None => format!("check_absent({key})"),
            })
        }
        Step::Set {
            key: stored,
            value: stored_value,
            expiry,
            is_versionstamped,
        } => {
            let key = uses.key_argument(&key(stored)?);
            let value = uses.value_argument(&value(stored_value)?);
            match (is_versionstamped, expiry) {
                (false, Expiry::Never | Expiry::Keep) => Ok(format!("set({key}, {value})")),
                (false, Expiry::After(span)) => Ok(format!(
                    "set_expiring({key}, {value}, {})",
                    uses.milliseconds(*span)
                )),
                (false, Expiry::At(moment)) => {
                    Ok(format!("set_expiring({key}, {value}, {})", uses.until(*moment)))
                }
                (true, Expiry::Never | Expiry::Keep) => Ok(format!("set_versionstamped({key}, {value})")),
                (true, _) => Err(Unsayable::SuffixedKeyExpires),
            }
        }
        Step::Delete { key: stored } => Ok(format!("delete({})", uses.key_argument(&key(stored)?))),
        Step::Sum {
            key,
            operand,
            min: None,
            max: None,
            ..
        } => helper("sum", key, operand),
        Step::Sum { .. } => Err(Unsayable::SumLimits),
        Step::Min { key, operand } => helper("min", key, operand),
        Step::Max { key, operand } => helper("max", key, operand),
        Step::Enqueue {
            message,
            due,
            keys_if_undelivered,
            backoff_schedule,
        } => {
            let mut code = uses.message(&value(message)?);
            match due {
                Due::Now => {}
                Due::After(span) => code.push_str(&format!(".delay({})", uses.milliseconds(*span))),
                Due::At(moment) => code.push_str(&format!(".delay({})", uses.until(*moment))),
            }
            for stored in keys_if_undelivered {
                code.push_str(&format!(
                    ".key_if_undelivered({})",
                    uses.key_argument(&key(stored)?)
                ));
            }
            if let Some(intervals) = backoff_schedule {
                let intervals = intervals
                    .iter()
                    .map(|interval| uses.milliseconds(i64::from(*interval)));
                let intervals: Vec<String> = intervals.collect();
                code.push_str(&format!(".backoff_schedule([{}])", intervals.join(", ")));
            }
            Ok(format!("enqueue({code})"))
        }
        Step::Unfinished { .. } => Err(Unsayable::Unfinished),
    }
}
