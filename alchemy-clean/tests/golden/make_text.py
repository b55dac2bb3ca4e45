"""Makes text_steps.json: steps on text by Python's re, pandas, unicodedata and feature_engine."""
import json
import pathlib
import unicodedata

import pandas as pd
from feature_engine.encoding import RareLabelEncoder


def listed(series):
    return [None if pd.isna(cell) else cell for cell in series.tolist()]


def column(cells):
    return pd.Series(cells, dtype="object")


CELLS = ["SKU-85123A", " tel. (020) 7946-0018 ", "a1b22c333", "", None, "Ünïcode ß 4٣", "x\ny 7", "no digit", "$5 and $6"]

replace = []
for pattern, theirs, ours in [
    (r"\d+", "#", "#"),
    (r"(\d)(\d*)", r"<\2\1>", "<$2$1>"),
    (r"\s+", " ", " "),
    (r"^\s+|\s+$", "", ""),
    (r"(?P<word>[a-z]+)", r"[\g<word>]", "[${word}]"),
    (r"\$", "USD", "USD"),
    (r"[aeiou]", r"\g<0>\g<0>", "$0$0"),
    (r"(?i)SKU|TEL", "$", "$$"),
]:
    replaced = column(CELLS).str.replace(pattern, theirs, regex=True)
    replace.append(dict(pattern=pattern.replace("?P<", "?<"), replacement=ours, cells=listed(replaced)))

extract = []
for pattern in [r"(\d+)", r"([a-z])(?:\d|$)", r"\((\d+)\)", r"([A-Z]+)-", r"(x)?", r"(.)$"]:
    extract.append(dict(pattern=pattern, cells=listed(column(CELLS).str.extract(pattern, expand=False))))

codes = ["m", "M", "f", "F ", None, "", "x", "m"]
pairs = [["m", "Male"], ["f", "Female"], ["M", "Mister"], ["", "None given"]]
mapped = listed(column(codes).map(dict(pairs)))

tokens = ["error", "N/A", "", "STRASSE"]
cells = ["ERROR", "error", "n/a ", "N / A", "", "  ", None, "Straße", "Errors", "ok"]
folded = {token.casefold() for token in tokens}
series = column(cells)
nulled = listed(series.mask(series.str.strip().str.casefold().isin(folded)))
exact = listed(series.mask(series.str.strip().isin(tokens)))

forms = ["é", "e\u0301", "ﬁ", "½", "Ａ", "①", "ｶﾞ", "한", "한", "ẛ̣", "\u00a0x", "\u2126", None]
normal = {form: [unicodedata.normalize(form, cell) if cell else None for cell in forms] for form in ["NFC", "NFKC"]}

train = list("aaaaaaabbbbccccdde") + ["f", None, None, ""]
score = ["a", "b", "c", "d", "e", "z", "", "other"]
rare = []
for tol in [0.0, 0.04, 0.05, 0.1, 0.2, 0.34, 1.0]:
    for most in [None, 1, 2, 4]:
        encoder = RareLabelEncoder(tol=tol, n_categories=1, max_n_categories=most, replace_with="other",
                                   missing_values="ignore", variables=["x"])
        encoder.fit(pd.DataFrame({"x": column(train)}))
        out = encoder.transform(pd.DataFrame({"x": column(score)}))["x"]
        rare.append(dict(min_share=tol, max_levels=most, cells=listed(out)))

path = pathlib.Path(__file__).with_name("text_steps.json")
path.write_text(json.dumps(dict(
    cells=CELLS, replace=replace, extract=extract,
    map=dict(pairs=pairs, cells=codes, mapped=mapped),
    null_tokens=dict(tokens=tokens, cells=cells, nulled=nulled, exact=exact),
    normal=dict(cells=forms, **normal),
    rare=dict(train=train, score=score, cases=rare),
), indent=1) + "\n")
