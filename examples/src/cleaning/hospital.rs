//! Hospitals in whose table letters were replaced by `x`.

use std::collections::HashMap;
use std::path::Path;

use alchemy_clean::{Cleaner, Fit, NearDuplicates};
use alchemy_core::CsvReader;
use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::column::{NumericColumn, TextColumn, by_name};

use super::Cleaned;
use crate::Failure;

/// The columns in which many rows share one spelling.
const COLUMNS: [&str; 9] = [
    "HospitalName",
    "Address1",
    "City",
    "CountyName",
    "HospitalType",
    "HospitalOwner",
    "EmergencyService",
    "Condition",
    "MeasureName",
];

pub(super) fn clean(data: &Path) -> Result<Cleaned, Failure> {
    let reader = CsvReader::new();
    let folder = data.join("dirty_clean/hospital");
    let raw = reader.read(folder.join("hospital.csv"))?;
    let truth = Truth::new(&reader.read(folder.join("hospital_clean.csv"))?)?;

    let proposal = NearDuplicates::new(COLUMNS).fit(&raw)?;
    let recipe = Cleaner::new().then_because(
        proposal.approve(),
        "slips of the pen, read and found to be such",
    );
    let cleaned = Cleaned::of("hospitals", &raw, recipe)?;

    let (mut wrong, mut repaired, mut right, mut broken) = (0, 0, 0, 0);
    for column in COLUMNS {
        let before = TextColumn::new(column, by_name(&raw, column)?)?;
        let after = TextColumn::new(column, by_name(&cleaned.batch, column)?)?;
        for row in 0..raw.num_rows() {
            let wanted = truth.get(row, column);
            if before.get(row) == wanted {
                right += 1;
                broken += u64::from(after.get(row) != wanted);
            } else {
                wrong += 1;
                repaired += u64::from(after.get(row) == wanted);
            }
        }
    }
    let rows = cleaned.before.rows;
    Ok(cleaned
        .with_count("rows", rows)
        .with_count("wrong", wrong)
        .with_count("repaired", repaired)
        .with_count("right", right)
        .with_count("broken", broken))
}

/// What each cell should hold, by row and column.
struct Truth(HashMap<(String, String), String>);

impl Truth {
    /// Reads rows of a row number, a column and a value.
    fn new(table: &RecordBatch) -> Result<Self, Failure> {
        let rows = NumericColumn::new("tid", by_name(table, "tid")?)?;
        let columns = TextColumn::new("attribute", by_name(table, "attribute")?)?;
        let values = TextColumn::new("correct_val", by_name(table, "correct_val")?)?;
        let mut cells = HashMap::new();
        for line in 0..table.num_rows() {
            if let (Some(row), Some(column), Some(value)) =
                (rows.view().get(line), columns.get(line), values.get(line))
            {
                cells.insert((format!("{row}"), column.to_owned()), value.to_owned());
            }
        }
        Ok(Self(cells))
    }

    fn get(&self, row: usize, column: &str) -> Option<&str> {
        self.0
            .get(&(row.to_string(), column.to_owned()))
            .map(String::as_str)
    }
}
