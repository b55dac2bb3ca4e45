//! Laws that hold for any data.

use std::sync::Arc;

use alchemy_clean::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    UInt64Array,
};
use alchemy_clean::arrow::compute::{concat, concat_batches, take_record_batch};
use alchemy_clean::arrow::datatypes::UInt64Type;
use alchemy_clean::{
    Accumulate, Action, Case, Context, Duplicates, Fit, FitMerge, ImputeStrategy, Imputer, Keep,
    Ledger, NearDuplicates, NumericCoercer, OnOutlier, Outliers, RareLevels, SelectRows, Side,
    TextStandardiser, Transform,
};
use proptest::prelude::*;
use proptest::sample::Index;

fn number() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(f64::NAN)),
        1 => Just(Some(f64::INFINITY)),
        3 => (-4_i32..4).prop_map(|value| Some(f64::from(value) / 2.0)),
        5 => any::<f64>().prop_map(Some),
    ]
}

/// A table whose columns hold at least one value: a number, an integer, a text and a mask.
fn table() -> impl Strategy<Value = RecordBatch> {
    let row = (
        number(),
        proptest::option::of(any::<i64>()),
        proptest::option::of("[ab ]{0,2}"),
    );
    proptest::collection::vec(row, 0..60).prop_map(|mut rows| {
        rows.push((Some(1.0), Some(1), Some("a".to_owned())));
        let x: Float64Array = rows.iter().map(|row| row.0).collect();
        let n: Int64Array = rows.iter().map(|row| row.1).collect();
        let s: StringArray = rows.iter().map(|row| row.2.as_deref()).collect();
        let columns: [(&str, ArrayRef); 3] =
            [("x", Arc::new(x)), ("n", Arc::new(n)), ("s", Arc::new(s))];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
            .unwrap()
    })
}

/// `batch` in another order, cut at `cuts`.
fn scattered(batch: &RecordBatch, order: &[Index], cuts: &[Index]) -> Vec<RecordBatch> {
    let mut rows: Vec<u64> = (0..batch.num_rows() as u64).collect();
    order.iter().enumerate().for_each(|(at, other)| {
        let at = at % rows.len();
        let other = other.index(rows.len());
        rows.swap(at, other);
    });
    let batch = take_record_batch(batch, &UInt64Array::from(rows)).unwrap();
    let mut ends: Vec<usize> = cuts
        .iter()
        .map(|cut| cut.index(batch.num_rows() + 1))
        .collect();
    ends.extend([0, batch.num_rows()]);
    ends.sort_unstable();
    ends.windows(2)
        .map(|ends| batch.slice(ends[0], ends[1] - ends[0]))
        .collect()
}

/// The fit of the whole, of pieces in parallel, and of accumulators that were stored and merged backwards.
fn fits<F>(spec: &F, batch: &RecordBatch, pieces: &[RecordBatch]) -> [String; 3]
where
    F: FitMerge,
    F::Fitted: alchemy_clean::Step,
{
    let merged = pieces.iter().rev().map(|piece| {
        let mut accumulator = spec.accumulator(piece.schema_ref()).unwrap();
        accumulator.update(piece).unwrap();
        let stored = serde_json::to_string(&accumulator).unwrap();
        serde_json::from_str::<F::Accumulator>(&stored).unwrap()
    });
    let merged = merged.reduce(|mut left, right| {
        left.merge(right).unwrap();
        left
    });
    let json = |fitted: &F::Fitted| serde_json::to_string(fitted).unwrap();
    [
        json(&spec.fit(batch).unwrap()),
        json(&spec.fit_batches(pieces, &Context::new()).unwrap()),
        json(&merged.unwrap().finish().unwrap()),
    ]
}

fn indices() -> impl Strategy<Value = Vec<Index>> {
    proptest::collection::vec(any::<Index>(), 0..20)
}

