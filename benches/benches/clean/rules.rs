//! What does it cost to hold a rule against rows, and to calculate a column from others?

use alchemy_benches::normals;
use alchemy_clean::{
    DeductiveImputer, DerivedColumn, Expr, Ledger, OnViolation, RowFilter, RowRule, SelectRows,
    Transform,
};
use criterion::Criterion;

const ROWS: usize = 1_000_000;

pub(crate) fn rules(criterion: &mut Criterion) {
    let batch = normals(ROWS, 4, 0.1).unwrap();
    let names: Vec<&str> = batch
        .schema_ref()
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let [a, b, c] = [names[0], names[1], names[2]];
    let expr = |text: String| text.parse::<Expr>().unwrap();
    let mut group = criterion.benchmark_group("rules");
    group.sample_size(10);
    for (name, text) in [
        ("compare", format!("{a} < 0")),
        ("columns", format!("{a} < {b}")),
        ("within", format!("{a} within [-1, 1)")),
        ("sum", format!("{a} + {b}")),
        ("both", format!("{a} < 0 and {b} * 2 > {c} - 1")),
    ] {
        let expression = expr(text);
        group.bench_function(format!("evaluate/{name}/{ROWS}"), |bencher| {
            bencher.iter(|| expression.evaluate(&batch).unwrap());
        });
    }
    let filter = RowFilter::keep_where(expr(format!("{a} < 0")));
    group.bench_function(format!("filter/{ROWS}"), |bencher| {
        bencher.iter(|| filter.select(&batch, &mut Ledger::new()).unwrap());
    });
    let rule = RowRule::require("positive", expr(format!("{a} >= 0")));
    let rule = rule.with_on_violation(OnViolation::null([a]));
    group.bench_function(format!("null/{ROWS}"), |bencher| {
        bencher.iter(|| rule.transform(&batch).unwrap());
    });
    let derived = DerivedColumn::new("derived", expr(format!("{a} * {b}")));
    group.bench_function(format!("derive/{ROWS}"), |bencher| {
        bencher.iter(|| derived.transform(&batch).unwrap());
    });
    let deduced = DeductiveImputer::new(a, expr(format!("{b} * {c}")));
    group.bench_function(format!("deduce/{ROWS}"), |bencher| {
        bencher.iter(|| deduced.transform(&batch).unwrap());
    });
    group.finish();
}
