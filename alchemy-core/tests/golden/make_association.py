"""Writes association.json: contingency tables, groups and correlation matrices by scipy, scikit-learn and pandas."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pandas as pd
from make_stats import nearest, nearest_sqrt, plain, write
from scipy import stats
from sklearn import metrics


def tables():
    rng = np.random.default_rng(11)
    letters = lambda n, many: [None if x < 0 else "abcdefghij"[x] for x in rng.integers(-1, many, n).tolist()]
    x = letters(300, 4)
    return {
        "one": (["a"], ["b"]),
        "two": (["a", "b"], ["x", "y"]),
        "two_equal": (["a", "a"], ["x", "y"]),
        "independent": (["a", "a", "b", "b"] * 5, ["x", "y"] * 10),
        "missing": (["a", None, "b", "b", "a", "c"], ["x", "y", None, "y", "x", "x"]),
        "noise": (letters(300, 5), letters(300, 3)),
        "related": (x, [y if a is None or i % 3 else a for i, (a, y) in enumerate(zip(x, letters(300, 6)))]),
        "keys": ([str(i) for i in range(12)], ["x", "y", "z"] * 4),
        "sparse": ([str(i) for i in rng.integers(0, 30, 40)], [str(i) for i in rng.integers(0, 20, 40)]),
    }


def table_record(x, y):
    pairs = [(a, b) for a, b in zip(x, y) if a is not None and b is not None]
    a, b = zip(*pairs)
    counts = pd.crosstab(pd.Series(a), pd.Series(b)).to_numpy()
    n, (rows, columns) = counts.sum(), counts.shape
    found = stats.chi2_contingency(counts, correction=False)
    record = {"x": x, "y": y, "chi_square": float(found.statistic), "degrees_of_freedom": int(found.dof)}
    record["mutual_information"] = float(metrics.mutual_info_score(a, b))
    if rows > 1:
        record["theils_u"] = float(metrics.homogeneity_score(a, b))
    if min(rows, columns) > 1:
        record["cramers_v"] = float(stats.contingency.association(counts, method="cramer"))
        free = [rows - 1, columns - 1]
        square = max(0.0, found.statistic / n - free[0] * free[1] / (n - 1))
        most = min(k - k * k / (n - 1) for k in free)
        if most > 0:
            record["cramers_v_corrected"] = float(min(1.0, math.sqrt(square / most)))
    return record


def groups():
    rng = np.random.default_rng(12)
    names = ["abc"[i] for i in rng.integers(0, 3, 60)]
    noise = rng.normal(0.0, 1.0, 60)
    shifted = [x + "abc".index(name) for name, x in zip(names, noise.tolist())]
    return {
        "one": (["a"], [1.5]),
        "two": (["a", "b"], [1.0, 3.0]),
        "two_equal": (["a", "a"], [1.0, 3.0]),
        "constant": (["a", "b", "a"], [0.1, 0.1, 0.1]),
        "same_means": (["a", "a", "b", "b"], [1.0, 3.0, 0.0, 4.0]),
        "missing": (["a", "b", "b", "a", "c"], [1.0, None, 2.0, 4.0, None]),
        "ties": (names, [float(round(x)) for x in shifted]),
        "noise": (names, noise.tolist()),
        "offset_1e9": (names, [x + 1e9 for x in shifted]),
        "offset_1e15": (names, [float(round(x)) + 1e15 for x in shifted]),
    }


def group_record(names, values):
    pairs = [(name, Fraction(x)) for name, x in zip(names, values) if x is not None]
    mean = sum(x for _, x in pairs) / len(pairs)
    total = sum((x - mean) ** 2 for _, x in pairs)
    between = Fraction(0)
    for name in {name for name, _ in pairs}:
        own = [x for other, x in pairs if other == name]
        between += len(own) * (sum(own) / len(own) - mean) ** 2
    ratio = nearest_sqrt(between / total) if total else None
    return {"groups": names, "values": values, "correlation_ratio": ratio}


def numbers():
    rng = np.random.default_rng(13)
    x = rng.normal(0.0, 1.0, 200)
    return {
        "two": ([1.0, 2.0], [5.0, 3.0]),
        "square": (x.tolist(), (x * x).tolist()),
        "noise": (x.tolist(), rng.normal(0.0, 1.0, 200).tolist()),
        "ties": ([float(v) for v in rng.integers(0, 9, 500)], [float(v) for v in rng.integers(0, 15, 500)]),
        "many_ties": (np.floor(np.abs(x) * 20).tolist(), np.round(x * x, 1).tolist()),
        "missing": ([None if v > 1 else v for v in x.tolist()], (x + 1).tolist()),
        "infinities": ([math.inf if v > 1 else v for v in x.tolist()], (-x).tolist()),
        "offset_1e9": ((1e9 + x).tolist(), (1e9 - x + rng.normal(0.0, 0.3, 200)).tolist()),
        "constant": (x.tolist(), [0.1] * 200),
    }


def binned(values):
    ranks = stats.rankdata(values)
    bins = min(64, max(2, math.isqrt(len(values) // 5)))
    different = np.unique(ranks)
    if len(different) <= bins:
        return np.searchsorted(different, ranks)
    return np.floor((ranks - 0.5) * bins / len(values)).astype(int)


def number_record(x, y):
    a, b = np.array([(a, b) for a, b in zip(x, y) if a is not None and b is not None]).T
    found = metrics.mutual_info_score(binned(a), binned(b))
    return {"x": plain(x), "y": plain(y), "mutual_information": float(found)}


def frames():
    rng = np.random.default_rng(14)
    x = rng.normal(0.0, 1.0, (60, 4)) @ rng.normal(0.0, 1.0, (4, 4))
    mixed = pd.DataFrame(x, columns=list("abcd"))
    mixed["ties"] = rng.integers(0, 4, 60).astype(float)
    mixed["constant"] = 0.1
    holed = mixed.mask(rng.random(mixed.shape) < 0.2)
    holed["empty"] = np.nan
    holed["single"] = [1.0] + [np.nan] * 59
    return {
        "mixed": mixed,
        "holed": holed,
        "offset_1e9": mixed.drop(columns="constant") + 1e9,
        "one": mixed.head(1),
        "two": mixed.head(2),
    }


def frame_record(frame, offset):
    """At an offset pandas loses digits: it correlates what is left without."""
    columns = [[None if math.isnan(x) else x for x in frame[name].tolist()] for name in frame]
    record = {"columns": columns}
    for method in ("pearson", "spearman", "kendall"):
        found = (frame - offset).corr(method=method).to_numpy()
        record[method] = [[None if math.isnan(x) else x for x in row] for row in found.tolist()]
    return record


def main():
    write("association.json", {
        "tables": {name: table_record(*pair) for name, pair in tables().items()},
        "groups": {name: group_record(*pair) for name, pair in groups().items()},
        "numbers": {name: number_record(*pair) for name, pair in numbers().items()},
        "frames": {name: frame_record(x, 1e9 if name == "offset_1e9" else 0.0) for name, x in frames().items()},
    })


main()
