//! What a bench says about its samples: medians with their spread, and ratios with an interval. Nothing here knows what
//! was measured.

use std::fmt;

/// The fewest samples that have a 99.9th percentile: a hundred are above it.
pub const FEWEST_FOR_TAIL: usize = 100_000;

/// The fewest rounds that tell two series apart. Fewer say nothing about how much the values vary.
const FEWEST_ROUNDS: usize = 5;

/// How often rounds are drawn anew for an interval.
const DRAWS: usize = 2_000;

/// The parts of an interval that holds 95 % of what was drawn.
const INTERVAL: [f64; 2] = [0.025, 0.975];

/// Returns the value below which this share of all values is, between the two nearest ranks. `sorted` has at least one
/// value.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank is small and not negative"
)]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    below + (above - below) * rank.fract()
}

/// Returns the values in order.
pub fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Returns the 99.9th percentile if there are enough samples for one.
pub fn tail(samples: &[f64]) -> Option<f64> {
    (samples.len() >= FEWEST_FOR_TAIL).then(|| quantile(&sorted(samples.iter().copied()), 0.999))
}

/// The middle of some values, and how far they spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The first quartile.
    pub low: f64,
    /// The third quartile.
    pub high: f64,
}

impl Spread {
    /// Summarizes at least one value.
    pub fn of(values: &[f64]) -> Self {
        let sorted = sorted(values.iter().copied());
        let [low, median, high] = [0.25, 0.5, 0.75].map(|share| quantile(&sorted, share));
        Self { median, low, high }
    }
}

/// How one series relates to another that was measured in the same rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// The median of the ratios of all rounds. A machine that gets slower during the run changes both sides of each.
    pub median: f64,
    /// The lower end of the interval that holds the ratio with 95 %.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The number of rounds.
    pub rounds: usize,
}

/// What an interval says about two series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The series is below the reference.
    Below,
    /// It is above.
    Above,
    /// The interval contains 1, or there are too few rounds for one.
    NotToldApart,
}

impl Ratio {
    /// Compares a series with its reference, round by round. Both have the same number of rounds, at least one.
    ///
    /// The interval is a bootstrap: rounds are drawn with repetition, and each draw has a median. The draws come from a
    /// fixed seed, so the same samples give the same interval.
    pub fn of(series: &[f64], reference: &[f64]) -> Self {
        let of_rounds: Vec<f64> = series.iter().zip(reference).map(|(one, other)| relate(*one, *other)).collect();
        let mut random = Random(0x5eed);
        let median = |values: Vec<f64>| quantile(&sorted(values), 0.5);
        let draw = |_| median((0..of_rounds.len()).map(|_| of_rounds[random.below(of_rounds.len())]).collect());
        let drawn = sorted((0..DRAWS).map(draw));
        let [low, high] = INTERVAL.map(|share| quantile(&drawn, share));
        let rounds = of_rounds.len();
        Self { median: median(of_rounds), low, high, rounds }
    }

    /// Returns whether the two series differ.
    pub fn verdict(&self) -> Verdict {
        if self.rounds < FEWEST_ROUNDS {
            Verdict::NotToldApart
        } else if self.high < 1.0 {
            Verdict::Below
        } else if self.low > 1.0 {
            Verdict::Above
        } else {
            Verdict::NotToldApart
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = match self.median {
            10.0.. => 1,
            0.1..10.0 => 2,
            _ => 3,
        };
        let [median, low, high] = [self.median, self.low, self.high].map(|value| format!("{value:.digits$}"));
        let about = if self.verdict() == Verdict::NotToldApart && low != high { "≈ " } else { "" };
        write!(f, "{about}{median}")?;
        if low == high { Ok(()) } else { write!(f, " ({low}–{high})") }
    }
}

/// Returns the ratio of two values. Two zeros are alike.
fn relate(one: f64, other: f64) -> f64 {
    if one.total_cmp(&other).is_eq() { 1.0 } else { one / other }
}

/// A small generator of random numbers (`SplitMix64`).
pub struct Random(pub u64);

impl Random {
    /// Returns 64 random bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.next()) * end as u128;
        usize::try_from(wide >> 64).expect("it is below a usize")
    }
}

#[cfg(test)]
mod tests {
    use super::{FEWEST_FOR_TAIL, Random, Ratio, Spread, Verdict, quantile, sorted, tail};

