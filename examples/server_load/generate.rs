//! A made-up load curve of three servers.

use std::f64::consts::TAU;
use std::fmt::Write;

use alchemy_core::random::Stream;

/// Hours of history.
const HOURS: u64 = 24 * 70;
const HOSTS: [&str; 3] = ["alpha", "beta", "gamma"];

/// Hourly CPU load as CSV text, by time and then by host: a daily and a weekly rhythm, noise that lasts, spikes, and
/// 1 % missing values.
pub(crate) fn load(seed: u64) -> String {
    let mut text = String::from("timestamp,host,cpu\n");
    let mut lasting = [0.0; HOSTS.len()];
    for hour in 0..HOURS {
        for (host, name) in HOSTS.iter().enumerate() {
            let mut stream = Stream::new(seed, &[hour, host as u64]);
            lasting[host] = 0.85 * lasting[host] + 2.0 * stream.normals().0;
            let day = (TAU * (hour % 24) as f64 / 24.0 - 2.0).sin();
            let weekend = if hour / 24 % 7 >= 5 { -8.0 } else { 0.0 };
            let spike = if stream.below(300) == 0 { 30.0 } else { 0.0 };
            let cpu = (40.0 + 6.0 * host as f64 + 15.0 * day + weekend + lasting[host] + spike)
                .clamp(0.0, 100.0);
            let cell = if stream.below(100) == 0 {
                String::new()
            } else {
                format!("{cpu:.2}")
            };
            // The series starts on Monday, 1 January 2024.
            let (month, day) = date(hour / 24);
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "2024-{month:02}-{day:02} {:02}:00:00,{name},{cell}",
                hour % 24
            );
        }
    }
    text
}

/// Month and day of the `days`-th day of 2024, counted from 0.
fn date(mut days: u64) -> (u64, u64) {
    for (month, length) in (1..).zip([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        if days < length {
            return (month, days + 1);
        }
        days -= length;
    }
    (12, 31)
}
