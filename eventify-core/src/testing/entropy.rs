//! Randomness that repeats.

use std::sync::Mutex;
use std::sync::PoisonError;

use sha2::{Digest as _, Sha256};

use crate::context::Entropy;

/// Bytes that look random and are the same for the same seed, in the order in which they are asked for.
///
/// Never fit for keys outside of tests: whoever knows the seed knows every key.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    state: Mutex<Stream>,
}

#[derive(Debug)]
struct Stream {
    block: [u8; 32],
    used: usize,
    counter: u64,
}

impl SeededEntropy {
    /// The stream of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        let state = Stream { block: [0; 32], used: 32, counter: 0 };
        Self { seed, state: Mutex::new(state) }
    }

    /// A number.
    pub fn number(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A number below `bound`, or 0 when that is 0.
    pub fn below(&self, bound: u64) -> u64 {
        self.number().checked_rem(bound).unwrap_or(0)
    }

    /// True in `per_mille` of 1,000 cases.
    pub fn chance(&self, per_mille: u16) -> bool {
        self.below(1_000) < u64::from(per_mille)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut stream = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for byte in bytes {
            if stream.used == stream.block.len() {
                let mut hash = Sha256::new();
                hash.update(self.seed.to_le_bytes());
                hash.update(stream.counter.to_le_bytes());
                stream.block = hash.finalize().into();
                stream.counter += 1;
                stream.used = 0;
            }
            *byte = stream.block[stream.used];
            stream.used += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_however_they_are_asked_for() {
        let (whole, parts) = (SeededEntropy::new(7), SeededEntropy::new(7));
        let mut expected = [0; 100];
        whole.fill(&mut expected);
        let mut found = [0; 100];
        for part in found.chunks_mut(7) {
            parts.fill(part);
        }
        assert_eq!(found, expected);
        assert_ne!(SeededEntropy::new(8).number(), SeededEntropy::new(7).number());
    }
}
