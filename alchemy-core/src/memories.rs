//! What a step that looks back remembers of each key.

use std::collections::HashMap;

use arrow::array::RecordBatch;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::column::{Groups, Key, TemporalColumn, by_name};

/// A state for each key, from batch to batch, that can be rolled back to the last commit.
///
/// For who writes a [`Live`](crate::Live) step: [`recall`](Self::recall) the states of a batch's keys, move them on, then
/// [`remember`](Self::remember) them. A batch costs one look-up a key, not one a row.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use alchemy_core::Memories;
/// use alchemy_core::arrow::array::{ArrayRef, RecordBatch, StringArray};
///
/// // How many rows of each host there were so far.
/// let mut counts: Memories<u64> = Memories::default();
/// let keys = ["host".to_owned()];
/// let host = Arc::new(StringArray::from(vec!["a", "b", "a"])) as ArrayRef;
/// let batch = RecordBatch::try_from_iter([("host", host)])?;
/// for expected in [[2, 1], [4, 2]] {
///     let mut recalled = counts.recall(&batch, &keys, None)?;
///     for group in recalled.groups.ids() {
///         recalled.states[*group as usize] += 1;
///     }
///     assert_eq!(recalled.states, expected);
///     counts.remember(recalled);
///     counts.commit();
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Memories<S> {
    by_key: HashMap<Key, Memory<S>>,
    /// The committed memory of each key touched since; `None` where there was none.
    undo: HashMap<Key, Option<Memory<S>>>,
    /// Rows seen, and how many of them are committed.
    rows: u64,
    committed_rows: u64,
}

/// What is remembered of one key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Memory<S> {
    state: S,
    /// The latest time seen, in microseconds.
    time: Option<i64>,
}

/// The stored form: rows seen, and the memory of each key.
type Stored<S> = (u64, Vec<(Key, Memory<S>)>);

/// The states of the keys in one batch, taken out of [`Memories`].
#[derive(Debug)]
pub struct Recalled<S> {
    /// Which rows share a key.
    pub groups: Groups,
    /// The state of each group.
    pub states: Vec<S>,
    keys: Vec<Key>,
    times: Vec<Option<i64>>,
}

impl<S> Default for Memories<S> {
    fn default() -> Self {
        Self {
            by_key: HashMap::new(),
            undo: HashMap::new(),
            rows: 0,
            committed_rows: 0,
        }
    }
}

impl<S: Clone + Default + Serialize + DeserializeOwned> Memories<S> {
    /// Takes out the states of the keys in `batch`, whose rows must not go back in the column `time`, if there is one.
    ///
    /// # Errors
    ///
    /// Columns that are missing or of the wrong type; [`Error::RowOrder`](crate::Error::RowOrder) as
    /// [`Groups::check_order`]. What was taken out comes back by [`rollback`](Self::rollback).
    pub fn recall(
        &mut self,
        batch: &RecordBatch,
        keys: &[String],
        time: Option<&str>,
    ) -> Result<Recalled<S>> {
        let groups = Groups::of(batch, keys)?;
        let keys = groups.keys()?;
        let memories = keys.iter().map(|key| self.take(key));
        let (states, mut times): (Vec<S>, Vec<_>) =
            memories.map(|memory| (memory.state, memory.time)).unzip();
        if let Some(name) = time {
            let column = TemporalColumn::new(name, by_name(batch, name)?)?;
            groups.check_order(name, &column, self.rows, &mut times)?;
        }
        Ok(Recalled {
            states,
            groups,
            keys,
            times,
        })
    }

    /// Puts back what was [recalled](Self::recall), as it is after the rows of that batch.
    pub fn remember(&mut self, recalled: Recalled<S>) {
        self.rows += recalled.groups.ids().len() as u64;
        let memories = recalled.states.into_iter().zip(recalled.times);
        let memories = memories.map(|(state, time)| Memory { state, time });
        self.by_key.extend(recalled.keys.into_iter().zip(memories));
    }

    /// Makes all since the last commit final.
    pub fn commit(&mut self) {
        self.undo.clear();
        self.committed_rows = self.rows;
    }

    /// Undoes all since the last commit.
    pub fn rollback(&mut self) {
        self.rows = self.committed_rows;
        for (key, memory) in self.undo.drain() {
            match memory {
                Some(memory) => self.by_key.insert(key, memory),
                None => self.by_key.remove(&key),
            };
        }
    }

    /// All that is remembered, keys in ascending order.
    ///
    /// # Errors
    ///
    /// When a state cannot be serialized.
    pub fn save(&self) -> Result<serde_json::Value> {
        let mut memories: Vec<(&Key, &Memory<S>)> = self.by_key.iter().collect();
        memories.sort_by_key(|(key, _)| *key);
        Ok(serde_json::to_value((self.rows, memories))?)
    }

    /// Takes up what was [saved](Self::save).
    ///
    /// # Errors
    ///
    /// When `state` is of another type.
    pub fn restore(&mut self, state: serde_json::Value) -> Result<()> {
        let stored: Stored<S> = serde_json::from_value(state)?;
        self.rows = stored.0;
        self.by_key = stored.1.into_iter().collect();
        self.commit();
        Ok(())
    }

    /// The memory of `key`, taken out; how it was is kept for a rollback.
    fn take(&mut self, key: &Key) -> Memory<S> {
        let memory = self.by_key.remove(key);
        if !self.undo.contains_key(key) {
            self.undo.insert(key.clone(), memory.clone());
        }
        memory.unwrap_or_default()
    }
}
