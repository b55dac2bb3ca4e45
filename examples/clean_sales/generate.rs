//! A made-up table of sales, as messy as real ones.

use std::fmt::Write;

use alchemy_core::random::Stream;

/// Sales in the made-up table, before duplicates.
const SALES: u64 = 20_000;
/// Names the draws of this table.
const SALES_KEY: u64 = 2;

const PRODUCTS: [(&str, f64); 6] = [
    ("espresso machine", 249.0),
    ("coffee grinder", 89.0),
    ("milk frother", 39.5),
    ("pour over kettle", 59.0),
    ("travel mug", 24.5),
    ("paper filters", 4.5),
];
const COUNTRIES: [&str; 4] = ["United Kingdom", "Germany", "United States", "France"];
const SPELLINGS: [[&str; 3]; 4] = [
    ["UK", "u.k.", " united kingdom"],
    ["Deutschland", "GERMANY", "germany "],
    ["USA", "U.S.A.", "united states"],
    ["france", "FRANCE ", "France"],
];

/// The table as CSV text: numbers with currency signs, dates in three formats, several spellings of one country,
/// misspelled products, cells that say `ERROR`, one of three figures missing, returns, typing errors of a factor of a
/// hundred, and repeated rows.
pub(crate) fn sales(seed: u64) -> String {
    let mut text = String::from("sale_id,sold_at,product,country,quantity,price,total,payment\n");
    for sale in 0..SALES {
        let mut stream = Stream::new(seed, &[SALES_KEY, sale]);
        let row = row(sale, &mut stream);
        text.push_str(&row);
        if stream.below(100) < 2 {
            text.push_str(&row);
        }
    }
    text
}

fn row(sale: u64, stream: &mut Stream) -> String {
    let (product, price) = PRODUCTS[pick(stream, PRODUCTS.len())];
    let country = pick(stream, COUNTRIES.len());
    let is_return = stream.below(100) < 3;
    let quantity = (1.0 + stream.below(6) as f64) * if is_return { -1.0 } else { 1.0 };
    let price = match stream.below(500) {
        0 => price * 100.0,
        _ => price,
    };
    let total = quantity * price;
    let missing = match stream.below(100) {
        cell @ 0..9 => Some(cell % 3),
        _ => None,
    };
    let cell = |place: u64, text: String| {
        if missing == Some(place) {
            token(place)
        } else {
            text
        }
    };
    let quantity = cell(0, format!("{quantity}"));
    let total = cell(2, format!("{total:.2}"));
    let price = cell(
        1,
        match stream.below(10) {
            0 => format!("${price:.2}"),
            _ => format!("{price:.2}"),
        },
    );
    let product = match stream.below(60) {
        0 => misspelled(product, stream),
        1 => product.to_uppercase(),
        2 => format!(" {product} "),
        _ => product.to_owned(),
    };
    let country = match stream.below(5) {
        0 => SPELLINGS[country][pick(stream, 3)],
        _ => COUNTRIES[country],
    };
    let payment = match stream.below(12) {
        0 => "UNKNOWN",
        1 => "",
        2..7 => "Card",
        _ => "Cash",
    };
    let sold_at = sold_at(stream);
    let mut row = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        row,
        "S{sale:06},{sold_at},{product},{country},{quantity},{price},{total},{payment}"
    );
    row
}

/// What stands in a cell that has no value.
fn token(place: u64) -> String {
    ["ERROR", "n/a", ""][usize::try_from(place).unwrap_or(0) % 3].to_owned()
}

fn sold_at(stream: &mut Stream) -> String {
    let (month, day) = (1 + stream.below(12), 1 + stream.below(28));
    let (hour, minute) = (8 + stream.below(12), stream.below(60));
    match stream.below(10) {
        0 => format!("{day:02}.{month:02}.2025 {hour:02}:{minute:02}"),
        1 => format!("2025-{month:02}-{day:02}T{hour:02}:{minute:02}:00"),
        _ => format!("2025-{month:02}-{day:02} {hour:02}:{minute:02}:00"),
    }
}

/// `text` with one letter changed, doubled or left out.
fn misspelled(text: &str, stream: &mut Stream) -> String {
    let place = pick(stream, text.len());
    let how = stream.below(3);
    let letters = text.chars().enumerate();
    let spell = |(at, letter): (usize, char)| match (at == place, how) {
        (true, 0) => "x".to_owned(),
        (true, 1) => format!("{letter}{letter}"),
        (true, _) => String::new(),
        (false, _) => letter.to_string(),
    };
    letters.map(spell).collect()
}

fn pick(stream: &mut Stream, count: usize) -> usize {
    usize::try_from(stream.below(count as u64)).unwrap_or(0)
}
