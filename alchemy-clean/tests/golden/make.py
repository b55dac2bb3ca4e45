"""Writes the golden files beside this script; see README.md."""

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer

HERE = Path(__file__).parent
INF, NAN = math.inf, math.nan


def plain(value):
    """JSON has no infinity, and missing is null."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if isinstance(value, np.generic):
        return plain(value.item())
    return value


def write(name, cases):
    text = json.dumps(plain(cases), indent=1, ensure_ascii=False, allow_nan=False)
    (HERE / f"{name}.json").write_text(text + "\n")


NUMBERS = {
    "odd": [3.0, 1.0, 2.0],
    "even": [4.0, 1.0, 3.0, 2.0],
    "nulls": [NAN, 5.0, NAN, 1.0, 9.5, NAN],
    "ties": [2.0, 1.0, 2.0, 1.0, 3.0],
    "one_row": [7.25],
    "one_value": [NAN, NAN, -3.5],
    "infinities": [INF, 1.0, 2.0, INF, NAN, 0.5, -INF, 3.0],
    "upper_infinity": [1.0, INF, 2.0, INF],
    "constant": [0.1] * 7,
    "cancelling": [1e16, 1.0, -1e16, 0.1, 0.2],
    "decimals": [0.1, 0.7, 1.3, 2.9, 3.3, 4.7, 8.9, 100.1],
}


def exact_mean(values):
    """The mean rounded once, as the fractions module has it; pandas must agree to rounding."""
    present = [value for value in values if not math.isnan(value)]
    if any(map(math.isinf, present)):
        return float(np.mean(present))
    mean = float(sum(map(Fraction, present)) / len(present))
    assert math.isclose(mean, pd.Series(values).mean(), rel_tol=1e-12, abs_tol=0.3)
    return mean


def impute():
    cases = []
    for name, values in NUMBERS.items():
        series = pd.Series(values)
        expected = {"median": series.median(), "mean": exact_mean(values), "mode": series.mode()[0]}
        if not np.isinf(series).any():
            for ours, theirs in [("median", "median"), ("mode", "most_frequent")]:
                fitted = SimpleImputer(strategy=theirs).fit(series.to_frame())
                assert fitted.statistics_[0] == expected[ours], (name, ours)
        for strategy, fill in expected.items():
            if not math.isnan(fill):
                filled = series.fillna(fill).tolist()
                cases.append(dict(name=name, strategy=strategy, values=values, fill=fill, filled=filled))
    for name, values in {
        "text": ["b", "a", None, "b", "a", "c"],
        "accents": ["é", "e", "é", "z"],
        "empty_text": ["", None, ""],
        "one_row_of_text": ["x"],
    }.items():
        fill = pd.Series(values, dtype="object").mode()[0]
        filled = pd.Series(values, dtype="object").fillna(fill).tolist()
        cases.append(dict(name=name, strategy="mode", values=values, fill=fill, filled=filled))
    write("impute", cases)


def outlier():
    cases = []
    for name, values in NUMBERS.items():
        series = pd.Series(values)
        if np.isinf(series).any():
            continue
        q1, q3 = series.quantile(0.25), series.quantile(0.75)
        for k in [0.0, 1.5, 3.0]:
            lower, upper = q1 - k * (q3 - q1), q3 + k * (q3 - q1)
            capped = series.clip(lower, upper).tolist()
            cases.append(dict(name=name, k=k, values=values, lower=lower, upper=upper, capped=capped))
    write("outlier", cases)


KEYS = ["a", "b", "a", None, "a", "b", None, "a", "b", "a"]
SERIES = [NAN, 1.0, 2.0, 5.0, NAN, NAN, NAN, NAN, -INF, 8.0]
MINUTES = [0, 1, 3, 4, 7, 8, 20, 21, 30, 31]


def forward_fill():
    frame = pd.DataFrame({"key": KEYS, "value": SERIES})
    cases = []
    for limit in [None, 1, 2]:
        for by_key in [False, True]:
            values = frame.groupby("key", dropna=False)["value"] if by_key else frame["value"]
            cases.append(dict(by_key=by_key, limit=limit, keys=KEYS, values=SERIES, filled=values.ffill(limit=limit).tolist()))
    write("forward_fill", cases)


def interpolate():
    finite = [NAN if math.isinf(value) else value for value in SERIES]
    frame = pd.DataFrame({"key": KEYS, "value": finite}, index=pd.to_datetime(MINUTES, unit="m"))

    def along(series):
        return series.interpolate(method="time", limit_area="inside")

    by_key = frame.groupby("key", dropna=False)["value"].transform(along).tolist()
    base = dict(minutes=MINUTES, keys=KEYS, values=finite)
    write("interpolate", [
        dict(base, by_key=False, filled=along(frame["value"]).tolist()),
        dict(base, by_key=True, filled=by_key),
    ])


def duplicates():
    frame = pd.DataFrame({
        "id": [1, 2, 1, 3, None, None, 2, 4],
        "name": ["x", "y", "x", None, None, None, "Y", "z"],
    })
    cases = []
    for columns in [["id"], ["name"], ["id", "name"]]:
        for keep in ["first", "last", False]:
            kept = (~frame.duplicated(subset=columns, keep=keep)).tolist()
            cases.append(dict(columns=columns, keep=str(keep).lower(), kept=kept))
    write("duplicates", dict(id=frame["id"].tolist(), name=frame["name"].tolist(), cases=cases))


def numbers():
    cells = ["1", "-2.5", " 7 ", "+3", "1e3", "1E-3", ".5", "5.", "", " ", "abc", "1,000", "$5", "12%",
             "0x10", "1 2", "--1", "1e", "٣", "007", "9007199254740993", "1e308", "0.1", None]
    write("number", [dict(cell=cell, number=pd.to_numeric(pd.Series([cell], dtype="object"), errors="coerce")[0]) for cell in cells])


def timestamps():
    cases = []
    for format, cells in {
        "%Y-%m-%d": ["2024-02-29", "2023-02-29", "2024-13-01", "2024-1-5", "24-01-05", "2024-01-05 ", "1969-12-31", "x"],
        "%d/%m/%Y": ["31/12/2024", "12/31/2024", "1/2/2024"],
        "%Y-%m-%d %H:%M:%S": ["2024-05-31 17:30:05", "2024-05-31 24:00:00", "2024-05-31", "2024-05-31 17:30:05.5"],
        "%d %b %Y %I:%M %p": ["03 Jul 2011 12:05 AM", "03 Jul 2011 12:05 PM", "03 Foo 2011 12:05 PM"],
    }.items():
        for cell in cells:
            time = pd.to_datetime(pd.Series([cell.strip()]), format=format, errors="coerce")[0]
            micros = None if time is pd.NaT else int(time.value // 1000)
            cases.append(dict(format=format, cell=cell, micros=micros))
    write("timestamp", cases)


def text():
    cells = ["  Hello   World ", "STRASSE straße", "ÉCOLE", "ΟΔΥΣΣΕΥΣ", "new-york (usa)", "\tTab\u00a0nbsp\n", "", "   ",
             "ﬁn ǰ", "İstanbul", "abc"]
    series = pd.Series(cells, dtype="object")  # not Arrow's strings, which know one-to-one cases only
    write("text", dict(
        cells=cells,
        trim=series.str.strip().tolist(),
        collapse=series.str.replace(r"\s+", " ", regex=True).tolist(),
        lower=series.str.lower().tolist(),
        upper=series.str.upper().tolist(),
        fold=series.str.casefold().tolist(),
        title=[cell.title() if not {"İstanbul", "ΟΔΥΣΣΕΥΣ"} & {cell} else None for cell in cells],
    ))


for produce in [impute, outlier, forward_fill, interpolate, duplicates, numbers, timestamps, text]:
    produce()
