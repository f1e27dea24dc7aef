//! How a peer sends bytes: in pieces that the seed draws, at once or with pauses.

use crate::dice::Dice;
use std::time::Duration;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    task::yield_now,
    time::sleep,
};

/// The option `max-body-bytes`.
pub const LIMIT: usize = 1 << 16;

/// The pace of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// All in one piece.
    AtOnce,
    /// In pieces, without pauses.
    Pieces,
    /// In pieces, with pauses that make this much in all.
    Within(Duration),
}

impl Pace {
    /// Draws a pace that is in time.
    pub fn draw(dice: &mut Dice) -> Self {
        match dice.index(3) {
            0 => Self::AtOnce,
            1 => Self::Pieces,
            _ => Self::Within(Duration::from_millis(dice.between(1, 1_000))),
        }
    }
}

/// Sends bytes. Returns how many the other side took before it was gone.
pub async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8], pace: Pace, mut dice: Dice) -> usize {
    let pieces = if pace == Pace::AtOnce { 1 } else { dice.between(2, 12) };
    let mut cuts: Vec<usize> = (1..pieces).map(|_| dice.index(bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    let mut sent = 0;
    for piece in cuts.windows(2).filter_map(|cut| bytes.get(cut[0]..cut[1])) {
        match pace {
            Pace::Within(time) => sleep(time / u32::try_from(pieces).unwrap_or(1)).await,
            _ => yield_now().await,
        }
        if stream.write_all(piece).await.is_err() {
            return sent;
        }
        sent += piece.len();
    }
    sent
}
