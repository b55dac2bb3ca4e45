"""Writes fills.json beside this script; see README.md."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
INF, NAN = math.inf, math.nan

KEYS = ["a", "a", "b", None, "a", "b", "b", None, "a", None, "c", "a", "b", "c", "b", "c"]
# Two rows of one minute, and gaps of different length.
MINUTES = [0, 1, 3, 4, 7, 8, 20, 21, 30, 31, 45, 46, 60, 61, 62, 90]
FLOATS = [0.1, -3.5, 7.0, -0.25, 2.5, -0.5, -19.0, 0.25, 3.5, 8.0, 8.5, 13.0, 13.5, 14.0, 21.0, 34.0]

SERIES = {
    "gaps": [NAN, 1.0, NAN, NAN, 4.0, NAN, NAN, NAN, 0.5, NAN, 2.0, 2.0, NAN, -1.0, NAN, NAN],
    "infinite": [INF, NAN, NAN, 1.0, NAN, -INF, NAN, 2.0, NAN, NAN, INF, NAN, INF, NAN, 0.0, NAN],
    "empty": [NAN] * 16,
    "full": [float(row % 5) for row in range(16)],
    "first": [3.0] + [NAN] * 15,
    "last": [NAN] * 15 + [3.0],
    "one": [NAN],
    "one_value": [1.5],
}
TYPED = {
    "text": pd.Series([None, "x", None, "", None, None, "y", None, "z", None, None, None, "x", None, None, "w"], dtype="object"),
    "flag": pd.Series([None, True, None, None, False, None, None, None, None, True, None, None, None, False, None, None], dtype="boolean"),
    "integer": pd.Series([2**63 - 1, None, 2**53 + 1, None, None, -(2**63), None, 0, None, None, None, 5, None, None, None, 6], dtype="Int64"),
}


def plain(value):
    """JSON has no infinity, and missing is null."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if isinstance(value, np.generic):
        return plain(value.item())
    return value


def carried():
    columns = {name: pd.Series(values) for name, values in SERIES.items()} | TYPED
    for name, series in columns.items():
        kind = name if name in TYPED else "number"
        keys = KEYS[: len(series)]
        for limit in [None, 1, 2]:
            for by_key in [False, True]:
                frame = pd.DataFrame({"key": keys, "x": series})
                x = frame.groupby("key", dropna=False)["x"] if by_key else frame["x"]
                yield dict(
                    name=name, kind=kind, keys=keys, by_key=by_key, limit=limit, values=series.tolist(),
                    forward=x.ffill(limit=limit).tolist(), backward=x.bfill(limit=limit).tolist(),
                )


def interpolated():
    for name, values in SERIES.items():
        if name == "infinite":
            # NumPy has no line to an infinity: it gives the one or NaN by the place.
            continue
        size = len(values)
        for along, index in {
            "rows": None,
            "time": pd.to_datetime(MINUTES[:size], unit="m"),
            "number": sorted(FLOATS[:size]),
        }.items():
            for method in ["linear", "nearest"]:
                known = sum(not math.isnan(value) for value in values)
                if method == "nearest" and known < 2:
                    # SciPy wants two points.
                    continue
                for by_key in [False, True]:
                    if by_key and method == "nearest":
                        continue
                    for limit in [None, 1, 2]:
                        for direction in ["forward", "backward", "both"]:
                            for area in [None, "inside"]:
                                if method == "nearest" and area is None:
                                    # SciPy's nearest does not reach beyond the ends.
                                    continue
                                pandas = {"rows": "linear", "time": "time", "number": "index"}[along]
                                if method == "nearest":
                                    pandas = "nearest"

                                def along_it(series):
                                    return series.interpolate(
                                        method=pandas, limit=limit, limit_direction=direction, limit_area=area
                                    )

                                frame = pd.DataFrame({"key": KEYS[:size], "x": values}, index=index)
                                filled = (
                                    frame.groupby("key", dropna=False)["x"].transform(along_it)
                                    if by_key
                                    else along_it(frame["x"])
                                )
                                yield dict(
                                    name=name, along=along, method=method, by_key=by_key, limit=limit,
                                    direction=direction, ends=area is None, filled=filled.tolist(),
                                )


text = json.dumps(
    plain(dict(
        keys=KEYS, minutes=MINUTES, floats=sorted(FLOATS), series=SERIES,
        carried=list(carried()), interpolated=list(interpolated()),
    )),
    ensure_ascii=False, allow_nan=False,
)
text = text.replace('{"name"', '\n{"name"')
(HERE / "fills.json").write_text(text + "\n")
