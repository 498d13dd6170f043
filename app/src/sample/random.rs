//! Chance that is the same every time.

/// SplitMix64 by Sebastiano Vigna: one addition and three mixing steps a number.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 up to, not including, `bound`; 0 if `bound` is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// True in one of `n` cases.
    pub(super) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of several texts; empty if there is none.
    pub(super) fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        self.item(texts).copied().unwrap_or_default()
    }

    /// One of several things; nothing if there is none.
    pub(super) fn item<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(items.len() as u64)).unwrap_or(0);
        items.get(index)
    }

    /// So many hexadecimal digits.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| format!("{:x}", self.below(16))).collect()
    }

    /// A random UUID (version 4).
    pub(super) fn uuid(&mut self) -> String {
        format!(
            "{}-{}-4{}-{:x}{}-{}",
            self.hex(8),
            self.hex(4),
            self.hex(3),
            8 + self.below(4),
            self.hex(3),
            self.hex(12)
        )
    }
}