proptest! {
    #[test]
    fn order_and_cuts_do_not_show_in_a_fit(batch in table(), order in indices(), cuts in indices()) {
        let pieces = scattered(&batch, &order, &cuts);
        for strategy in [ImputeStrategy::Median, ImputeStrategy::Mean, ImputeStrategy::Mode] {
            let [whole, parallel, merged] = fits(&Imputer::new(strategy), &batch, &pieces);
            prop_assert_eq!(&whole, &parallel);
            prop_assert_eq!(&whole, &merged);
        }
        for imputer in [
            Imputer::new(ImputeStrategy::Quantile(0.3)).with_keys(["s"]),
            Imputer::new(ImputeStrategy::Mode).with_keys(["s", "n"]),
            Imputer::new(ImputeStrategy::random_draw(1)).with_keys(["x"]),
            Imputer::new(ImputeStrategy::Median).with_keys(["s"]).with_sketches(),
        ] {
            let [whole, parallel, merged] = fits(&imputer, &batch, &pieces);
            prop_assert_eq!(&whole, &parallel);
            prop_assert_eq!(&whole, &merged);
        }
        let mut outliers = vec![
            Outliers::iqr(1.5, Side::Both),
            Outliers::mad(2.0, Side::Both).with_keys(["s"]),
            Outliers::quantiles(0.1..=0.9).with_keys(["s"]).with_sketches(),
        ];
        if batch.num_rows() - batch.column(1).null_count() > 1 {
            // A standard deviation needs two values.
            outliers.push(Outliers::z_score(2.0, Side::Both).with_columns("n").with_keys(["s"]));
        }
        for outliers in outliers {
            let [whole, parallel, merged] = fits(&outliers, &batch, &pieces);
            prop_assert_eq!(&whole, &parallel);
            prop_assert_eq!(&whole, &merged);
        }
    }

    #[test]
    fn an_imputed_column_has_no_missing_cell_and_keeps_the_others(batch in table()) {
        let mut ledger = Ledger::new();
        let imputer = Imputer::new(ImputeStrategy::Mode).fit(&batch).unwrap();
        let out = imputer.transform_with(&batch, &mut ledger).unwrap();
        for (name, (before, after)) in ["x", "n", "s"].iter().zip(batch.columns().iter().zip(out.columns())) {
            let missing = alchemy_core::column::missing_count(name, before).unwrap();
            prop_assert_eq!(alchemy_core::column::missing_count(name, after).unwrap(), 0);
            prop_assert_eq!(ledger.count(name, Action::Filled), missing as u64);
        }
        prop_assert_eq!(imputer.transform(&out).unwrap(), out);
    }

    #[test]
    fn capping_stays_inside_the_fences_and_twice_is_once(batch in table(), k in 0.0..3.0) {
        let capper = Outliers::iqr(k, Side::Both).fit(&batch).unwrap();
        let once = capper.transform(&batch).unwrap();
        let fences = capper.fences("x").unwrap();
        let column = alchemy_core::column::NumericColumn::new("x", once.column(0)).unwrap();
        column.view().for_each(|value| {
            assert!(fences.lower().is_none_or(|lower| lower <= value), "{value} {fences:?}");
            assert!(fences.upper().is_none_or(|upper| value <= upper), "{value} {fences:?}");
        });
        let mut ledger = Ledger::new();
        prop_assert_eq!(capper.transform_with(&once, &mut ledger).unwrap(), once);
        prop_assert_eq!(ledger.entries().count(), 0);
    }

    #[test]
    fn a_group_learns_what_its_rows_alone_teach(batch in table()) {
        let keyed = Imputer::new(ImputeStrategy::Median).with_columns("x").with_keys(["s"]).fit(&batch).unwrap();
        let capped = Outliers::iqr(1.0, Side::Both).with_columns("x").with_keys(["s"]).fit(&batch).unwrap();
        let texts = alchemy_core::column::TextColumn::new("s", batch.column(2)).unwrap();
        let mut fences = capped.fences_by_group("x");
        for (key, value) in keyed.fill_values_by_group("x") {
            let rows: BooleanArray = (0..batch.num_rows()).map(|row| Some(texts.get(row) == key[0].as_deref())).collect();
            let rows = alchemy_clean::arrow::compute::filter_record_batch(&batch, &rows).unwrap();
            let alone = Imputer::new(ImputeStrategy::Median).with_columns("x").fit(&rows).unwrap();
            prop_assert_eq!(alone.fill_value("x").unwrap(), value);
            let alone = Outliers::iqr(1.0, Side::Both).with_columns("x").fit(&rows).unwrap();
            prop_assert_eq!(fences.next(), Some((key, alone.fences("x").unwrap())));
        }
        prop_assert_eq!(fences.next(), None);
    }

    #[test]
    fn rows_left_out_are_the_rows_flagged(batch in table(), k in 0.0..2.0) {
        let spec = Outliers::iqr(k, Side::Both).with_keys(["s"]).with_action(OnOutlier::Flag);
        let fitted = spec.fit(&batch).unwrap();
        let flagged = fitted.transform(&batch).unwrap();
        let mut ledger = Ledger::new();
        let kept = fitted.select(&flagged, &mut ledger).unwrap();
        let flag = |batch: &RecordBatch, name: &str| {
            batch.column_by_name(name).unwrap().as_boolean().clone()
        };
        let (x, n) = (flag(&flagged, "x_outlier"), flag(&flagged, "n_outlier"));
        let either = (0..batch.num_rows()).filter(|row| x.value(*row) || n.value(*row)).count();
        prop_assert_eq!(ledger.count("", Action::RowDropped), either as u64);
        prop_assert_eq!(flag(&kept, "x_outlier").true_count(), 0);
        prop_assert_eq!(flag(&kept, "n_outlier").true_count(), 0);
    }

    #[test]
    fn standardising_twice_is_standardising_once(
        cells in proptest::collection::vec(".{0,12}", 1..20),
        case in proptest::sample::select(vec![Case::Lower, Case::Upper, Case::Title, Case::Fold]),
    ) {
        let text = Arc::new(StringArray::from(cells)) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("s", text)]).unwrap();
        let step = TextStandardiser::new("s").with_trim().with_collapsed_spaces().with_case(case);
        let once = step.transform(&batch).unwrap();
        let mut ledger = Ledger::new();
        prop_assert_eq!(step.transform_with(&once, &mut ledger).unwrap(), once);
        prop_assert_eq!(ledger.entries().count(), 0);
    }

    #[test]
    fn a_number_written_out_is_read_back(values in proptest::collection::vec(number(), 0..40)) {
        let finite: Vec<Option<f64>> = values.into_iter().map(|value| value.filter(|value| value.is_finite())).collect();
        let text: StringArray = finite.iter().map(|value| value.map(|value| value.to_string())).collect();
        let batch = RecordBatch::try_from_iter([("x", Arc::new(text) as ArrayRef)]).unwrap();
        let out = NumericCoercer::new("x").transform(&batch).unwrap();
        prop_assert_eq!(out.column(0).as_ref(), &Float64Array::from(finite) as &dyn Array);
    }

    #[test]
    fn no_text_makes_a_reader_panic(cell in ".*", format in "[%A-Za-z0-9:#.+ -]{0,6}") {
        use alchemy_clean::{DecimalMark, Grouping, NumberFormat, TimestampParser};
        let comma = NumberFormat::new()
            .with_decimal_mark(DecimalMark::Comma)
            .with_grouping(Grouping::Space)
            .with_currency(["€"])
            .with_percent()
            .with_accounting_negatives();
        let _ = comma.parse(&cell).unwrap();
        let text = Arc::new(StringArray::from(vec![cell])) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("t", text)]).unwrap();
        TimestampParser::new("t").transform(&batch).unwrap();
        let _ = TimestampParser::new("t").with_formats([format]).transform(&batch);
    }

    #[test]
    fn the_first_of_equal_rows_stays_however_the_table_is_cut(batch in table(), cuts in indices()) {
        let spec = Duplicates::on(["x", "s"]);
        let whole = spec.start().keep(&batch).unwrap();
        let pieces = scattered(&batch, &[], &cuts);
        for spec in [spec.clone(), spec.clone().with_fingerprints()] {
            let mut pass = spec.start();
            let kept: Vec<BooleanArray> = pieces.iter().map(|piece| pass.keep(piece).unwrap()).collect();
            let kept: Vec<&dyn Array> = kept.iter().map(|mask| mask as _).collect();
            let joined = concat(&kept).unwrap();
            prop_assert_eq!(joined.as_ref(), &whole as &dyn Array);
        }

        let unique = spec.select(&batch, &mut Ledger::new()).unwrap();
        let none = spec.clone().with_keep(Keep::None);
        prop_assert_eq!(none.count(&unique).unwrap(), 0);
        let doubled = concat_batches(&batch.schema(), [&batch, &batch]).unwrap();
        prop_assert_eq!(none.count(&doubled).unwrap(), doubled.num_rows());
        for keep in [Keep::Last, Keep::largest("n"), Keep::smallest("n")] {
            prop_assert_eq!(spec.clone().with_keep(keep).count(&batch).unwrap(), spec.count(&batch).unwrap());
        }
        let keys = spec.duplicated_keys(&batch).unwrap();
        let counts = keys.column(2).as_primitive::<UInt64Type>().values();
        let single = batch.num_rows() - none.count(&batch).unwrap();
        prop_assert_eq!(counts.iter().sum::<u64>() as usize + single, batch.num_rows());
        prop_assert_eq!(keys.num_rows() + single, unique.num_rows());
        prop_assert!(counts.iter().rev().is_sorted());
    }

    #[test]
    fn rare_levels_and_slips_do_not_depend_on_order_or_cuts(
        batch in table(),
        order in indices(),
        cuts in indices(),
    ) {
        let pieces = scattered(&batch, &order, &cuts);
        let rare = RareLevels::new().with_columns("s").with_min_share(0.2).with_max_levels(2);
        let [whole, parallel, merged] = fits(&rare, &batch, &pieces);
        prop_assert_eq!(&whole, &parallel);
        prop_assert_eq!(&whole, &merged);
        let near = NearDuplicates::new("s").with_letters_per_edit(2).with_min_ratio(2);
        let [whole, parallel, merged] = fits(&near, &batch, &pieces);
        prop_assert_eq!(&whole, &parallel);
        prop_assert_eq!(&whole, &merged);
    }

    #[test]
    fn a_repair_applied_twice_is_applied_once(
        counts in proptest::collection::btree_map("[ab]{2,6}", 1_usize..30, 1..20),
    ) {
        let cells = counts.iter().flat_map(|(text, count)| vec![text.as_str(); *count]);
        let cells: Vec<&str> = cells.collect();
        let text = Arc::new(StringArray::from(cells)) as ArrayRef;
        let batch = RecordBatch::try_from_iter([("s", text)]).unwrap();
        let near = NearDuplicates::new("s").with_letters_per_edit(2).with_min_ratio(3);
        let proposal = near.fit(&batch).unwrap();
        let mut flagged = Ledger::new();
        prop_assert_eq!(&proposal.transform_with(&batch, &mut flagged).unwrap(), &batch);
        let step = proposal.approve();
        let mut ledger = Ledger::new();
        let once = step.transform_with(&batch, &mut ledger).unwrap();
        prop_assert_eq!(flagged.count("s", Action::Flagged), ledger.count("s", Action::Standardised));
        let mut ledger = Ledger::new();
        prop_assert_eq!(step.transform_with(&once, &mut ledger).unwrap(), once);
        prop_assert_eq!(ledger.entries().count(), 0);
    }
}
