//! Keys that a list of metadata has several times: which value counts, and how many comparisons it takes to find them.

use message::metadata::{Metadata, Repeated, firsts, unite};
use proptest::{collection::vec, prelude::*};
use std::{cell::Cell, cmp::Ordering};

/// Gives each key one value by comparing it with all before it.
fn united(metadata: &Metadata, repeated: Repeated) -> Metadata {
    let mut united = Metadata::new();
    for (key, value) in metadata {
        match united.iter_mut().find(|(other, _)| other == key) {
            None => united.push((key.clone(), value.clone())),
            Some((_, kept)) => match repeated {
                Repeated::First => {}
                Repeated::Last => kept.clone_from(value),
                Repeated::Joined => *kept = [kept, ", ", value].concat(),
            },
        }
    }
    united
}

proptest! {
    #[test]
    fn each_key_has_one_value_afterwards(metadata in vec(("[ab]{0,2}", "[xyz]?"), 0..12)) {
        for repeated in [Repeated::First, Repeated::Last, Repeated::Joined] {
            let mut found = metadata.clone();
            unite(&mut found, repeated);
            prop_assert_eq!(found, united(&metadata, repeated));
        }
    }
}

/// A key that counts how often it is compared.
struct Counted<'a>(usize, &'a Cell<usize>);

impl Ord for Counted<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.1.set(self.1.get() + 1);
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Counted<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Counted<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Counted<'_> {}

#[test]
fn no_keys_take_more_than_a_few_comparisons_each() {
    const COUNT: usize = 100_000;

    let orders: [fn(usize) -> usize; 5] =
        [|at| at, |at| COUNT - at, |_| 0, |at| at % 7, |at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15)];
    for (number, order) in orders.into_iter().enumerate() {
        let comparisons = Cell::new(0);
        let found = firsts((0..COUNT).map(|at| Counted(order(at), &comparisons)));
        assert!(found.iter().enumerate().all(|(at, first)| *first <= at && order(*first) == order(at)));
        let each = comparisons.get() / COUNT;
        println!("order {number}: {each} comparisons of a key");
        // The logarithm of the number is 17.
        assert!(each <= 3 * 17, "order {number}: {each}");
    }
}
