//! Every path against a row that walks one tree after another.

use std::sync::Arc;

use alchemy_core::arrow::array::{ArrayRef, Float64Array, RecordBatch};
use alchemy_core::random::Stream;
use proptest::prelude::*;

use super::*;
use crate::binning::{BinnedMatrix, Binner};
use crate::table::Table;
use crate::tree::build::TreeBuilder;
use crate::tree::node::{Cut, Rule, SetCut};

#[derive(Debug, Clone)]
struct Case {
    rows: usize,
    columns: u16,
    trees: usize,
    outputs: usize,
    most_leaves: u64,
    /// Whether missing values go to either side.
    both_sides: bool,
    /// Whether some nodes split by sets of bins.
    sets: bool,
    shape: Shape,
    seed: u64,
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    Random,
    /// Grows where it grew last, as deep as it can be.
    Deep,
    /// Its leaves are split in turn, so it is as full as it can be, and is taken by threes.
    Full,
}

fn cases() -> impl Strategy<Value = Case> {
    (
        prop_oneof![1usize..20, 200usize..600],
        prop_oneof![Just(1u16), 2u16..24, 50u16..80, 120u16..150],
        0usize..70,
        1usize..4,
        prop_oneof![Just(1u64), 2u64..32, 33u64..64, 65u64..256, 250u64..262],
        any::<[bool; 2]>(),
        prop_oneof![Just(Shape::Random), Just(Shape::Deep), Just(Shape::Full)],
        any::<u64>(),
    )
        .prop_map(
            |(rows, columns, rounds, outputs, most_leaves, [both_sides, sets], shape, seed)| Case {
                rows,
                columns,
                trees: rounds / outputs * outputs,
                outputs,
                most_leaves,
                both_sides,
                sets,
                shape,
                seed,
            },
        )
}

/// An integer below `bound`.
fn below(stream: &mut Stream, bound: usize) -> usize {
    usize::try_from(stream.below(bound as u64)).unwrap()
}

fn tree(case: &Case, stream: &mut Stream) -> Tree {
    let mut builder = TreeBuilder::new(1, 1.0);
    let mut leaves = vec![0];
    let wanted = 1 + stream.below(case.most_leaves);
    while (leaves.len() as u64) < wanted {
        let chosen = below(stream, leaves.len());
        let chosen = match case.shape {
            Shape::Random => chosen,
            Shape::Deep => leaves.len() - 1,
            Shape::Full => 0,
        };
        let missing_left = !case.both_sides || stream.below(2) == 0;
        let lowest = usize::from(!missing_left);
        let column = u16::try_from(stream.below(case.columns.into())).unwrap();
        let rule = if case.sets && stream.below(3) == 0 {
            let right = (0..=u8::MAX).filter(|_| stream.below(2) == 0).collect();
            Rule::Set(SetCut { column, right })
        } else {
            Rule::Cut(Cut {
                column,
                bin: u8::try_from(lowest + below(stream, 256 - lowest)).unwrap(),
                missing_left,
            })
        };
        let left = builder.split(leaves.remove(chosen), rule, 1.0, [1.0, 1.0]);
        leaves.extend([left, left + 1]);
    }
    for leaf in leaves {
        builder.values_mut(leaf)[0] = stream.normals().0;
    }
    builder.finish()
}

