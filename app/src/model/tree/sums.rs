//! Running sums over numbers that change: a Fenwick tree.

/// Numbers, and the sums of those before each, both changed and found in steps of the logarithm.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// At place `i`, counted from 1, stands the sum of the last `lowest bit of i` numbers up to the `i`th.
    nodes: Vec<u64>,
    total: u64,
}

impl Sums {
    pub(super) fn of(numbers: impl Iterator<Item = u64>) -> Self {
        let mut nodes: Vec<u64> = numbers.collect();
        let total = nodes.iter().sum();
        for index in 0..nodes.len() {
            let number = nodes.get(index).copied().unwrap_or(0);
            if let Some(above) = nodes.get_mut(parent(index)) {
                *above += number;
            }
        }
        Self { nodes, total }
    }

    /// Of all numbers.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Changes one number.
    pub(super) fn add(&mut self, index: usize, by: i64) {
        self.total = self.total.wrapping_add_signed(by);
        let mut at = index;
        while let Some(node) = self.nodes.get_mut(at) {
            *node = node.wrapping_add_signed(by);
            at = parent(at);
        }
    }

    /// The sum of all numbers before one.
    pub(super) fn before(&self, index: usize) -> u64 {
        let mut sum = 0;
        let mut end = index;
        while let Some(node) = end.checked_sub(1).and_then(|last| self.nodes.get(last)) {
            sum += node;
            end &= end - 1;
        }
        sum
    }

    /// Which number a place of the sum falls in, and how far.
    pub(super) fn find(&self, place: u64) -> Option<(usize, u64)> {
        if place >= self.total {
            return None;
        }
        let mut left = place;
        let mut index = 0;
        let mut step = self.nodes.len().checked_ilog2().map_or(0, |bits| 1 << bits);
        while step > 0 {
            if let Some(node) = self.nodes.get(index + step - 1)
                && *node <= left
            {
                index += step;
                left -= node;
            }
            step /= 2;
        }
        Some((index, left))
    }
}

/// The next node whose numbers include this one's.
fn parent(index: usize) -> usize {
    index | (index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_places_agree_with_adding_up() {
        let mut numbers: Vec<u64> = (0..37).map(|number| number * 7 % 5).collect();
        let mut sums = Sums::of(numbers.iter().copied());
        sums.add(11, 9);
        numbers[11] += 9;
        sums.add(3, -1);
        numbers[3] -= 1;
        let mut place = 0;
        for (index, number) in numbers.iter().enumerate() {
            assert_eq!(sums.before(index), place);
            for within in 0..*number {
                assert_eq!(sums.find(place), Some((index, within)));
                place += 1;
            }
        }
        assert_eq!(sums.total(), place);
        assert_eq!(sums.find(place), None);
        assert_eq!(Sums::default().find(0), None);
    }
}
