"""Writes the golden files beside this script; see README.md."""

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

HERE = Path(__file__).parent


def cell(value):
    """JSON has no infinity, and null stands for what is missing."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or value is pd.NaT or math.isnan(value):
        return None
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value.item() if isinstance(value, np.generic) else value


def write(name, columns):
    cells = {column: [cell(value) for value in values] for column, values in columns.items()}
    text = ",\n".join(f"{json.dumps(column)}: {json.dumps(values)}" for column, values in cells.items())
    (HERE / name).write_text("{\n" + text + "\n}\n")


def series(rows=120):
    """Values with ties, a tenth missing, of three hosts in turn but for some repeats."""
    rng = np.random.default_rng(7)
    host = np.array(["a", "b", "c"])[np.where(rng.random(rows) < 0.2, 0, np.arange(rows) % 3)]
    cpu = np.round(rng.normal(50, 20, rows), 1)
    cpu[20:26] = 42.0
    cpu[rng.random(rows) < 0.1] = np.nan
    return pd.DataFrame({"host": host, "cpu": cpu})


def lag():
    table = series()
    columns = {"host": table.host, "cpu": table.cpu}
    for k in (1, 3, 6):
        columns[f"all_{k}"] = table.cpu.shift(k)
        columns[f"host_{k}"] = table.groupby("host").cpu.shift(k)
    write("lag.json", columns)


STATISTICS = {
    "sum": lambda w: w.sum(),
    "mean": lambda w: w.mean(),
    "std_dev": lambda w: w.std(),
    "min": lambda w: w.min(),
    "max": lambda w: w.max(),
    "median": lambda w: w.median(),
    "quantile_0.9": lambda w: w.quantile(0.9),
}


def rolling():
    table = series()
    columns = {"host": table.host, "cpu": table.cpu}
    for name, of in STATISTICS.items():
        # The rows before each row, the rows that end three back, and those up to the row.
        columns[f"past_{name}"] = of(table.cpu.shift(1).rolling(5, min_periods=3))
        columns[f"ending_{name}"] = of(table.cpu.shift(3).rolling(4))
        columns[f"current_{name}"] = of(table.cpu.rolling(5, min_periods=1))
        columns[f"host_{name}"] = table.groupby("host").cpu.transform(
            lambda x: of(x.shift(1).rolling(5, min_periods=2))
        )
    write("rolling.json", columns)


def rolling_infinity():
    """pandas takes infinities for missing here, so each window is computed by itself, with numpy."""
    inf = math.inf
    x = np.array([1, 2, inf, 4, 5, 6, -inf, 8, inf, 9, 1, 1, -inf, -inf, 2, 3, inf, inf, 4, 5])
    columns = {"x": x}
    windows = [x[t - 3 : t] if t >= 3 else None for t in range(len(x))]

    def each(of):
        with np.errstate(all="ignore"):
            return [math.nan if w is None else of(w) for w in windows]

    columns["mean"] = each(np.mean)
    columns["std_dev"] = each(lambda w: np.std(w, ddof=1))
    columns["min"] = each(np.min)
    columns["max"] = each(np.max)
    columns["median"] = each(np.median)
    write("rolling_infinity.json", columns)


def rolling_exact():
    """Windows of values that cancel, in rational arithmetic, rounded at the end."""
    rng = np.random.default_rng(3)
    x = rng.normal(0, 1, 60)
    x[10], x[11], x[30], x[45] = 1e17, -1e17, 1e-300, 3e8
    length = 6

    def each(of):
        return [
            math.nan if t < length else of([Fraction(v) for v in x[t - length : t]])
            for t in range(len(x))
        ]

    def std_dev(w):
        mean = sum(w) / len(w)
        variance = sum((v - mean) ** 2 for v in w) / (len(w) - 1)
        # The square root to 80 digits, as an integer.
        scale = 10**80
        return float(Fraction(math.isqrt(int(variance * scale**2)), scale))

    write(
        "rolling_exact.json",
        {
            "x": x,
            "sum": each(lambda w: float(sum(w))),
            "mean": each(lambda w: float(sum(w) / len(w))),
            "std_dev": each(std_dev),
        },
    )


def calendar():
    rng = np.random.default_rng(5)
    seconds = rng.integers(-3_000_000_000, 7_000_000_000, 300)
    edges = ["1969-12-31 23:59:59", "1970-01-01", "2000-02-29 12:00", "1900-03-01", "2100-02-28 23:59:59"]
    edges += ["2020-12-31", "2021-01-03 23:00", "2024-12-30", "2016-01-01", "2004-12-31 00:00:01"]
    stamps = pd.DatetimeIndex(edges).append(pd.DatetimeIndex(pd.to_datetime(seconds, unit="s")))
    stamps = pd.Series(stamps.as_unit("s"))
    columns = {"seconds": stamps.astype("int64")}
    for zone, local in (
        ("utc", stamps.dt.tz_localize("UTC")),
        ("east", stamps.dt.tz_localize("UTC").dt.tz_convert("+05:30")),
    ):
        part = local.dt
        for name, values in {
            "second": part.second,
            "minute": part.minute,
            "hour": part.hour,
            "day_of_week": part.day_of_week,
            "is_weekend": (part.day_of_week >= 5).astype("int32"),
            "day_of_month": part.day,
            "day_of_year": part.day_of_year,
            "iso_week": part.isocalendar().week,
            "month": part.month,
            "quarter": part.quarter,
            "year": part.year,
        }.items():
            columns[f"{zone}_{name}"] = values
    write("calendar.json", columns)


def encoders():
    plan = ["pro", "free", None, "Zoo", "free", "team", "", "pro", "ärger", None]
    size = [10, 2, -1, 2, 10, 33, -1, 2, 2, 10]
    columns = {"plan": plan, "size": size}
    for level, flags in pd.get_dummies(pd.Series(plan)).items():
        columns[f"plan={level}"] = flags.astype("uint8")
    for level, flags in pd.get_dummies(pd.Series(size)).items():
        columns[f"size={level}"] = flags.astype("uint8")
    for name, values in (("plan", plan), ("size", size)):
        column = np.array([np.nan if v is None else v for v in values], dtype=object).reshape(-1, 1)
        columns[f"{name}_code"] = OrdinalEncoder(encoded_missing_value=np.nan).fit_transform(column).ravel()
    write("encoders.json", columns)


def standard_scaler():
    rng = np.random.default_rng(11)
    x = rng.normal(5, 3, 50)
    x[[3, 17]] = np.nan
    constant = np.full(50, 0.25)
    whole = rng.integers(-5, 1000, 50)
    columns = {"x": x, "constant": constant, "whole": whole}
    for name in list(columns):
        values = columns[name].astype(float)
        scaled = StandardScaler().fit_transform(values.reshape(-1, 1)).ravel()
        columns[f"{name}_population"] = scaled
        spread = np.nanstd(values, ddof=1)
        columns[f"{name}_sample"] = (values - np.nanmean(values)) / (spread if spread > 1e-12 else 1)
    write("standard_scaler.json", columns)


for make in (lag, rolling, rolling_infinity, rolling_exact, calendar, encoders, standard_scaler):
    make()
