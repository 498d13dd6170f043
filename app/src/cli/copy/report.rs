//! What a copy did, in words and as JSON.

use jiff::tz::TimeZone;
use keyglass_store::transfer::{
    CopyOptions, CopyReport, LeftMessage, MessageReport, PrefixSums, Remark, VerifyReport,
};
use keyglass_store::{Encoding, QueueMessage, StoredValue};

use crate::cli::text;
use crate::moment;

/// The report, a line each. What is nothing is left out.
pub(super) fn lines(report: &CopyReport, options: &CopyOptions) -> Vec<String> {
    let mut lines = vec![format!("Copied {}", text::entries(report.stored))];
    if report.replaced > 0 {
        lines.push(format!(
            "{} of them in the place of something else",
            report.replaced
        ));
    }
    let mut add = |number: u64, line: &dyn Fn(String) -> String| {
        if number > 0 {
            lines.push(line(text::entries(number)));
        }
    };
    add(report.deleted, &|entries| {
        format!("{entries} deleted, which only the target had")
    });
    add(report.same, &|entries| {
        format!("{entries} there already, exactly the same")
    });
    add(report.skipped, &|entries| {
        format!("{entries} left out, because something else stands under their keys; --overwrite replaces it")
    });
    if report.expired > 0 {
        lines.push(if options.expired {
            let had = text::entries(report.expired);
            format!("{had} had expired, and will not expire in the copy")
        } else {
            text::left_out(report.expired)
        });
    }
    lines.extend(report.errors.named.iter().map(text::remark));
    if let Some(messages) = &report.messages {
        of_messages(messages, options.mirror, &mut lines);
    }
    if let Some(verified) = &report.verified {
        of_verification(verified, &mut lines);
    }
    lines
}

fn messages(number: u64) -> String {
    text::counted(number, "queued message", "queued messages")
}

/// What became of queued messages, a line each.
pub(in crate::cli) fn of_messages(report: &MessageReport, is_mirror: bool, lines: &mut Vec<String>) {
    if report.carried > 0 {
        lines.push(format!("Copied {}", messages(report.carried)));
    }
    if report.running > 0 {
        lines.push(format!(
            "A program is working on {}, which may be delivered here and there",
            messages(report.running)
        ));
    }
    if report.same > 0 {
        lines.push(format!("{} there already", messages(report.same)));
    }
    if report.removed > 0 {
        lines.push(format!(
            "{} removed, which only the target had",
            messages(report.removed)
        ));
    }
    if report.others > 0 && is_mirror {
        lines.push(format!(
            "{} that only the target has stay, because a program is working on them",
            messages(report.others)
        ));
    }
    if report.left_out > 0 {
        lines.push(format!("{} not copied", messages(report.left_out)));
    }
    let left = report.named.iter();
    lines.extend(left.map(|left| format!("{}: {}", message(&left.message), left.reason)));
}

/// A message in a line: when it is due, and its payload.
pub(super) fn message(message: &QueueMessage) -> String {
    let due = moment::text_with_offset(message.due_at, &TimeZone::UTC);
    format!("Message due {due}, {}", payload(message))
}

fn payload(message: &QueueMessage) -> String {
    text::value_line(&StoredValue {
        encoding: Encoding::V8,
        bytes: message.payload.clone(),
    })
}

fn of_verification(report: &VerifyReport, lines: &mut Vec<String>) {
    let prefixes = |number| text::counted(number, "first part of keys", "first parts of keys");
    if report.is_sound() {
        let unknown = if report.expiry {
            ""
        } else {
            "; expiry unknown on one side"
        };
        lines.push(format!(
            "Verified: {}, {} bytes, the same hashes below {}{unknown}",
            text::entries(report.entries),
            report.bytes,
            prefixes(report.prefixes)
        ));
    } else if report.complete {
        lines.push(format!(
            "Verified: not the same below {} of {}",
            report.wrong,
            prefixes(report.prefixes)
        ));
        lines.extend(report.named.iter().map(|sums| {
            let side = |sums: &keyglass_store::transfer::Sums| {
                format!(
                    "{}, {} bytes, hash {:016x}",
                    text::entries(sums.entries),
                    sums.bytes,
                    sums.hash
                )
            };
            format!("{}: {}; copy: {}", sums.prefix, side(&sums.from), side(&sums.to))
        }));
    }
}

/// The report as an object.
pub(in crate::cli) fn json(report: &CopyReport) -> serde_json::Value {
    let error = |remark: &Remark| {
        serde_json::json!({
            "key": remark.key.as_ref().map(ToString::to_string),
            "reason": remark.reason,
        })
    };
    serde_json::json!({
        "stored": report.stored,
        "replaced": report.replaced,
        "deleted": report.deleted,
        "same": report.same,
        "skipped": report.skipped,
        "expired": report.expired,
        "bytes": report.bytes,
        "errorCount": report.errors.count,
        "errors": report.errors.named.iter().map(error).collect::<Vec<_>>(),
        "messages": report.messages.as_ref().map(messages_json),
        "verified": report.verified.as_ref().map(verified_json),
        "complete": report.complete,
    })
}

pub(in crate::cli) fn messages_json(report: &MessageReport) -> serde_json::Value {
    let left_out = |left: &LeftMessage| {
        serde_json::json!({
            "id": left.message.id,
            "dueAt": left.message.due_at,
            "payload": payload(&left.message),
            "reason": left.reason,
        })
    };
    serde_json::json!({
        "stored": report.carried,
        "same": report.same,
        "running": report.running,
        "others": report.others,
        "removed": report.removed,
        "leftOutCount": report.left_out,
        "leftOut": report.named.iter().map(left_out).collect::<Vec<_>>(),
    })
}

fn verified_json(report: &VerifyReport) -> serde_json::Value {
    let side = |sums: &keyglass_store::transfer::Sums| {
        serde_json::json!({
            "entries": sums.entries,
            "bytes": sums.bytes,
            "hash": format!("{:016x}", sums.hash),
        })
    };
    let wrong = |sums: &PrefixSums| {
        serde_json::json!({
            "prefix": sums.prefix.to_string(),
            "from": side(&sums.from),
            "to": side(&sums.to),
        })
    };
    serde_json::json!({
        "same": report.is_sound(),
        "prefixes": report.prefixes,
        "entries": report.entries,
        "bytes": report.bytes,
        "others": report.others,
        "wrongCount": report.wrong,
        "wrong": report.named.iter().map(wrong).collect::<Vec<_>>(),
        "complete": report.complete,
        "expiryCompared": report.expiry,
    })
}
