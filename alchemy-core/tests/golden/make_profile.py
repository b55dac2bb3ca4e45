"""Writes profile.json: a table, what pandas describes of it, and what scikit-learn and numpy find of its features."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

PERCENTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]


def table() -> pd.DataFrame:
    rng = np.random.default_rng(20261126)
    rows = 400
    level = rng.choice(3, rows, p=[0.5, 0.3, 0.2])
    load = np.round(rng.lognormal(0.0, 1.0, rows) + level, 3)
    count = rng.poisson(4.0, rows)
    failed = load + rng.normal(0.0, 1.0, rows) > 2.0
    city = np.array(["Oslo", "Rome", "Lima"])[level]
    return pd.DataFrame({
        "load": np.where(rng.random(rows) < 0.05, np.nan, load),
        "count": count,
        "offset": 1e9 + np.round(rng.normal(0.0, 1.0, rows), 6),
        "city": np.where(rng.random(rows) < 0.1, None, city),
        "failed": failed,
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, rows), unit="D"),
    })


def plain(value):
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, (np.integer, np.floating, np.bool_)):
        return value.item()
    return value if isinstance(value, (int, float, bool)) else str(value)


def described(frame: pd.DataFrame) -> dict:
    found = frame.describe(include="all", percentiles=PERCENTILES)
    return {
        column: {figure: plain(value) for figure, value in found[column].items() if plain(value) is not None}
        for column in found.columns
    }


def epsilon(numbers: pd.Series, classes: pd.Series) -> float:
    """The corrected correlation ratio, as adjusted R squared of the regression on dummies."""
    complete = numbers.notna() & classes.notna()
    y, dummies = numbers[complete].to_numpy(float), pd.get_dummies(classes[complete]).to_numpy(float)
    coefficients, *_ = np.linalg.lstsq(dummies, y, rcond=None)
    residual = ((y - dummies @ coefficients) ** 2).sum()
    r2 = 1.0 - residual / ((y - y.mean()) ** 2).sum()
    n, k = dummies.shape
    return float(np.sqrt(max(0.0, 1.0 - (1.0 - r2) * (n - 1) / (n - k))))


def main() -> None:
    frame = table()
    known = frame["load"].notna()
    target = "failed"
    # A correlation does not depend on an offset, but floating-point sums do.
    centred = frame[["load", "count", "offset"]].assign(offset=frame["offset"] - 1e9)
    golden = {
        "columns": {
            column: [plain(value) for value in frame[column]] if column != "day"
            else [int((value - pd.Timestamp("1970-01-01")).days) for value in frame[column]]
            for column in frame.columns
        },
        "describe": described(frame),
        "missing": [[name, int(count)] for name, count in frame.isna().sum().sort_values(ascending=False, kind="stable").items()],
        "correlation_ratio": {column: epsilon(frame[column].astype(float), frame[target]) for column in ["load", "count", "offset"]},
        "ratio_of_city_and_load": epsilon(frame["load"], frame["city"]),
        "auc": {
            "load": roc_auc_score(frame[target][known], frame["load"][known]),
            "count": roc_auc_score(frame[target], frame["count"]),
        },
        "correlations": {
            method: centred.corr(method=method).values.tolist()
            for method in ["pearson", "spearman", "kendall"]
        },
        "five_numbers": frame.groupby("failed")["load"].quantile([0.0, 0.25, 0.5, 0.75, 1.0]).unstack().values.tolist(),
    }
    Path(__file__).with_name("profile.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
