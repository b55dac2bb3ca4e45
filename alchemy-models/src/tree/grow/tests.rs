//! Trees against an exhaustive search that shares no code with the engine but the meaning of a cut.

mod cases;
mod exhaustive;

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use proptest::prelude::*;

use super::*;
use crate::binning::Binner;
use crate::table::Table;
use crate::tree::gradient::{Rounded, Spread, Wide};
use crate::tree::interaction::Interactions;
use crate::tree::node::Stored;
use cases::{Case, cases, columns};
use exhaustive::Naive;

fn matrix(case: &Case) -> BinnedMatrix {
    let columns = case.columns.iter().enumerate().map(|(index, column)| {
        let values: Float64Array = column.iter().map(|cell| cell.map(f64::from)).collect();
        (format!("x{index}"), Arc::new(values) as ArrayRef)
    });
    let batches = [RecordBatch::try_from_iter(columns).unwrap()];
    let table = Table::new(&batches);
    let names: Vec<String> = (0..case.columns.len())
        .map(|index| format!("x{index}"))
        .collect();
    let categorical = names.iter().zip(&case.categorical);
    let categorical: Vec<String> = categorical
        .filter(|(_, categorical)| **categorical)
        .map(|(name, _)| name.clone())
        .collect();
    Binner::learn_with_categories(table, names, &categorical, None, 255)
        .unwrap()
        .bin(table)
        .unwrap()
}

fn grow_on<C: Moments>(case: &Case, gradients: &[C], scale: Scale) -> Grown {
    let matrix = matrix(case);
    let mut rows: Vec<u32> = (0u32..).take(case.pairs.len()).collect();
    let mut spare = vec![0; rows.len()];
    let allowed = vec![true; usize::from(matrix.num_columns())];
    let varying = columns(case);
    let sets = (0..case.interactions.len())
        .map(|set| varying.iter().map(|column| column.in_sets[set]).collect());
    let sets: Vec<Vec<bool>> = sets.collect();
    let columns = ColumnRules {
        categorical: varying.iter().map(|column| column.categorical).collect(),
        monotone: varying.iter().map(|column| column.monotone).collect(),
        interactions: (!sets.is_empty()).then(|| Interactions::new(sets)),
    };
    let (rules, pool) = (&case.rules, &Pool::default());
    let grower = Grower {
        matrix: &matrix,
        tiles: &RowTiles::new(&matrix),
        gradients,
        scale,
        rules,
        allowed: &allowed,
        columns: &columns,
        draws: ColumnDraws {
            by_level: 1.0,
            by_node: 1.0,
            seed: 0,
            tree: 0,
        },
        pool,
    };
    let grown = grower.grow(&mut rows, &mut spare, 1.0);
    let mut sorted = rows.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0u32..).take(rows.len()).collect::<Vec<_>>());
    for (leaf, value) in &grown.leaves {
        assert!(rows[leaf.clone()].is_sorted());
        for row in &rows[leaf.clone()] {
            assert_eq!(
                grown.tree.values(grown.tree.leaf(&matrix, *row as usize)),
                [*value]
            );
        }
    }
    grown
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_tree_is_the_one_that_exhaustive_search_finds(case in cases()) {
        let expected = Naive { case: &case, columns: columns(&case) }.stored();
        let spread = Spread::of(&case.pairs);
        let Rounded::Packed(cells, scale) = Rounded::new(&case.pairs, &spread, None) else { panic!("few small numbers") };
        prop_assert_eq!(&Stored::from(grow_on(&case, &cells, scale).tree), &expected);

        let wide: Vec<Wide> =
            cells.iter().map(|cell| { let [g, h] = cell.sums(); Moments::new(g, h) }).collect();
        prop_assert_eq!(&Stored::from(grow_on(&case, &wide, scale).tree), &expected);
    }
}
