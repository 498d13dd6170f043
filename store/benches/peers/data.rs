//! The rows that everybody stores: keys `["users", id]` of 45 bytes in random order, values of 200 bytes of
//! JSON-like text.

use std::sync::{Arc, LazyLock};

/// Key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// A generator of the xorshift family.
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(mixed(seed) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Scatters numbers, so that keys made of them come in random order.
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The key of row `number`.
pub fn key(number: u64) -> Vec<u8> {
    let (high, low) = (mixed(number), mixed(!number));
    format!(
        "\u{2}users\0\u{2}{:08x}-{:04x}-{:04x}-{:04x}-{:012x}\0",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
    .into_bytes()
}

/// A value for row `number`; another `edition` is another value.
pub fn value(number: u64, edition: u64) -> Vec<u8> {
    let mut random = Random::new(number ^ edition << 40);
    let mut text = format!(
        r#"{{"id":{number},"name":"user {}","email":"u{}@example.com","visits":{},"active":{},"token":"#,
        random.below(100_000),
        random.below(100_000),
        random.below(1000),
        random.below(2) == 0
    );
    while text.len() < 200 {
        text.push_str(&format!("{:016x}", random.next()));
    }
    text.truncate(200);
    text.into_bytes()
}

/// A value for row `number` out of a few thousand: to make up a new one takes longer than to commit it.
pub fn prepared_value(number: u64) -> Vec<u8> {
    static VALUES: LazyLock<Vec<Vec<u8>>> =
        LazyLock::new(|| (0..4096).map(|number| value(number, 1)).collect());
    let index = usize::try_from(number).unwrap_or_default() % VALUES.len();
    VALUES.get(index).cloned().unwrap_or_default()
}

/// The first `count` rows.
pub fn rows(count: u64) -> Arc<Vec<Row>> {
    Arc::new((0..count).map(|number| (key(number), value(number, 0))).collect())
}

/// All keys of the rows.
pub fn bounds() -> (Vec<u8>, Vec<u8>) {
    (b"\x02users\0\0".to_vec(), b"\x02users\0\xff".to_vec())
}
