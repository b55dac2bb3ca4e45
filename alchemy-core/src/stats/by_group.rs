//! A state for each group of rows.

use serde::{Deserialize, Serialize};

use super::frequencies::Frequencies;

/// A state of type `T` for each group, such as [`Moments`](super::Moments): what to do with the rows
/// of one class, learned for all classes at once.
///
/// Groups are known by text. Their order of arrival does not show; whether states merge without a
/// trace is theirs to say. Rows whose group is missing are for the caller to leave out.
///
/// # Examples
///
/// ```
/// use alchemy_core::stats::{ByGroup, Moments};
///
/// let mut prices = ByGroup::<Moments>::new();
/// for (city, price) in [("Rome", 2.0), ("Oslo", 5.0), ("Rome", 4.0)] {
///     prices.of(city).add(price);
/// }
/// let means: Vec<_> = prices.sorted().iter().map(|(city, of)| (*city, of.mean())).collect();
/// assert_eq!(means, [("Oslo", Some(5.0)), ("Rome", Some(3.0))]);
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(into = "Vec<(String, T)>", try_from = "Vec<(String, T)>")]
#[serde(bound(
    serialize = "T: Clone + Serialize",
    deserialize = "T: Deserialize<'de>"
))]
pub struct ByGroup<T> {
    groups: Frequencies,
    states: Vec<T>,
}

impl<T: Default> ByGroup<T> {
    /// No groups.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The state of a group, made if there is none.
    pub fn of(&mut self, group: &str) -> &mut T {
        let entry = self.groups.add_entry(group, 1);
        if entry == self.states.len() {
            self.states.push(T::default());
        }
        &mut self.states[entry]
    }

    /// Merges the state of each group in `other` into the one here.
    pub fn merge(&mut self, other: &Self, merge: impl Fn(&mut T, &T)) {
        for (group, state) in other.iter() {
            merge(self.of(group), state);
        }
    }
}

impl<T> ByGroup<T> {
    /// How many groups there are.
    #[must_use]
    pub fn num_groups(&self) -> usize {
        self.states.len()
    }

    /// Groups and their states, by the text of the group.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&str, &T)> {
        let mut sorted: Vec<_> = self.iter().collect();
        sorted.sort_unstable_by_key(|(group, _)| *group);
        sorted
    }

    /// Groups and their states, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        let groups = self.groups.iter().map(|(group, _)| group);
        groups.zip(&self.states)
    }
}

/// Equal when they hold the same groups in the same state.
impl<T: PartialEq> PartialEq for ByGroup<T> {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

impl<T> TryFrom<Vec<(String, T)>> for ByGroup<T> {
    type Error = String;

    fn try_from(stored: Vec<(String, T)>) -> Result<Self, String> {
        let mut groups = Frequencies::new();
        let mut states = Vec::with_capacity(stored.len());
        for (group, state) in stored {
            if groups.add_entry(&group, 1) != states.len() {
                return Err(format!("group {group:?} occurs twice"));
            }
            states.push(state);
        }
        Ok(Self { groups, states })
    }
}

impl<T> From<ByGroup<T>> for Vec<(String, T)> {
    fn from(found: ByGroup<T>) -> Self {
        let groups = found.groups.iter().map(|(group, _)| group.to_owned());
        let mut sorted: Self = groups.zip(found.states).collect();
        sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        sorted
    }
}
