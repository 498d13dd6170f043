{
use keyglass_store::value::literal;
use keyglass_store::Value;

vec![
  literal::parse("new Uint8Array([1, 2])")?,
  literal::parse("undefined")?,
  literal::parse(/* &1 names an object, *1 is that object again */ "&1 {self: *1, map: new Map([[1n, *1]])}")?,
  Value::from(1.0),
  literal::parse(r#""\ud800""#)?,
  literal::parse("null")?,
  Value::from(""),
  Value::from(true),
  literal::parse(r##"{name: "Ada", tags: ["a\"#b"], at: new Date("1970-01-01T00:00:00.000Z")}"##)?,
  Value::from("text with \"quotes\" and \\ and \u{202e}"),
  Value::u64(18446744073709551615),
  Value::from(1.0),
  literal::parse("170141183460469231731687303715884105728n")?,
  Value::from(-0.5),
  Value::from(f64::NEG_INFINITY),
  Value::from(f64::NAN),
]
}
