//! Random detectors on random tables.

use alchemy_core::arrow::array::RecordBatch;
use alchemy_core::conformance::{Draw, Fuzz};
use alchemy_drift::{Closed, DriftDetector, Fit, FittedDriftDetector, KsTest, Psi, Result};

fn detector(draw: &mut Draw<'_>) -> DriftDetector {
    let mut psi = Psi::new().with_closed(draw.pick([Closed::Left, Closed::Right]));
    if draw.flag() {
        psi = psi.with_num_bins(draw.count());
    }
    if draw.chance(0.2) {
        psi = psi.with_floor(draw.float() / 4.0);
    }
    let mut detector = DriftDetector::new().with_psi(psi);
    if draw.flag() {
        detector = detector.with_columns(draw.columns());
    }
    if draw.chance(0.2) {
        detector = detector.with_categories(draw.numeric_column());
    }
    if draw.chance(0.3) {
        detector = detector.with_alpha(draw.float() / 4.0);
    }
    if draw.chance(0.3) {
        detector = detector.with_min_effect(draw.float() / 4.0);
    }
    if draw.chance(0.3) {
        detector = detector.with_max_reference(draw.count());
    }
    detector
}

fn watch(draw: &mut Draw<'_>, table: &RecordBatch) -> Result<()> {
    if draw.chance(0.2) {
        let name = draw.numeric_column();
        let Some(column) = table.column_by_name(&name) else {
            return Ok(());
        };
        let later = column.slice(column.len() / 2, column.len() - column.len() / 2);
        if let Some(test) = KsTest::of_columns(&name, column, &later)? {
            assert!((0.0..=1.0).contains(&test.p_value), "{test:?}");
            assert!((0.0..=1.0).contains(&test.statistic), "{test:?}");
        }
        return Psi::new().of_columns(&name, column, &later).map(drop);
    }
    let half = table.num_rows() / 2;
    let fitted = detector(draw).fit(&table.slice(0, half))?;
    let current = table.slice(half, table.num_rows() - half);
    let report = fitted.compare(&current)?;
    report.to_batch()?.columns().iter().for_each(|column| {
        column.to_data().validate_full().unwrap();
    });
    let text = serde_json::to_string(&fitted)?;
    let loaded: FittedDriftDetector = serde_json::from_str(&text)?;
    assert_eq!(serde_json::to_string(&loaded)?, text);
    assert_eq!(loaded.compare(&current)?, report);
    Ok(())
}

#[test]
fn random_detectors_on_random_tables_find_nothing() {
    let report = Fuzz::on_tables(20_000, watch).unwrap_or_else(|finding| panic!("{finding}"));
    println!("{report:?}");
    // The cases must do more than be refused.
    assert!(report.transformed > report.cases / 4, "{report:?}");
}
