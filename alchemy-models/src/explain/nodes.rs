//! The nodes of all trees as a table.

use std::sync::Arc;

use alchemy_core::Result;
use alchemy_core::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, ListBuilder, RecordBatch, StringArray, StringBuilder,
    UInt32Array,
};

use super::rule::{Limit, Test};
use super::trees::{Combine, Trees};

/// One row per node, tree after tree.
///
/// # Errors
///
/// None for trees that passed their check.
#[expect(
    clippy::cast_possible_truncation,
    reason = "nodes are numbered by u32, and there are fewer trees than nodes"
)]
pub(crate) fn nodes(trees: &Trees<'_>) -> Result<RecordBatch> {
    let columns = trees.binner.named_columns();
    let mut rows = Rows::default();
    let mut values = vec![Vec::new(); trees.outputs_of(0).len()];
    for (index, tree) in trees.trees.iter().enumerate() {
        let output = match trees.combine {
            Combine::Sum(_) => trees.outputs_of(index).next(),
            Combine::Mean => None,
        };
        let mut parents = vec![None; tree.num_nodes()];
        for node in 0..tree.num_nodes() as u32 {
            rows.trees.push(index as u32);
            rows.nodes.push(node);
            rows.parents.push(parents[node as usize]);
            rows.outputs
                .push(output.map(|output| trees.names[output].clone()));
            rows.covers.push(f64::from(tree.cover(node)));
            let left = tree.left(node);
            for child in left.into_iter().flat_map(|left| [left, left + 1]) {
                parents[child as usize] = Some(node);
            }
            rows.lefts.push(left);
            rows.rights.push(left.map(|left| left + 1));
            rows.gains.push(left.map(|_| f64::from(tree.gain(node))));
            rows.push_test(tree.rule(node).map(|rule| Test::new(&columns, &rule)));
            for (value, values) in values.iter_mut().enumerate() {
                values.push(left.is_none().then(|| tree.values(node)[value]));
            }
        }
    }
    let columns = rows.columns().into_iter();
    let columns = columns.map(|(name, column)| (name.to_owned(), column, true));
    let several = values.len() > 1;
    let values = trees.names.iter().zip(values).map(|(name, values)| {
        let name = if several {
            format!("value {name}")
        } else {
            "value".to_owned()
        };
        (name, Arc::new(Float64Array::from(values)) as ArrayRef, true)
    });
    Ok(RecordBatch::try_from_iter_with_nullable(
        columns.chain(values),
    )?)
}

#[derive(Default)]
struct Rows {
    trees: Vec<u32>,
    nodes: Vec<u32>,
    parents: Vec<Option<u32>>,
    lefts: Vec<Option<u32>>,
    rights: Vec<Option<u32>>,
    outputs: Vec<Option<String>>,
    features: Vec<Option<String>>,
    thresholds: Vec<Option<f64>>,
    last_levels: Vec<Option<String>>,
    levels: ListBuilder<StringBuilder>,
    missing_left: Vec<Option<bool>>,
    gains: Vec<Option<f64>>,
    covers: Vec<f64>,
}

impl Rows {
    fn push_test(&mut self, test: Option<Test<'_>>) {
        let (mut threshold, mut last_level, mut levels) = (None, None, None);
        match test.as_ref().map(|test| &test.left) {
            Some(Limit::Number(limit) | Limit::Time(limit)) => threshold = Some(*limit),
            Some(Limit::Text(limit)) => last_level = Some((*limit).to_owned()),
            Some(Limit::Among(among)) => levels = Some(among),
            Some(Limit::Nothing) | None => {}
        }
        self.thresholds.push(threshold);
        self.last_levels.push(last_level);
        levels
            .into_iter()
            .flatten()
            .for_each(|level| self.levels.values().append_value(level));
        self.levels.append(levels.is_some());
        self.features
            .push(test.as_ref().map(|test| test.feature.to_owned()));
        self.missing_left.push(test.map(|test| test.missing_left));
    }

    fn columns(mut self) -> [(&'static str, ArrayRef); 13] {
        [
            ("tree", Arc::new(UInt32Array::from(self.trees))),
            ("node", Arc::new(UInt32Array::from(self.nodes))),
            ("parent", Arc::new(UInt32Array::from(self.parents))),
            ("left", Arc::new(UInt32Array::from(self.lefts))),
            ("right", Arc::new(UInt32Array::from(self.rights))),
            ("output", Arc::new(StringArray::from(self.outputs))),
            ("feature", Arc::new(StringArray::from(self.features))),
            ("threshold", Arc::new(Float64Array::from(self.thresholds))),
            ("last_level", Arc::new(StringArray::from(self.last_levels))),
            ("levels", Arc::new(self.levels.finish())),
            (
                "missing_left",
                Arc::new(BooleanArray::from(self.missing_left)),
            ),
            ("gain", Arc::new(Float64Array::from(self.gains))),
            ("cover", Arc::new(Float64Array::from(self.covers))),
        ]
    }
}
