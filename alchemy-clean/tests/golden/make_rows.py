"""Makes rows.json: rows and columns left out, as pandas does it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

FRAMES = {
    "mixed": pd.DataFrame({
        "x": [1.0, np.nan, np.inf, np.nan, -0.5, 7.0, np.nan],
        "y": [np.nan, np.nan, 2.0, np.nan, 3.0, np.nan, 0.0],
        "s": pd.Series(["a", None, "", None, None, "b", "c"], dtype="object"),
        "none": [np.nan] * 7,
    }),
    "one_row": pd.DataFrame({"x": [np.nan], "s": pd.Series(["a"], dtype="object")}),
    "full": pd.DataFrame({"x": [1.0, 2.0], "y": [0.0, -np.inf]}),
}

BEST = pd.DataFrame({
    "key": pd.Series(["a", "b", "a", None, "b", "a", None, "c", "b"], dtype="object"),
    "value": [2.0, np.nan, 5.0, np.nan, -np.inf, 5.0, np.nan, 1.0, 3.0],
    "text": pd.Series(["x", None, "X", "y", "é", "z", "ab", "", "e"], dtype="object"),
})


def plain(frame):
    def cell(value):
        if value is None or value != value:
            return None
        return str(value) if value in (np.inf, -np.inf) else value
    return {name: [cell(value) for value in frame[name]] for name in frame}


def kept(frame, **options):
    return frame.index.isin(frame.dropna(**options).index).tolist()


def rows(frame):
    cases = []
    for subset in [list(frame), list(frame)[:1], list(frame)[:3]]:
        cases.append(dict(rule="any", subset=subset, kept=kept(frame, how="any", subset=subset)))
        cases.append(dict(rule="all", subset=subset, kept=kept(frame, how="all", subset=subset)))
        for present in range(len(subset) + 1):
            case = dict(rule="present", present=present, subset=subset)
            cases.append(dict(case, kept=kept(frame, thresh=present, subset=subset)))
    return cases


def columns(frame):
    # A column without a value goes whatever the threshold is, so the threshold is at least one value.
    count = len(frame)
    return [
        dict(present=present, of=count, kept=list(frame.dropna(axis=1, thresh=present)))
        for present in range(1, count + 1)
    ]


def best():
    cases = []
    for column in ["value", "text"]:
        for keep, ascending in [("largest", False), ("smallest", True)]:
            order = BEST.sort_values(column, ascending=ascending, kind="stable", na_position="last")
            index = order.drop_duplicates("key").index
            cases.append(dict(keep=keep, column=column, kept=BEST.index.isin(index).tolist()))
    return dict(frame=plain(BEST), cases=cases)


def counts():
    counted = BEST["key"].value_counts(dropna=False)
    counted = counted[counted > 1]
    return {"null" if key is None or key != key else key: int(count) for key, count in counted.items()}


golden = dict(
    frames=[dict(name=name, frame=plain(frame), rows=rows(frame), columns=columns(frame)) for name, frame in FRAMES.items()],
    best=best(),
    counts=counts(),
)
path = Path(__file__).with_name("rows.json")
path.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
