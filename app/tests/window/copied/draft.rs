{
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use keyglass_store::value::literal;
use keyglass_store::{CommitOutcome, KeyPart, Message, Value};

let outcome = kv
    .atomic()
    .check_absent(["absent"])
    .set(("it's", KeyPart::bigint(42), vec![1_u8, 255]), literal::parse(r#"{tags: ["a", 1n], at: new Date("1970-01-01T00:00:00.000Z")}"#)?)
    .set_expiring(["cache"], "x", Duration::from_millis(86400000))
    .set_expiring(["late"], "x", (UNIX_EPOCH + Duration::from_millis(4102444800000)).duration_since(SystemTime::now()).unwrap_or_default())
    .set_versionstamped(["log"], Value::u64(7))
    .delete(["gone"])
    .sum(["visits"], 2)
    .sum_values(["balance"], literal::parse("-5n")?)
    .min(["least"], 3)
    .max(["most"], 3)
    .enqueue(Message::new(literal::parse(r#"{mail: "Ada"}"#)?).delay(Duration::from_millis(3600000)).key_if_undelivered(["dead"]).backoff_schedule([Duration::from_millis(100), Duration::from_millis(2000)]))
    .commit()?;
assert!(matches!(outcome, CommitOutcome::Committed(_)), "a check does not hold");

}
