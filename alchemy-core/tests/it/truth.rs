//! Tables that come with their truth: cells that are wrong, classes and their counts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::arrow::datatypes::{DataType, Field, Schema};
use alchemy_core::column::{TextColumn, by_name};
use alchemy_core::{CsvReader, Profile};
use serde_json::{Map, Value};

use crate::data::folder;

fn reference(folder: &Path) -> Map<String, Value> {
    serde_json::from_str(&std::fs::read_to_string(folder.join("reference.json")).unwrap()).unwrap()
}

/// Every column of a file as text.
fn text_of(path: &Path) -> RecordBatch {
    let names = CsvReader::new().with_infer_rows(0).read(path).unwrap();
    let field = |field: &Arc<Field>| Field::new(field.name(), DataType::Utf8, true);
    let fields: Vec<Field> = names.schema_ref().fields().iter().map(field).collect();
    CsvReader::new()
        .with_schema(Arc::new(Schema::new(fields)))
        .read(path)
        .unwrap()
}

#[test]
fn wrong_cells_of_the_hospitals() {
    let Some(folder) = folder() else { return };
    let expected = &reference(&folder)["dirty_clean/hospital"];
    let hospital = folder.join("dirty_clean/hospital");
    let dirty = text_of(&hospital.join("hospital.csv"));
    let truth = text_of(&hospital.join("hospital_clean.csv"));
    assert_eq!(expected["rows"], dirty.num_rows());
    assert_eq!(expected["cells"], truth.num_rows());

    let column = |batch, name| TextColumn::new(name, by_name(batch, name).unwrap()).unwrap();
    let [rows, attributes, values] =
        ["tid", "attribute", "correct_val"].map(|name| column(&truth, name));
    let mut wrong: BTreeMap<&str, u64> = BTreeMap::new();
    let mut wrong_rows: Vec<&str> = Vec::new();
    for cell in 0..truth.num_rows() {
        let (row, attribute) = (rows.get(cell).unwrap(), attributes.get(cell).unwrap());
        let found = column(&dirty, attribute);
        if found.get(row.parse().unwrap()) != values.get(cell) {
            *wrong.entry(attribute).or_default() += 1;
            wrong_rows.push(row);
        }
    }
    wrong_rows.sort_unstable();
    wrong_rows.dedup();
    assert_eq!(expected["wrong_cells"], wrong.values().sum::<u64>());
    assert_eq!(
        expected["wrong_by_column"],
        serde_json::to_value(&wrong).unwrap()
    );
    assert_eq!(expected["rows_with_an_error"], wrong_rows.len());
}

#[test]
fn classes_of_the_lightgbm_tables() {
    let Some(folder) = folder() else { return };
    let reference = reference(&folder);
    for (name, columns) in [("binary", 29), ("multiclass", 29)] {
        let expected = &reference[&format!("gbdt/lightgbm/{name}")];
        let reader = CsvReader::new()
            .with_delimiter(b'\t')
            .with_columns((0..columns).map(|column| format!("c{column}")));
        for part in ["train", "test"] {
            let path = folder.join(format!("gbdt/lightgbm/{name}.{part}"));
            let profile = Profile::of(&reader.read(path).unwrap()).unwrap();
            assert_eq!(expected[part], profile.rows, "{name}");
            let label = profile.column("c0").unwrap();
            let counts = label.top.iter();
            if part == "train" && name == "multiclass" {
                let counts = counts.map(|class| {
                    let class_name = class.value.trim_end_matches(".0").to_owned();
                    (class_name, class.count)
                });
                let counts: BTreeMap<String, u64> = counts.collect();
                let counts = serde_json::to_value(counts).unwrap();
                assert_eq!(expected["class_counts_train"], counts);
            } else if part == "train" {
                let positives: u64 = counts
                    .filter(|class| class.value.starts_with('1'))
                    .map(|class| class.count)
                    .sum();
                let share = positives as f64 / profile.rows as f64;
                assert_eq!(expected["positive_rate"].as_f64(), Some(share));
            }
        }
    }
}
