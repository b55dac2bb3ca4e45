"""Writes stats.json: statistics of small samples by numpy and scipy, and exact ones by rational arithmetic.

With the folder of NIST's univariate sets as argument, writes nist.json: the exact statistics of those.
"""

import json
import math
import sys
import warnings
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy import stats

METHODS = [
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf",
    "hazen", "weibull", "linear", "median_unbiased", "normal_unbiased",
    "lower", "higher", "midpoint", "nearest",
]
PROBABILITIES = [0.0, 0.01, 0.1, 0.25, 1 / 3, 0.5, 0.6, 0.75, 0.9, 0.99, 1.0]
RULES = {"auto": "auto", "freedman_diaconis": "fd", "sturges": "sturges"}


def samples():
    rng = np.random.default_rng(20261123)
    return {
        "one": [0.1],
        "two": [3.0, -1.5],
        "three": [1.0, 2.0, 4.0],
        "constant": [0.1] * 9,
        "ties": [float(x) for x in rng.integers(0, 6, 40)],
        "normal": rng.normal(5.0, 2.0, 101).tolist(),
        "offset_1e9": (1e9 + rng.normal(0.0, 1.0, 1000)).tolist(),
        "offset_1e15": (1e15 + rng.integers(-4, 5, 64)).tolist(),
        "skewed": rng.lognormal(0.0, 1.5, 200).tolist(),
        "tiny": [x * 1e-160 for x in rng.normal(0.0, 1.0, 20)],
        "huge": [x * 1e150 for x in rng.normal(0.0, 1.0, 20)],
        "mixed_scale": [1e-200, 1.0, -1e17, 1e17, 2.5, 1e-200, 3e150],
        "signs": [-0.0, 0.0, -1.0, 1.0, -2.0],
        "missing": [None, 2.5, -1.0, None, 2.5, 7.0, 1.0],
        "infinities": [1.0, math.inf, -2.0, None, -math.inf, math.inf, 3.0, 1.0],
        "one_infinity": [math.inf],
    }


def pairs():
    rng = np.random.default_rng(7)
    x = rng.normal(0.0, 1.0, 60)
    return {
        "two": ([1.0, 2.0], [5.0, 3.0]),
        "line": ([1.0, 2.0, 3.0, 4.0], [3.0, 5.0, 7.0, 9.0]),
        "noise": (x.tolist(), (0.5 * x + rng.normal(0.0, 1.0, 60)).tolist()),
        "ties": ([float(v) for v in rng.integers(0, 5, 80)], [float(v) for v in rng.integers(0, 4, 80)]),
        "missing": ([1.0, None, 3.0, 4.0, 9.0, 2.0], [2.0, 5.0, None, 1.0, 7.0, 2.5]),
        "infinities": ([1.0, math.inf, 3.0, -math.inf, 9.0, 9.0], [2.0, 5.0, math.inf, 1.0, 7.0, 2.5]),
        "one": ([1.0], [2.0]),
        "one_complete": ([1.0, None, 2.0], [2.0, 3.0, None]),
        "constant": ([1.0, 2.0, 3.0], [0.1, 0.1, 0.1]),
        "offset_1e9": ((1e9 + x).tolist(), (1e9 - x + rng.normal(0.0, 0.3, 60)).tolist()),
    }


def nearest(value: Fraction) -> float:
    """The nearest float; Python divides integers with one rounding."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf


def nearest_sqrt(value: Fraction) -> float:
    with localcontext(prec=1200):
        return float((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())


def exact(values):
    rational = [Fraction(x) for x in values]
    n = len(rational)
    mean = sum(rational) / n
    squares = sum((x - mean) ** 2 for x in rational)
    found = {"sum": nearest(sum(rational)), "mean": nearest(mean), "population_variance": nearest(squares / n)}
    if n > 1:
        found |= {"variance": nearest(squares / (n - 1)), "std_dev": nearest_sqrt(squares / (n - 1))}
    if squares:
        lagged = sum((a - mean) * (b - mean) for a, b in zip(rational[1:], rational))
        third = sum((x - mean) ** 3 for x in rational) / n
        fourth = sum((x - mean) ** 4 for x in rational) / n
        second = squares / n
        sign = -1 if third < 0 else 1
        found |= {
            "autocorrelation": nearest(lagged / squares),
            "skewness": sign * nearest_sqrt(third**2 / second**3),
            "kurtosis": nearest(fourth / second**2 - 3),
        }
    return found


def histogram(values, rule):
    counts, edges = np.histogram(values, bins=rule)
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def plain(values):
    """As JSON can say it: null for missing, a text for an infinity."""
    return [x if x is None or math.isfinite(x) else str(x) for x in values]


def defined(number):
    number = float(number)
    return None if math.isnan(number) else plain([number])[0]


def sample_record(values):
    present = [x for x in values if x is not None]
    array = np.array(present)
    ranks = iter(stats.rankdata(array).tolist())
    record = {"values": plain(values), "ranks": [None if x is None else next(ranks) for x in values]}
    with np.errstate(invalid="ignore"):
        quantiles = {m: np.quantile(array, PROBABILITIES, method=m).tolist() for m in METHODS}
        range_ = np.ptp(array)
    record["quantiles"] = {m: [defined(x) for x in found] for m, found in quantiles.items()}
    if np.isfinite(array).all():
        record["exact"] = exact(present)
        if range_ < 1e12:
            record["histograms"] = {name: histogram(array, rule) for name, rule in RULES.items()}
            record["histograms"]["fixed_7"] = histogram(array, 7)
    return record


def pair_record(x, y):
    complete = [(a, b) for a, b in zip(x, y) if a is not None and b is not None]
    a, b = np.array(complete).T
    several = len(a) > 1
    finite = np.isfinite(a).all() and np.isfinite(b).all()
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", stats.ConstantInputWarning)
        return {
            "x": plain(x),
            "y": plain(y),
            "finite": bool(finite),
            "covariance": defined(np.cov(a, b)[0, 1]) if several and finite else None,
            "pearson": defined(stats.pearsonr(a, b).statistic) if several and finite else None,
            "spearman": defined(stats.spearmanr(a, b).statistic) if several else None,
            "kendall": defined(stats.kendalltau(a, b).statistic) if several else None,
        }


def nist_record(path):
    lines = path.read_text().splitlines()
    start = max(i for i, line in enumerate(lines) if line.startswith("---")) + 1
    values = [float(line) for line in lines[start:] if line.strip()]
    found = exact(values)
    return {"n": len(values)} | {name: found[name] for name in ("mean", "std_dev", "autocorrelation")}


NIST = ["Lew", "Lottery", "Mavro", "Michelso", "NumAcc1", "NumAcc2", "NumAcc3", "NumAcc4", "PiDigits"]


def write(name, golden):
    path = Path(__file__).with_name(name)
    path.write_text(json.dumps(golden, indent=1, allow_nan=False) + "\n")


def main(folder=None):
    if folder is not None:
        write("nist.json", {name: nist_record(Path(folder) / f"{name}.dat") for name in NIST})
        return
    golden = {
        "probabilities": PROBABILITIES,
        "samples": {name: sample_record(values) for name, values in samples().items()},
        "pairs": {name: pair_record(x, y) for name, (x, y) in pairs().items()},
    }
    write("stats.json", golden)


if __name__ == "__main__":
    main(*sys.argv[1:])
