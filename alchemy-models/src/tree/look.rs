//! A tree as those see it who explain it.

use super::node::Tree;

impl Tree {
    /// The left child of node `index`, after which comes the right one; `None` at a leaf.
    pub(crate) fn left(&self, index: u32) -> Option<u32> {
        let left = self.nodes[index as usize].left;
        (left != index).then_some(left)
    }

    /// The share of the rows of a node, whose left child is `left`, that went left in training.
    ///
    /// A stored model may claim any cover; where the claims make no shares, both sides count alike.
    pub(crate) fn share_left(&self, left: u32) -> f64 {
        let [left, right] = [left, left + 1].map(|child| f64::from(self.cover(child)));
        let share = left / (left + right);
        if (0.0..=1.0).contains(&share) {
            share
        } else {
            0.5
        }
    }
}
