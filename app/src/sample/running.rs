//! How the shop runs: measurements under times, counters, logs, jobs, and the audit trail.

use super::SampleError;
use super::collector::{Collector, quoted};
use super::people::{DAY, HOUR, MINUTE, OPENED, User};

/// Ten minutes apart, for two days.
const MEASUREMENTS: u64 = 288;
const LOG_LINES: u64 = 120;

pub(super) fn put_measurements(sample: &mut Collector) -> Result<(), SampleError> {
    for index in 0..MEASUREMENTS {
        let at = OPENED + index * 10 * MINUTE;
        let busy = if (54..132).contains(&(index % 144)) { 3 } else { 1 };
        let response = 18 * busy + sample.random.below(40);
        let response = format!("{response}.{}", sample.random.below(10));
        sample.put(&format!(r#"["metrics", "response_ms", {at}]"#), &response)?;
        if index % 6 == 0 {
            let visits = 40 * busy + sample.random.below(60);
            sample.put(
                &format!(r#"["metrics", "visits_per_hour", {at}]"#),
                &visits.to_string(),
            )?;
        }
    }
    for (name, count) in [
        ("page_views", 1_284_310),
        ("searches", 96_412),
        ("signups", 220),
        ("orders", 420),
        ("emails_sent", 3_877),
        ("payment_failures", 17),
    ] {
        sample.put_counter(&format!(r#"["counters", "{name}"]"#), count)?;
    }
    for number in 0..12 {
        let lasts = 30_000 + sample.random.below(14 * MINUTE);
        let requests = (1 + sample.random.below(60)).to_string();
        sample.put_for(
            lasts,
            &format!(r#"["rate_limits", "198.51.100.{}"]"#, 10 + number),
            &requests,
        )?;
    }
    Ok(())
}

pub(super) fn put_logs(sample: &mut Collector, users: &[User]) -> Result<(), SampleError> {
    for index in 0..LOG_LINES {
        let at = OPENED + 2 * DAY + index * 97_411;
        let (level, message) = match sample.random.below(12) {
            0 => ("error", "payment provider did not answer"),
            1 | 2 => ("warn", "slow query: orders_by_user"),
            3 | 4 => ("info", "newsletter sent"),
            5 | 6 => ("info", "stock counted"),
            _ => ("info", "order placed"),
        };
        let error = if level == "error" {
            ", error: new TypeError(\"error sending request: connection timed out\")"
        } else {
            ""
        };
        let key = format!(r#"["logs", {at}, "{}"]"#, sample.random.hex(8));
        let value = format!(
            "{{level: \"{level}\", message: {}, took: {}{error}}}",
            quoted(message),
            sample.random.below(900)
        );
        sample.put(&key, &value)?;
    }
    for (index, (name, state)) in [
        ("backup", "done"),
        ("rebuild-search", "done"),
        ("send-newsletter", "running"),
        ("count-stock", "waiting"),
        ("expire-carts", "waiting"),
    ]
    .into_iter()
    .enumerate()
    {
        sample.put(
            &format!(r#"["jobs", "{name}"]"#),
            &format!(
                "{{state: \"{state}\", attempts: {index}, nextRun: new Date({}), dryRun: false}}",
                OPENED + 119 * DAY + 6 * HOUR
            ),
        )?;
    }
    for user in users.iter().take(24) {
        let event = sample
            .random
            .pick(&["signed in", "signed out", "changed a price", "refunded an order"]);
        sample.put_versionstamped(
            r#"["audit"]"#,
            &format!("{{event: \"{event}\", user: \"{}\"}}", user.id),
        )?;
    }
    Ok(())
}
