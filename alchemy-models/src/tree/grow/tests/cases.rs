//! Random cases that an exhaustive search can do.

use proptest::prelude::*;

use crate::tree::categories::CategoryRules;
use crate::tree::gradient::Pair;
use crate::tree::growth::Growth;
use crate::tree::monotone::Monotone;
use crate::tree::rules::Rules;

/// A table, its gradients, and the rules to grow a tree by.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// By column; `None` is missing.
    pub(super) columns: Vec<Vec<Option<u8>>>,
    /// By column; whether its values are categories.
    pub(super) categorical: Vec<bool>,
    /// By column; none for categories.
    pub(super) monotone: Vec<Option<Monotone>>,
    /// Sets of columns; none if any may meet.
    pub(super) interactions: Vec<Vec<bool>>,
    pub(super) pairs: Vec<Pair>,
    pub(super) rules: Rules,
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    (2usize..60, 1usize..5).prop_flat_map(|(rows, columns)| {
        let cell = |values: u8| prop_oneof![1 => Just(None), 6 => (0..values).prop_map(Some)];
        let column = prop_oneof![
            prop::collection::vec(cell(6), rows),
            prop::collection::vec(cell(12), rows)
        ];
        let hessian = prop_oneof![Just(1u8..=1), Just(1u8..=9)];
        let direction = prop_oneof![
            Just(None),
            Just(Some(Monotone::Increasing)),
            Just(Some(Monotone::Decreasing))
        ];
        (
            prop::collection::vec(column, columns),
            prop_oneof![
                Just(vec![false; columns]),
                prop::collection::vec(any::<bool>(), columns)
            ],
            prop_oneof![
                Just(vec![None; columns]),
                prop::collection::vec(direction, columns)
            ],
            prop::collection::vec(prop::collection::vec(any::<bool>(), columns), 0..4),
            hessian.prop_flat_map(move |range| prop::collection::vec((-20i8..=20, range), rows)),
            rules(),
        )
            .prop_map(
                |(columns, categorical, monotone, interactions, pairs, rules)| Case {
                    columns,
                    monotone: monotone
                        .into_iter()
                        .zip(&categorical)
                        .map(|(direction, categorical)| direction.filter(|_| !categorical))
                        .collect(),
                    categorical,
                    interactions,
                    pairs: pairs
                        .into_iter()
                        .map(|(g, h)| [f32::from(g), f32::from(h)])
                        .collect(),
                    rules,
                },
            )
    })
}

prop_compose! {
    fn category_rules()(
        smooth in prop_oneof![Just(0.0), Just(2.0), Just(10.0)],
        l2 in prop_oneof![Just(0.0), Just(10.0)],
        max_categories in prop_oneof![Just(1usize), Just(2), Just(32)],
        min_rows in prop_oneof![Just(0usize), Just(4), Just(12)],
    ) -> CategoryRules {
        CategoryRules { smooth, l2, max_categories, min_rows }
    }
}

prop_compose! {
    fn rules()(
        num_leaves in prop_oneof![Just(usize::MAX), 2usize..9],
        max_depth in prop_oneof![Just(usize::MAX), 1usize..5],
        min_samples_leaf in 1usize..6,
        min_child_weight in prop_oneof![Just(0.0), Just(7.0)],
        min_gain in prop_oneof![Just(0.0), Just(25.0)],
        l1 in prop_oneof![Just(0.0), Just(3.0)],
        l2 in prop_oneof![Just(0.0), Just(1.5)],
        categories in category_rules(),
        growth in prop_oneof![Just(Growth::LeafWise), Just(Growth::DepthWise)],
    ) -> Rules {
        Rules { num_leaves, max_depth, min_samples_leaf, min_child_weight, min_gain, l1, l2, categories, growth }
    }
}

/// A column that varies.
pub(super) struct NaiveColumn {
    /// The bins of all rows: values numbered from 1 in the order of those that occur.
    pub(super) bins: Vec<u8>,
    pub(super) categorical: bool,
    pub(super) monotone: Option<Monotone>,
    /// Whether it is in each of the sets that may meet.
    pub(super) in_sets: Vec<bool>,
}

/// The columns of `case` that vary.
pub(super) fn columns(case: &Case) -> Vec<NaiveColumn> {
    let rank = |column: &[Option<u8>], value: u8| {
        let mut lower: Vec<u8> = column
            .iter()
            .flatten()
            .copied()
            .filter(|other| *other < value)
            .collect();
        lower.sort_unstable();
        lower.dedup();
        1 + u8::try_from(lower.len()).unwrap()
    };
    let bin = |column: &Vec<Option<u8>>| {
        column
            .iter()
            .map(|cell| cell.map_or(0, |value| rank(column, value)))
            .collect()
    };
    let varying = case.columns.iter().enumerate();
    varying
        .filter(|(_, column)| column.iter().any(|cell| *cell != column[0]))
        .map(|(index, column)| NaiveColumn {
            bins: bin(column),
            categorical: case.categorical[index],
            monotone: case.monotone[index],
            in_sets: case.interactions.iter().map(|set| set[index]).collect(),
        })
        .collect()
}
