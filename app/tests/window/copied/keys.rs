{
use keyglass_store::{Key, KeyPart};

vec![
  Key::from([vec![1_u8, 255], Vec::<u8>::new()]),
  r#"["a", 1, true, 2n, u8[00], "six"]"#.parse::<Key>()?,
  Key::from(["cycle"]),
  Key::from(["expires"]),
  Key::from(["lone"]),
  Key::from(["null"]),
  Key::from([r#"quote " and \"#]),
  Key::from(["true"]),
  Key::from(["users", "ada"]),
  Key::from(("users", KeyPart::bigint(42), true)),
  Key::from([KeyPart::bigint(-7), KeyPart::bigint(8)]),
  Key::from([KeyPart::bigint(170141183460469231731687303715884105727_i128), KeyPart::bigint(3000000000_i128)]),
  "[170141183460469231731687303715884105728n]".parse::<Key>()?,
  Key::from([1.5, -0.0, 1e300]),
  Key::from([f64::INFINITY, f64::NEG_INFINITY]),
  Key::from([f64::NAN]),
]
}