fn table(case: &Case, stream: &mut Stream) -> RecordBatch {
    let columns = (0..case.columns).map(|column| {
        let values = (0..case.rows).map(|row| match (row, stream.below(300)) {
            // Every column varies.
            (0, _) => Some(0.0),
            (_, 255..) => None,
            (_, value) => Some(value as f64),
        });
        let values: Float64Array = values.collect();
        (format!("c{column}"), Arc::new(values) as ArrayRef, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns.collect::<Vec<_>>()).unwrap()
}

fn bits(scores: &[Vec<f64>]) -> Vec<Vec<u64>> {
    let of = |scores: &Vec<f64>| scores.iter().map(|score| score.to_bits()).collect();
    scores.iter().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_path_gives_the_same_bits(case in cases()) {
        let mut stream = Stream::new(case.seed, &[]);
        // A column that is constant in these rows has no place in the matrix.
        let batch = table(&Case { rows: case.rows.max(20), ..case }, &mut stream);
        let names = (0..case.columns).map(|column| format!("c{column}")).collect();
        let learned = Table::new(std::slice::from_ref(&batch));
        let binner = Binner::learn(learned, names, None, 255).unwrap();
        let batch = batch.slice(0, case.rows);
        let table = Table::new(std::slice::from_ref(&batch));
        let columns = binner.columns(table).unwrap();
        prop_assert_eq!(columns.len(), usize::from(case.columns));
        let matrix = binner.bin(table).unwrap();

        let trees: Vec<Tree> = (0..case.trees).map(|_| tree(&case, &mut stream)).collect();
        let base: Vec<f64> = (0..case.outputs).map(|_| stream.normals().0).collect();
        let start: Vec<Vec<f64>> = base.iter().map(|base| vec![*base; case.rows]).collect();
        let mut expected = start.clone();
        for (index, tree) in trees.iter().enumerate() {
            for (row, score) in expected[index % case.outputs].iter_mut().enumerate() {
                *score += tree.values(tree.leaf(&matrix, row))[0];
            }
        }
        let expected = bits(&expected);

        let mut walked = start.clone();
        for (index, tree) in trees.iter().enumerate() {
            let scores = &mut walked[index % case.outputs];
            tree.for_each_row(&matrix, |row, values| scores[row] += values[0]);
        }
        prop_assert_eq!(&bits(&walked), &expected);

        let paths = [None, Avx2::detect().map(Avx2::without_masks), Avx2::detect()];
        for avx2 in paths {
            let mut added = start.clone();
            for (index, tree) in trees.iter().enumerate() {
                binned::add_tree_with(tree, &matrix, &mut added[index % case.outputs], avx2);
            }
            prop_assert_eq!(&bits(&added), &expected);
        }

        let too_large = trees.iter().any(|tree| tree.hops().is_none());
        let engines = paths.map(|avx2| Engine::with(&trees, case.outputs, avx2));
        for engine in &engines {
            prop_assert_eq!(engine.is_none(), too_large);
            if let Some(engine) = engine {
                let mut scores: Vec<Vec<f64>> = vec![vec![]; case.outputs];
                for piece in table.pieces(1 + below(&mut stream, case.rows)) {
                    let mut part: Vec<Vec<f64>> = base.iter().map(|base| vec![*base; piece.len]).collect();
                    engine.add_rows(&columns, piece, &mut part).unwrap();
                    scores.iter_mut().zip(part).for_each(|(scores, part)| scores.extend(part));
                }
                prop_assert_eq!(&bits(&scores), &expected);
            }
            let mut scratch = RowScratch::new();
            let mut scores = start.clone();
            for row in 0..case.rows {
                scratch.bins = bins_of(&matrix, row);
                scratch.outputs.clone_from(&base);
                add_row(engine.as_ref(), &trees, &mut scratch);
                scores.iter_mut().zip(&scratch.outputs).for_each(|(scores, score)| scores[row] = *score);
            }
            prop_assert_eq!(&bits(&scores), &expected);
        }
    }
}

fn bins_of(matrix: &BinnedMatrix, row: usize) -> Vec<u8> {
    let columns = 0..matrix.num_columns().max(1);
    columns.map(|column| matrix.bin(row, column)).collect()
}

#[test]
fn lanes_need_few_planes_and_every_processor_has_steps() {
    let case = Case {
        rows: 1,
        columns: 150,
        trees: 40,
        outputs: 1,
        most_leaves: 30,
        both_sides: false,
        sets: false,
        shape: Shape::Random,
        seed: 1,
    };
    let mut stream = Stream::new(1, &[]);
    let wide: Vec<Tree> = (0..40).map(|_| tree(&case, &mut stream)).collect();
    let engine = Engine::new(&wide, 1).unwrap();
    assert!(engine.planes.len() > lanes::MOST_PLANES && engine.lanes.is_none());
    let narrow = Case {
        columns: 20,
        ..case
    };
    let narrow: Vec<Tree> = (0..40).map(|_| tree(&narrow, &mut stream)).collect();
    let engine = Engine::new(&narrow, 1).unwrap();
    assert_eq!(engine.lanes.is_some(), Avx2::detect().is_some());
    assert!(Engine::with(&narrow, 1, None).unwrap().lanes.is_none());
}
