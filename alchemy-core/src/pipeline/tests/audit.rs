//! Ledgers, limits and masks of a pipeline.

use super::*;

#[test]
fn a_limit_fails_the_fit_and_the_transform_also_after_storage() {
    let batch = table(100);
    let pipeline = |share: f64| {
        let limits = [
            Limit::rows(0.9),
            Limit::step("test/below_max", Action::Standardised, share),
        ];
        Pipeline::new()
            .training_rows(EverySecond)
            .then(BelowMax)
            .with_limits(limits)
    };
    let open = || Ok(pieces(&batch, 7).into_iter().map(Ok::<_, Error>));
    for error in [
        pipeline(0.5).fit(&batch).unwrap_err(),
        pipeline(0.5).fit_source(open, &Context::new()).unwrap_err(),
    ] {
        assert_eq!(
            error.to_string(),
            "column \"x\": 50 of 50 cells standardised, more than the limit of 0.5"
        );
    }
    let fitted = pipeline(1.0).fit(&batch).unwrap();
    assert!(fitted.transform(&batch).is_ok());
    let tight = fitted
        .to_json()
        .unwrap()
        .replace("\"share\":1.0", "\"share\":0.1");
    let tight = FittedPipeline::from_json(&tight, &steps()).unwrap();
    assert!(matches!(
        tight.transform(&batch),
        Err(Error::LimitExceeded { .. })
    ));
    let dropped = Pipeline::new()
        .training_rows(EverySecond)
        .with_limits([Limit::rows(0.4)]);
    assert_eq!(
        dropped.fit(&batch).unwrap_err().to_string(),
        "50 of 100 rows dropped or rejected, more than the limit of 0.4"
    );
}

#[test]
fn the_ledger_tells_rows_in_and_out_of_each_step() {
    let batch = table(100);
    let pipeline = Pipeline::new()
        .then(previous())
        .training_rows(EverySecond)
        .then(BelowMax);
    let counts = |ledger: &Ledger| -> Vec<(String, u64, u64, u64)> {
        let steps = ledger.steps().into_iter();
        steps
            .map(|s| (s.step, s.rows_in, s.rows_out, s.cells_changed))
            .collect()
    };
    let fitted = pipeline.fit(&batch).unwrap();
    let step = |name: &str, rows: (u64, u64), cells| (name.to_owned(), rows.0, rows.1, cells);
    assert_eq!(
        counts(fitted.ledger()),
        [
            step("test/previous", (100, 100), 0),
            step("test/every_second", (100, 50), 0),
            step("test/below_max", (50, 50), 50),
        ]
    );
    let mut ledger = Ledger::new();
    for piece in pieces(&batch, 9) {
        let mut part = Ledger::new();
        fitted.transform_with(&piece, &mut part).unwrap();
        ledger.merge(&part);
    }
    let all = [
        step("test/previous", (100, 100), 0),
        step("test/below_max", (100, 100), 100),
    ];
    assert_eq!(counts(&ledger), all);
}

#[test]
fn a_masked_contract_masks_the_ledgers_and_errors_of_its_pipeline() {
    /// Refuses the first cell of the column `key`, after it wrote it down.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Strict(bool);

    impl Transform for Strict {
        fn output_schema(&self, input: &Schema) -> Result<SchemaRef> {
            Ok(Arc::new(input.clone()))
        }
        fn transform_with(&self, batch: &RecordBatch, ledger: &mut Ledger) -> Result<RecordBatch> {
            ledger.record_with("key", Action::Nulled, 1, batch.num_rows(), [(0, "secret")]);
            if self.0 {
                return Err(Error::value("key", 0, "secret", "allowed"));
            }
            Ok(batch.clone())
        }
    }

    impl Step for Strict {
        const NAME: &'static str = "test/strict";
    }

    let batch = table(3);
    let masked = Contract::of(batch.schema_ref()).with_masked_values();
    let pipeline = |refuses| {
        Pipeline::new()
            .with_contract(masked.clone())
            .then(Strict(refuses))
    };
    let open = || Ok(pieces(&batch, 2).into_iter().map(Ok::<_, Error>));
    for error in [
        pipeline(true).fit(&batch).unwrap_err(),
        pipeline(true)
            .fit_source(open, &Context::new())
            .unwrap_err(),
    ] {
        assert_eq!(
            error.to_string(),
            "column \"key\", row 0: \"***\" is not allowed"
        );
    }
    let fitted = pipeline(false).fit(&batch).unwrap();
    let json = fitted.to_json().unwrap();
    let loaded = FittedPipeline::from_json(&json, &Steps::new().with::<Strict>()).unwrap();
    let mut ledgers = [Ledger::new(), Ledger::new()];
    loaded.transform_with(&batch, &mut ledgers[0]).unwrap();
    loaded
        .session()
        .unwrap()
        .push_with(&batch, &mut ledgers[1])
        .unwrap();
    for text in [json, ledgers[0].to_string(), ledgers[1].to_string()] {
        assert!(text.contains("***") && !text.contains("secret"), "{text}");
    }
}
