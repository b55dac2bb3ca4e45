//! Parameters that nobody means to give.

/// Numbers for parameters of type `f64`.
pub const FLOATS: [f64; 16] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    -1.0,
    1.0,
    0.5,
    1.0 + f64::EPSILON,
    1.0 - f64::EPSILON,
    5e-324,
    f64::MIN_POSITIVE,
    1e308,
    f64::MAX,
    f64::MIN,
    9_007_199_254_740_992.0,
];

/// Numbers for parameters that count: zero, the edges of the integer types, and the ordinary.
pub const COUNTS: [usize; 10] = [
    0,
    1,
    2,
    7,
    255,
    256,
    u32::MAX as usize,
    isize::MAX.unsigned_abs(),
    usize::MAX - 1,
    usize::MAX,
];
