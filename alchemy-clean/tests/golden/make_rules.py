"""Writes rules.json beside this script; see README.md."""

import json
import math
from pathlib import Path

import pandas as pd

INF = math.inf

FRAME = pd.DataFrame(
    {
        "n": pd.array([2, -3, 0, None, 7, 5, -1, None, 120, 40], dtype="Int64"),
        "m": pd.array([1, 4, None, 3, 7, -5, 2, None, 9, 1], dtype="Int64"),
        "x": pd.array([1.5, -2.0, None, 0.1, INF, 1e300, -INF, 4.0, 0.3, None], dtype="Float64"),
        "y": pd.array([3.0, 0.2, 1.0, None, 2.0, 1e300, 1.0, -4.0, 0.1, None], dtype="Float64"),
        "s": pd.array(
            ["heartbeat 7", "disk full", None, "", "Heartbeat", "a.b", "axb", None, "ÄÖ heartbeat", "7"],
            dtype="string",
        ),
        "b": pd.array([True, False, None, True, False, None, True, False, None, True], dtype="boolean"),
        "c": pd.array([True, True, True, False, False, False, None, None, None, False], dtype="boolean"),
        "day": pd.to_datetime(
            ["2024-05-01", "2024-05-02", None, "1969-12-31", "2024-02-29", "2023-01-01", None, "2025-01-01",
             "2024-04-30", "1970-01-01"]
        ),
    }
)

# Expressions that `DataFrame.eval` reads too, with its `~`, `&` and `|` for our words.
SHARED = [
    "n < 0", "n <= m", "n == m", "n != m", "n > 0.5", "n >= 7", "x < y", "x > 0.1", "x == 0.1", "x < 1e300", "n > x",
    "n + m", "n - m * 2", "n * m - n", "(n + 1) * (m - 1)", "x + y", "x - y", "x * y", "x / y", "n / y", "x / 4 - 1",
    "n * y + m", "0 - x", "2 - n", "b and c", "b or c", "not b", "not (b and c)", "b or not c",
    "n < 0 or x > 0", "n < m and x < y", "not n < m", "n < 3 and (b or c)", "n * y == m", "x + y * 2 > n - 1",
]


def of_pandas(text):
    words = {"and": "&", "or": "|", "not": "~"}
    text = " ".join(words.get(word, word) for word in text.replace("(", "( ").replace(")", " )").split())
    # `&` binds more tightly than a comparison in Python; `and` does not, which eval reads as well, but not for missing.
    for operator in ("|", "&"):
        parts = text.split(f" {operator} ")
        if len(parts) > 1 and not text.startswith("~ (") and "(" not in text:
            text = f" {operator} ".join(f"({part})" for part in parts)
    if text.startswith("~ ") and "(" not in text:
        text = f"~ ({text[2:]})"
    if text == "n < 3 & ( b | c )":
        text = "(n < 3) & ( b | c )"
    return text


def known(result, *columns):
    """`result` where all of `columns` have a value: pandas says False for missing here."""
    for column in columns:
        result = result.astype("boolean").mask(FRAME[column].isna())
    return result


F = FRAME
OTHERS = {
    "s contains 'heartbeat'": F.s.str.contains("heartbeat", regex=False),
    "s not contains 'heartbeat'": ~F.s.str.contains("heartbeat", regex=False),
    "s starts_with 'a'": F.s.str.startswith("a"),
    "s ends_with 'b'": F.s.str.endswith("b"),
    "s matches 'a.b'": F.s.str.fullmatch("a.b"),
    "s matches '[0-9]+'": F.s.str.fullmatch("[0-9]+"),
    "s < 'b'": F.s < "b",
    "s == ''": F.s == "",
    "lower(s)": F.s.str.lower(),
    "lower(s) contains 'heartbeat'": F.s.str.lower().str.contains("heartbeat", regex=False),
    "length(s)": F.s.str.len(),
    "n in (2, 7, 120)": known(F.n.isin([2, 7, 120]), "n"),
    "s in ('a.b', '')": known(F.s.isin(["a.b", ""]), "s"),
    "n within [0, 120)": F.n.between(0, 120, inclusive="left"),
    "x within (0.1, 4.0]": F.x.between(0.1, 4.0, inclusive="right"),
    "n is missing": F.n.isna(),
    "x is not missing": F.x.notna(),
    "abs(n)": F.n.abs(),
    "abs(x)": F.x.abs(),
    "coalesce(x, y)": F.x.combine_first(F.y),
    "coalesce(n, 0)": F.n.fillna(0),
    "day < '2024-05-01'": known(F.day < "2024-05-01", "day"),
    "day within ['2024-02-29', '2024-05-01']": known(F.day.between("2024-02-29", "2024-05-01"), "day"),
    "if n > 0 then x else y": F.x.where((F.n > 0).fillna(False), F.y).mask(F.n.isna()),
}


def plain(value):
    """JSON has no infinity, and missing is null."""
    if pd.isna(value):
        return None
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def values(result):
    return [plain(value) for value in result.tolist()]


def main():
    cases = [
        {"expression": text, "values": values(FRAME.eval(of_pandas(text), engine="python"))} for text in SHARED
    ]
    cases += [{"expression": text, "values": values(result)} for text, result in OTHERS.items()]
    queries = ["n < 0", "x / y > 1", "b & c", "n < m"]
    kept = [
        {"expression": text.replace("&", "and"), "rows": FRAME.query(text, engine="python").index.tolist()}
        for text in queries
    ]
    columns = {name: values(FRAME[name]) for name in FRAME.columns if name != "day"}
    columns["day"] = [None if pd.isna(day) else day.strftime("%Y-%m-%d") for day in FRAME.day]
    text = json.dumps({"columns": columns, "cases": cases, "kept": kept}, ensure_ascii=False, allow_nan=False)
    (Path(__file__).parent / "rules.json").write_text(text.replace("}, {", "},\n {") + "\n")


if __name__ == "__main__":
    main()
