//! Gauss's rule for integrals from 0 to 1.

/// Newton steps from a first guess that is good to 1e-4: the digits double with each.
const NEWTON_STEPS: usize = 6;

/// Places and weights: the integral of `f` is the sum of `weight * f(t)`. With n places it is exact for polynomials of
/// degree up to 2n - 1.
#[derive(Debug, Clone, Default)]
pub(super) struct Quadrature {
    /// Ascending.
    pub(super) places: Vec<Place>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) t: f64,
    /// 1 - t, of full precision near 1.
    pub(super) rest: f64,
    pub(super) weight: f64,
}

impl Quadrature {
    /// As many places as the product of `factors` - 1 linear factors needs, each of which goes from one number between 0 and 1
    /// to another.
    ///
    /// Half as many as there are factors make the integral exact. Of very long products fewer do: written in Legendre's
    /// polynomials, the coefficient of degree k of such a product shrinks like exp(-k^2 / (2 `factors`)), so what is cut off
    /// after 9 times the root of `factors` is below exp(-40).
    pub(super) fn for_products_of(factors: usize) -> Self {
        let exact = factors.div_ceil(2);
        let enough = (factors * 81).isqrt().div_ceil(2) + 1;
        Self::new(exact.min(enough).max(1))
    }

    fn new(count: usize) -> Self {
        let mut places = vec![Place::default(); count];
        for index in 0..count.div_ceil(2) {
            let guess = cosine(std::f64::consts::PI * (index as f64 + 0.75) / (count as f64 + 0.5));
            // The middle of an odd count is 0, which the steps would only come near.
            let mut x = if 2 * index + 1 == count { 0.0 } else { guess };
            let mut slope = 0.0;
            for _ in 0..NEWTON_STEPS {
                let (value, derivative) = legendre(count, x);
                slope = derivative;
                x -= value / derivative;
            }
            let weight = 1.0 / ((1.0 - x) * (1.0 + x) * slope * slope);
            let (low, high) = (0.5 * (1.0 - x), 0.5 * (1.0 + x));
            let place = |t, rest| Place { t, rest, weight };
            places[index] = place(low, high);
            places[count - 1 - index] = place(high, low);
        }
        Self { places }
    }
}

/// Legendre's polynomial of this degree and its derivative, at an `x` between -1 and 1.
fn legendre(degree: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 1..degree {
        let k = k as f64;
        let next = ((2.0 * k + 1.0) * x * value - k * before) / (k + 1.0);
        before = value;
        value = next;
    }
    let derivative = degree as f64 * (before - x * value) / ((1.0 - x) * (1.0 + x));
    (value, derivative)
}

/// The cosine of an angle between 0 and a right one to 1e-6, by Taylor's series: the system's differs between systems.
fn cosine(angle: f64) -> f64 {
    let square = angle * angle;
    let mut sum = 1.0;
    for k in [11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = 1.0 - sum * square / (k * (k + 1.0));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integral(rule: &Quadrature, f: impl Fn(&Place) -> f64) -> f64 {
        rule.places
            .iter()
            .map(|place| place.weight * f(place))
            .sum()
    }

    #[test]
    fn polynomials_are_integrated_exactly_up_to_the_degree() {
        for count in 1..=40 {
            let rule = Quadrature::new(count);
            assert!(rule.places.is_sorted_by(|a, b| a.t < b.t));
            for degree in 0..2 * count {
                let degree = i32::try_from(degree).unwrap();
                let expected = 1.0 / f64::from(degree + 1);
                let found = integral(&rule, |place| place.t.powi(degree));
                assert!(
                    (found - expected).abs() < 1e-14,
                    "{count}, {degree}: {found}"
                );
            }
        }
    }

    /// The beta integral: `a! b! / (a + b + 1)!` for `t^a (1 - t)^b`, here times the binomial coefficient.
    #[test]
    fn long_products_need_few_places() {
        for factors in [2, 50, 83, 100, 257, 1000, 4000] {
            let rule = Quadrature::for_products_of(factors);
            assert!(rule.places.len() <= factors.div_ceil(2));
            let m = factors - 1;
            for ones in [0, 1, m / 7, m / 2, m - m / 9, m] {
                let mut log_binomial = 0.0;
                (0..ones).for_each(|i| log_binomial += (((m - i) as f64) / ((i + 1) as f64)).ln());
                let f = |place: &Place| {
                    let log = ones as f64 * place.t.ln() + (m - ones) as f64 * place.rest.ln();
                    (log_binomial + log).exp()
                };
                let (found, expected) = (integral(&rule, f), 1.0 / factors as f64);
                assert!(
                    (found - expected).abs() < 1e-12,
                    "{factors}, {ones}: {found}"
                );
            }
        }
    }
}
