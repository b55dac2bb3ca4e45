//! Filling real tables from other rows and other columns.

use std::sync::Arc;

use alchemy_clean::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use alchemy_clean::arrow::datatypes::Float64Type;
use alchemy_clean::{
    Action, Fit, ImputeStrategy, Imputer, IterativeImputer, KnnImputer, KnnMetric, Ledger,
    Transform,
};
use alchemy_core::column::by_name;
use alchemy_core::{CsvReader, OuterSpaces};

/// A file of the data folder, or `None` with the reason printed.
fn data(path: &str, reader: &CsvReader) -> Option<RecordBatch> {
    let Ok(folder) = std::env::var("ALCHEMY_DATA") else {
        println!("skipped: ALCHEMY_DATA is not set");
        return None;
    };
    Some(reader.read(format!("{folder}/{path}")).unwrap())
}

/// The sum of the bedrooms that were missing, as `spec` fills them.
fn bedrooms<F: Fit>(spec: &F, housing: &RecordBatch) -> f64
where
    F::Fitted: Transform,
{
    let mut ledger = Ledger::new();
    let fitted = spec.fit(housing).unwrap();
    let filled = fitted.transform_with(housing, &mut ledger).unwrap();
    assert_eq!(ledger.count("total_bedrooms", Action::Filled), 207);
    let bedrooms = |batch| by_name(batch, "total_bedrooms").unwrap().clone();
    let before = bedrooms(housing);
    let after = bedrooms(&filled);
    assert_eq!(after.null_count(), 0);
    let after = after.as_primitive::<Float64Type>().values();
    let missing = (0..before.len()).filter(|row| before.is_null(*row));
    missing.map(|row| after[row]).sum()
}

#[test]
fn the_bedrooms_of_california_are_those_of_scikit_learn() {
    let Some(housing) = data("regression/california_housing.csv", &CsvReader::new()) else {
        return;
    };
    // KNNImputer and IterativeImputer(Ridge(1), imputation_order="ascending") of scikit-learn 1.9.1.
    let by_rows = bedrooms(&KnnImputer::new(), &housing);
    assert!((by_rows - 105_211.4).abs() < 1e-6, "{by_rows}");
    let by_columns = bedrooms(&IterativeImputer::new(), &housing);
    let wanted = 112_147.156_000_488_67;
    assert!((by_columns - wanted).abs() < 1e-9 * wanted, "{by_columns}");
}

#[test]
fn neighbours_know_the_marriages_of_adults_better_than_the_mode() {
    let names = [
        "age",
        "workclass",
        "fnlwgt",
        "education",
        "education_num",
        "marital_status",
        "occupation",
        "relationship",
        "race",
        "sex",
        "gain",
        "loss",
        "hours",
        "country",
        "income",
    ];
    let reader = CsvReader::new().with_columns(names).with_null_values(["?"]);
    let reader = reader.with_outer_spaces(OuterSpaces::Trim);
    let Some(adult) = data("adult/adult.data", &reader) else {
        return;
    };
    let adult = adult.slice(0, 3000);
    let index = adult.schema_ref().index_of("marital_status").unwrap();
    let truth = adult.column(index).as_string::<i32>().clone();
    let gaps: StringArray = truth
        .iter()
        .enumerate()
        .map(|(row, status)| status.filter(|_| row % 10 != 0))
        .collect();
    let mut columns = adult.columns().to_vec();
    columns[index] = Arc::new(gaps) as ArrayRef;
    let adult = RecordBatch::try_new(adult.schema(), columns).unwrap();

    let right = |filled: RecordBatch| {
        let filled = filled.column(index).as_string::<i32>().clone();
        let hidden = (0..truth.len()).step_by(10);
        hidden
            .filter(|row| filled.value(*row) == truth.value(*row))
            .count()
    };
    let knn = KnnImputer::new().with_metric(KnnMetric::Gower);
    let mode = Imputer::new(ImputeStrategy::Mode);
    let by_neighbours = right(knn.fit(&adult).unwrap().transform(&adult).unwrap());
    let by_mode = right(mode.fit(&adult).unwrap().transform(&adult).unwrap());
    println!("{by_neighbours} and {by_mode} of 300");
    assert!(by_neighbours > by_mode + 60, "{by_neighbours} {by_mode}");
}
