"""Writes statistics.json: what is learned by column and by group, from pandas, SciPy and feature-engine; see README.md."""

import math

import numpy as np
import pandas as pd
from feature_engine.outliers import OutlierTrimmer, Winsorizer
from scipy.stats import median_abs_deviation

from make import INF, NAN, NUMBERS, write

KEYS = ["a", "b", None, "a", "b", "c", None, "a", "a", "b", "d", "a"]
TABLES = {
    "plain": [1.0, 7.5, 3.0, NAN, 2.5, NAN, NAN, 4.0, 9.0, NAN, -1.5, 2.0],
    "ties": [2.0, 2.0, 1.0, 1.0, 5.0, NAN, 1.0, 2.0, 1.0, 5.0, NAN, NAN],
    "infinities": [INF, 1.0, -INF, 2.0, NAN, NAN, NAN, 3.0, INF, 4.0, NAN, 0.5],
    "one_group_empty": [NAN, 1.0, NAN, NAN, 2.0, 3.0, NAN, NAN, NAN, NAN, 4.0, NAN],
}


def fills():
    """A group without a value takes what all rows give."""
    cases = []
    for name, values in TABLES.items():
        series = pd.Series(values)
        groups = series.groupby(pd.Series(KEYS, dtype="object"), dropna=False)
        for strategy, of in {
            "median": lambda s: s.median(),
            "quantile": lambda s: s.quantile(0.3),
            "mean": lambda s: s.mean(),
            "mode": lambda s: s.mode().iloc[0] if s.notna().any() else NAN,
        }.items():
            if strategy in ("mean", "quantile") and np.isinf(series).any():
                continue
            by_group = groups.transform(of)
            filled = series.fillna(by_group).fillna(of(series))
            cases.append(dict(name=name, strategy=strategy, keys=KEYS, values=values, filled=filled.tolist()))
    return cases


def winsorized(values, method, fold):
    """The fences of feature-engine, which takes no infinities and refuses columns without spread."""
    frame = pd.DataFrame({"x": values})
    caps = Winsorizer(method, tail="both", fold=fold, missing_values="ignore").fit(frame)
    trimmer = OutlierTrimmer(method, tail="both", fold=fold, missing_values="ignore").fit(frame)
    return dict(
        lower=float(caps.left_tail_caps_["x"]),
        upper=float(caps.right_tail_caps_["x"]),
        capped=caps.transform(frame)["x"].tolist(),
        kept=trimmer.transform(frame).index.tolist(),
    )


def fences():
    cases = []
    tables = NUMBERS | {"spread": [3.0, 1.0, NAN, 4.0, 1.5, 9.0, 2.6, 5.0, 35.0, -80.0, 7.0]}
    for name, values in tables.items():
        series = pd.Series(values)
        present = series.dropna()
        if np.isinf(series).any():
            continue
        for method, fold in [("iqr", 1.5), ("quantiles", 0.1), ("gaussian", 1.5), ("mad", 2.0)]:
            case = dict(name=name, method=method, fold=fold, values=values, rows=len(present))
            try:
                cases.append(case | winsorized(values, method, fold))
            except ValueError as error:
                assert "low variation" in str(error), error
        # Sample standard deviation, and SciPy's MAD over the constant of Iglewicz and Hoaglin.
        median, mad = present.median(), median_abs_deviation(present)
        pairs = {"modified_z": (median, mad / 0.6745)}
        if len(present) > 1:
            pairs["z"] = (present.mean(), present.std(ddof=1))
        for method, (middle, scale) in pairs.items():
            assert not math.isnan(scale)
            lower, upper = middle - 1.5 * scale, middle + 1.5 * scale
            cases.append(dict(name=name, method=method, fold=1.5, values=values, rows=len(present),
                              lower=float(lower), upper=float(upper)))
    return cases


def grouped_fences():
    """Tukey's fences of each group of the plain table, null a group of its own."""
    series = pd.Series(TABLES["plain"])
    cases = []
    for key, group in series.groupby(pd.Series(KEYS, dtype="object"), dropna=False):
        if group.notna().any():
            q1, q3 = group.quantile(0.25), group.quantile(0.75)
            cases.append(dict(key=None if pd.isna(key) else key, lower=q1 - (q3 - q1), upper=q3 + (q3 - q1)))
    cases.sort(key=lambda case: (case["key"] is not None, case["key"] or ""))
    return dict(keys=KEYS, values=TABLES["plain"], groups=cases)


if __name__ == "__main__":
    write("statistics", dict(fills=fills(), fences=fences(), grouped_fences=grouped_fences()))
