//! Alchemy's tree ensembles beside those of other Rust crates, called from Rust.
//!
//! `cargo run --release --manifest-path benches/field/Cargo.toml -- [ROWS]`
//!
//! One table of numbers, y = x0 + x1 x2 + noise: seconds to fit, seconds to predict as many rows, microseconds for one row on
//! the same thread, and the root mean squared error (for classes the share of errors) on rows that were not learned from.
//! Boosting has 100 rounds, a learning rate of 0.1 and trees of up to 32 leaves or depth 5 where leaves cannot be limited;
//! forests have 20 trees of depth 10. What a crate lacks is in the column of notes.

mod data;
mod peers;

use std::time::Instant;

use data::Rows;

/// Any failure, with its message for the user.
type Failure = Box<dyn std::error::Error>;
type Result<T, E = Failure> = std::result::Result<T, E>;

/// A fitted model of one crate.
struct Fitted {
    /// Of all rows.
    predict: Box<dyn Fn(&Rows) -> Result<Vec<f64>>>,
    /// Of one row; `None` where only tables can be predicted.
    row: Option<Box<dyn FnMut(&[f64]) -> Result<f64>>>,
}

struct Peer {
    name: &'static str,
    fit: fn(&Rows) -> Result<Fitted>,
    /// Rows are cut to so many.
    most_rows: usize,
    notes: &'static str,
}

const ROW_CALLS: usize = 2000;

fn main() -> Result<()> {
    let rows = std::env::args()
        .nth(1)
        .map_or(Ok(100_000), |rows| rows.parse())?;
    println!("| crate | rows | fit s | predict s | row us | error | notes |");
    println!("|---|---|---|---|---|---|---|");
    for peer in peers::ALL {
        let rows = rows.min(peer.most_rows);
        let (train, test) = (Rows::new(rows, 1), Rows::new(rows, 2));
        let start = Instant::now();
        let mut fitted = (peer.fit)(&train)?;
        let fit = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let predicted = (fitted.predict)(&test)?;
        let predict = start.elapsed().as_secs_f64();
        let squares = predicted
            .iter()
            .zip(&test.y)
            .map(|(p, y)| (p - y) * (p - y));
        let error = (squares.sum::<f64>() / rows as f64).sqrt();
        let row = match &mut fitted.row {
            None => "-".to_owned(),
            Some(predict) => format!("{:.2}", row_microseconds(predict, &test)?),
        };
        let Peer { name, notes, .. } = peer;
        println!("| {name} | {rows} | {fit:.3} | {predict:.3} | {row} | {error:.4} | {notes} |");
    }
    Ok(())
}

/// The median.
fn row_microseconds(predict: &mut dyn FnMut(&[f64]) -> Result<f64>, rows: &Rows) -> Result<f64> {
    let mut times = Vec::with_capacity(ROW_CALLS);
    for row in (0..ROW_CALLS).map(|call| rows.row(call % rows.y.len())) {
        let start = Instant::now();
        std::hint::black_box(predict(&row)?);
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times[ROW_CALLS / 2] * 1e6)
}
