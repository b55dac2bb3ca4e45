"""Writes knn.json and iterative.json: what scikit-learn's KNNImputer and IterativeImputer make of tables with gaps.

The tables of knn.json have no two rows equally near where it matters, but for those in which equally near rows hold the
same value: which of them scikit-learn takes is arbitrary. Its own distance is an expanded square, x² - 2xy + y², and finds other
neighbours among numbers far from 0; where it does, the distance is handed to it as a sum of squared differences.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer
from sklearn.linear_model import Ridge

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
nan = np.nan


def cells(table):
    return [[None if np.isnan(x) else float(x) for x in row] for row in np.asarray(table, float)]


def gaps(rng, table, share):
    table = table.copy()
    table[rng.random(table.shape) < share] = nan
    table[0] = np.where(np.isnan(table[0]), 0.25, table[0])
    return table


def write(name, cases):
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / name).write_text(f"[\n{lines}\n]\n")


def differences(x, y, missing_values=nan):
    both = ~np.isnan(x) & ~np.isnan(y)
    if not both.any():
        return nan
    return np.sqrt(len(x) / both.sum() * ((x - y)[both] ** 2).sum())


def knn():
    rng = np.random.default_rng(5)
    base = rng.normal(size=(40, 1)) + rng.normal(size=(40, 4))
    tables = {
        "a few gaps": gaps(rng, base, 0.1),
        "many gaps": gaps(rng, base, 0.5),
        "rows with nothing observed": np.vstack([gaps(rng, base[:20], 0.3), np.full((2, 4), nan)]),
        "one column complete": np.column_stack([base[:15, 0], gaps(rng, base[:15, 1:], 0.4)]),
        "large and small units": gaps(rng, base[:25] * [1e6, 1.0, 1e-6, 1.0] + [1e7, 0.0, 0.0, -5.0], 0.2),
        "more columns than a step": gaps(rng, rng.normal(size=(30, 11)), 0.15),
        "one row": np.array([[1.5, 2.5, -3.0]]),
        "equal rows of equal value": np.array([[0, 7.0], [0, 7.0], [0, 7.0], [3, 1.0], [0, nan], [9, 2.0]]),
        "one column": np.array([[1.0], [nan], [4.0]]),
        "no column in common": np.array([[1.0, nan], [nan, 5.0], [3.0, nan], [nan, 8.0]]),
    }
    new = np.vstack([gaps(rng, rng.normal(size=(8, 4)), 0.4), np.full((1, 4), nan)])
    for name, table in tables.items():
        for neighbors in [1, 3, 5, 100]:
            for weights in ["uniform", "distance"]:
                metric = differences if name == "large and small units" else "nan_euclidean"
                fitted = KNNImputer(n_neighbors=neighbors, weights=weights, metric=metric).fit(table)
                case = {
                    "name": name, "neighbors": neighbors, "weights": weights,
                    "table": cells(table), "filled": cells(fitted.transform(table)),
                }
                if name in ("a few gaps", "many gaps"):
                    case |= {"new": cells(new), "new_filled": cells(fitted.transform(new))}
                yield case


def iterative():
    rng = np.random.default_rng(6)
    base = rng.normal(size=(60, 1)) * [1.0, 2.0, -1.0, 0.5] + rng.normal(size=(60, 4)) * 0.3 + [0.0, 10.0, -5.0, 100.0]
    new = gaps(rng, base[:12] + 0.1, 0.4)
    new[3] = nan
    few, many = gaps(rng, base, 0.1), gaps(rng, base, 0.4)
    complete = np.column_stack([base[:, 0], gaps(rng, base[:, 1:], 0.2)])
    none = {"alpha": 1.0, "tol": 1e-3, "max_iter": 10, "initial": "mean", "min": None, "max": None}
    for name, table, options in [
        ("a few gaps", few, {}),
        ("many gaps", many, {"alpha": 0.1}),
        ("median", many, {"initial": "median"}),
        ("strong penalty", few, {"alpha": 50.0}),
        ("to the end", many, {"tol": 0.0, "max_iter": 5}),
        ("until hardly anything changes", few, {"tol": 1e-9, "max_iter": 100}),
        ("a complete column has a regression too", complete, {}),
        ("no gap in training", base, {}),
        ("bounds", many, {"min": -5.5, "max": 100.5}),
        ("no rounds", few, {"max_iter": 0}),
        ("two columns", many[:, :2], {}),
        ("one column", many[:, :1], {}),
        ("two rows", np.array([[1.0, 2.0, nan, 1.0], [3.0, nan, 5.0, 2.0]]), {}),
        ("one row", np.array([[1.0, 2.0, 3.0, 4.0]]), {}),
    ]:
        options = none | options
        imputer = IterativeImputer(
            estimator=Ridge(alpha=options["alpha"]), imputation_order="ascending", tol=options["tol"],
            max_iter=options["max_iter"], initial_strategy=options["initial"],
            min_value=-np.inf if options["min"] is None else options["min"],
            max_value=np.inf if options["max"] is None else options["max"],
        )
        filled = imputer.fit_transform(table)
        rows = new[:, : table.shape[1]]
        yield {
            "name": name, **options, "table": cells(table), "rounds": int(imputer.n_iter_), "filled": cells(filled),
            "new": cells(rows), "new_filled": cells(imputer.transform(rows)),
        }


write("knn.json", knn())
write("iterative.json", iterative())
