//! A made-up table of customers, as messy as real ones.

use std::fmt::Write;

use alchemy_core::random::Stream;

/// Customers in the made-up table, before duplicates.
const CUSTOMERS: u64 = 6000;
/// Names the draws of this table, so that a split by the same seed does not draw the same numbers.
const CUSTOMERS_KEY: u64 = 1;

/// The table as CSV text: stray spaces, mixed case, blanks, `N/A`, numbers as text, outliers, repeated rows and a column
/// that is always empty.
pub(crate) fn customers(seed: u64) -> String {
    let mut text = String::from(
        "customer_id,tenure,plan,contract,monthly_fee,total_paid,support_calls,age,fax,churn\n",
    );
    for customer in 0..CUSTOMERS {
        let mut stream = Stream::new(seed, &[CUSTOMERS_KEY, customer]);
        let row = customer_row(customer, &mut stream);
        text.push_str(&row);
        if stream.below(100) < 2 {
            text.push_str(&row);
        }
    }
    text
}

fn customer_row(customer: u64, stream: &mut Stream) -> String {
    let tenure = stream.below(72);
    let plan = ["basic", "plus", "premium"][pick(stream, 3)];
    let contract = ["monthly", "yearly", "two years"][pick(stream, 3)];
    let fee = 15.0
        + 20.0 * f64::from(u8::from(plan == "plus"))
        + 45.0 * f64::from(u8::from(plan == "premium"))
        + 4.0 * stream.normals().0.clamp(-3.0, 3.0);
    let calls = stream.below(4)
        + if stream.below(10) == 0 {
            stream.below(8)
        } else {
            0
        };
    let age = 18 + stream.below(60);
    let odds = -0.6 - 0.05 * tenure as f64
        + 0.45 * calls as f64
        + 0.012 * fee
        + if contract == "monthly" { 1.1 } else { -0.7 };
    let churn = stream.next_f64() < 1.0 / (1.0 + (-odds).exp());

    let plan = match stream.below(24) {
        0 => plan.to_uppercase(),
        1 => format!(" {plan} "),
        _ => plan.to_owned(),
    };
    let fee_cell = match stream.below(400) {
        0 => "9999.00".to_owned(),
        _ => format!("{fee:.2}"),
    };
    let total_cell = match (tenure, stream.below(100)) {
        (0, _) => " ".to_owned(),
        (_, 0) => "N/A".to_owned(),
        _ => format!("{:.2}", fee * tenure as f64),
    };
    let age_cell = if stream.below(25) == 0 {
        String::new()
    } else {
        age.to_string()
    };
    let mut row = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        row,
        "C{customer:05},{tenure},{plan},{contract},{fee_cell},{total_cell},{calls},{age_cell},,{}",
        if churn { "yes" } else { "no" }
    );
    row
}

fn pick(stream: &mut Stream, count: u64) -> usize {
    usize::try_from(stream.below(count)).unwrap_or(0)
}