    /// Returns values around a middle, with a spread of some percent.
    fn noisy(random: &mut Random, rounds: usize, middle: f64, percent: f64) -> Vec<f64> {
        // The sum of twelve uniform numbers is nearly normal.
        let mut normal =
            || (0..12).map(|_| f64::from(u32::try_from(random.below(1000)).unwrap())).sum::<f64>() / 1e3 - 6.0;
        (0..rounds).map(|_| middle * (1.0 + normal() * percent / 100.0)).collect()
    }

    #[test]
    fn quantiles_lie_between_ranks() {
        let values = sorted([4.0, 1.0, 3.0, 2.0]);
        assert_eq!([0.0, 0.5, 1.0].map(|share| quantile(&values, share).to_string()), ["1", "2.5", "4"]);
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0]), Spread { median: 2.0, low: 1.5, high: 2.5 });
        assert_eq!(Spread::of(&[7.0]), Spread { median: 7.0, low: 7.0, high: 7.0 });
    }

    #[test]
    fn few_samples_have_no_tail() {
        let mut samples = vec![1.0; FEWEST_FOR_TAIL - 1];
        assert_eq!(tail(&samples), None);
        samples.push(2.0);
        assert_eq!(tail(&samples), Some(1.0));
        samples[..101].fill(2.0);
        assert_eq!(tail(&samples), Some(2.0));
    }

    #[test]
    fn a_difference_larger_than_the_noise_is_told() {
        let mut random = Random(1);
        let reference = noisy(&mut random, 15, 100.0, 2.0);
        let slower = Ratio::of(&noisy(&mut random, 15, 110.0, 2.0), &reference);
        assert_eq!(slower.verdict(), Verdict::Above, "{slower}");
        assert!((1.07..1.13).contains(&slower.median), "{slower}");
        let faster = Ratio::of(&noisy(&mut random, 15, 90.0, 2.0), &reference);
        assert_eq!(faster.verdict(), Verdict::Below, "{faster}");
    }

    /// The interval says 95 %. With few rounds a bootstrap is a little too narrow.
    #[test]
    fn two_series_that_are_alike_are_rarely_told_apart() {
        let mut random = Random(2);
        let told = |_| {
            let [one, other] = [(); 2].map(|()| noisy(&mut random, 15, 100.0, 3.0));
            Ratio::of(&one, &other).verdict() != Verdict::NotToldApart
        };
        let told = (0..200).map(told).filter(|told| *told).count();
        assert!(told <= 20, "{told} of 200");
    }

    #[test]
    fn a_machine_that_gets_slower_does_not_change_the_ratio() {
        let reference: Vec<f64> = (1..=9).map(|round| 100.0 * f64::from(round)).collect();
        let twice: Vec<f64> = reference.iter().map(|value| value * 2.0).collect();
        assert_eq!(Ratio::of(&twice, &reference), Ratio { median: 2.0, low: 2.0, high: 2.0, rounds: 9 });
    }

    #[test]
    fn what_does_not_vary_has_no_interval() {
        assert_eq!(Ratio::of(&[17.0; 5], &[13.0; 5]).to_string(), "1.31");
        assert_eq!(Ratio::of(&[0.0; 5], &[0.0; 5]).to_string(), "1.00");
        assert_eq!(Ratio { median: 1.01, low: 0.98, high: 1.04, rounds: 9 }.to_string(), "≈ 1.01 (0.98–1.04)");
        assert_eq!(Ratio { median: 0.031, low: 0.03, high: 0.034, rounds: 9 }.to_string(), "0.031 (0.030–0.034)");
        assert_eq!(Ratio { median: 21.04, low: 20.0, high: 22.0, rounds: 9 }.to_string(), "21.0 (20.0–22.0)");
    }

    #[test]
    fn a_few_rounds_tell_nothing_apart() {
        assert_eq!(Ratio::of(&[2.0; 4], &[1.0; 4]).verdict(), Verdict::NotToldApart);
        assert_eq!(Ratio::of(&[2.0; 5], &[1.0; 5]).verdict(), Verdict::Above);
    }

    #[test]
    fn the_same_samples_give_the_same_interval() {
        let mut random = Random(3);
        let [one, other] = [(); 2].map(|()| noisy(&mut random, 9, 1.0, 5.0));
        assert_eq!(Ratio::of(&one, &other), Ratio::of(&one, &other));
    }
}
