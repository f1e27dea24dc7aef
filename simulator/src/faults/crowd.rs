//! Draws what is different if the guest is async: many requests come at once, to few shared instances.

use super::{Asked, Plan};
use crate::dice::Dice;

impl Plan {
    /// Puts the requests into few messages, at few times.
    pub(super) fn gather(&mut self, dice: &mut Dice, span: u64) {
        self.instances = dice.pick(&[1, 1, 1, 2]);
        self.max_pending = dice.pick(&[0, 0, 2, 8, 16, 64]);
        self.chances.kill = dice.pick(&[0, 0, 60_000]);
        let span = dice.pick(&[span, 10_000, 2_000]);
        let mut asks = &mut self.asks[..];
        while !asks.is_empty() {
            let most = dice.pick(&[1, 1, 2, 8, 40]);
            let number = usize::try_from(dice.between(1, most)).unwrap_or(1).min(asks.len());
            let asked = if dice.chance(200_000) { Asked::Racing } else { Asked::Along };
            let (message, others) = asks.split_at_mut(number);
            let (at, host) = (dice.between(0, span), dice.index(self.hosts.len()));
            for (index, ask) in message.iter_mut().enumerate() {
                (ask.at, ask.host) = (at, host);
                ask.asked = if index == 0 { Asked::Alone } else { asked };
            }
            asks = others;
        }
    }
}
