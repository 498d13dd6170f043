{
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use keyglass_store::value::literal;
use keyglass_store::{Key, KeyPart, Value};

kv.set([vec![1_u8, 255], Vec::<u8>::new()], literal::parse("new Uint8Array([1, 2])")?)?;
kv.set(r#"["a", 1, true, 2n, u8[00], "six"]"#.parse::<Key>()?, literal::parse("undefined")?)?;
kv.set(["cycle"], literal::parse(/* &1 names an object, *1 is that object again */ "&1 {self: *1, map: new Map([[1n, *1]])}")?)?;
kv.set_expiring(["expires"], 1.0, (UNIX_EPOCH + Duration::from_millis(3590870400000)).duration_since(SystemTime::now()).unwrap_or_default())?;
kv.set(["lone"], literal::parse(r#""\ud800""#)?)?;
kv.set(["null"], literal::parse("null")?)?;
kv.set([r#"quote " and \"#], "")?;
kv.set(["true"], true)?;
kv.set(["users", "ada"], literal::parse(r##"{name: "Ada", tags: ["a\"#b"], at: new Date("1970-01-01T00:00:00.000Z")}"##)?)?;
kv.set(("users", KeyPart::bigint(42), true), "text with \"quotes\" and \\ and \u{202e}")?;
kv.set([KeyPart::bigint(-7), KeyPart::bigint(8)], Value::u64(18446744073709551615))?;
kv.set([KeyPart::bigint(170141183460469231731687303715884105727_i128), KeyPart::bigint(3000000000_i128)], 1.0)?;
kv.set("[170141183460469231731687303715884105728n]".parse::<Key>()?, literal::parse("170141183460469231731687303715884105728n")?)?;
kv.set([1.5, -0.0, 1e300], -0.5)?;
kv.set([f64::INFINITY, f64::NEG_INFINITY], f64::NEG_INFINITY)?;
kv.set([f64::NAN], f64::NAN)?;

}
