//! What was made lately and is dear to make again.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

/// At most so many; one more, and it begins anew. Shows nothing of what it keeps.
pub(crate) struct Kept<K, V, const MAX: usize>(RwLock<HashMap<K, V>>);

impl<K, V, const MAX: usize> Default for Kept<K, V, MAX> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K, V, const MAX: usize> fmt::Debug for Kept<K, V, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<K: Eq + Hash, V: Clone, const MAX: usize> Kept<K, V, MAX> {
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// The same key stands for the same value: the first one stays.
    pub(crate) fn keep(&self, key: K, value: &V) {
        if self.0.read().unwrap_or_else(PoisonError::into_inner).contains_key(&key) {
            return;
        }
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX {
            kept.clear();
        }
        kept.insert(key, value.clone());
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}
