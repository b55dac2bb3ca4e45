"""Writes objectives.json: what LightGBM makes of each objective.

`exact` has predictions for the first 1000 rows of trees.csv, which it learned from: features have fewer distinct values than
bins, so that every implementation sees the same candidate splits. Where hessians differ, LightGBM takes each bin's share of the
hessian, rounded to whole rows, for its rows, and looks no further along a feature once these come to more than the node has. So
leaves are bounded by their hessian, by enough that a side is never lost to rounding, and the finest feature is left out: its 200
bins would hold a row each. `init` has probabilities for LightGBM's own example files,
over the scores that come with them. `bike` has losses on the last rows of the bike table, learned from the others. Both read
the data sets under the folder that ALCHEMY_DATA names.
"""

import json
import os
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

ROWS = 1000
here = Path(__file__)
data = Path(os.environ["ALCHEMY_DATA"])
rng = np.random.default_rng(5)

table = pd.read_csv(here.with_name("trees.csv")).head(ROWS)
X = table[["x0", "x1", "x3"]]
y = table["y"]
mean = np.exp(y)
targets = {
    "count": rng.poisson(mean).astype(float),
    "amount": (mean * rng.gamma(2.0, 0.5, ROWS)).round(3).clip(0.001),
}
targets["claims"] = np.where(rng.random(ROWS) < 0.6, 0.0, targets["amount"])
shared = dict(
    num_leaves=15, max_bin=255, min_data_in_bin=1, enable_bundle=False, deterministic=True, force_row_wise=True,
    num_threads=1, verbose=-1, learning_rate=0.1,
)


def train(X, y, rounds, params, **columns):
    return lgb.train({**shared, **params}, lgb.Dataset(X, y, **columns), rounds)


exact = {
    "huber": ("y", dict(objective="huber", alpha=0.3)),
    "poisson": ("count", dict(objective="poisson")),
    "gamma": ("amount", dict(objective="gamma")),
    "tweedie": ("claims", dict(objective="tweedie", tweedie_variance_power=1.3)),
}
predictions = {}
for name, (target, params) in exact.items():
    column = y if target == "y" else targets[target]
    limits = dict(min_sum_hessian_in_leaf=40.0, min_data_in_leaf=0)
    predictions[name] = train(X, column, 100, {**params, **limits}).predict(X).round(9).tolist()

folder = data / "gbdt" / "lightgbm"
parts = {part: pd.read_csv(folder / f"binary.{part}", sep="\t", header=None) for part in ("train", "test")}
init = {part: np.loadtxt(folder / f"regression.{part}.init") for part in ("train", "test")}
inner, outer = parts["train"], parts["test"]
over = {}
for name, params in {"binary": dict(objective="binary"), "regression": dict(objective="regression")}.items():
    model = train(inner.iloc[:, 1:], inner[0], 50, {**params, "num_leaves": 31}, init_score=init["train"])
    raw = model.predict(outer.iloc[:, 1:], raw_score=True) + init["test"]
    if name == "binary":
        p = 1 / (1 + np.exp(-raw))
        over[name] = float(-np.mean(np.where(outer[0] > 0, np.log(p), np.log(1 - p))))
    else:
        over[name] = float(np.sqrt(np.mean((raw - outer[0]) ** 2)))

bike = pd.read_csv(data / "bike" / "hour.csv")
features = ["season", "mnth", "hr", "holiday", "weekday", "workingday", "weathersit", "temp", "atemp", "hum", "windspeed"]
held_out = np.arange(len(bike)) % 5 == 4
inner, outer = bike[~held_out], bike[held_out]


def deviance(y, mu, p):
    if p == 1:
        return 2 * np.mean(np.where(y > 0, y * np.log(np.maximum(y, 1e-300) / mu), 0) - y + mu)
    if p == 2:
        return 2 * np.mean(y / mu - 1 - np.log(y / mu))
    return 2 * np.mean(y ** (2 - p) / ((1 - p) * (2 - p)) - y * mu ** (1 - p) / (1 - p) + mu ** (2 - p) / (2 - p))


def pinball(q):
    return lambda y, f: np.mean(np.maximum(q * (y - f), (q - 1) * (y - f)))


def huber(delta):
    def loss(y, f):
        error = np.abs(y - f)
        return np.mean(np.where(error <= delta, error**2 / 2, delta * (error - delta / 2)))

    return loss


losses = {
    "squared": (dict(objective="regression"), lambda y, f: np.sqrt(np.mean((y - f) ** 2))),
    "absolute": (dict(objective="regression_l1"), lambda y, f: np.mean(np.abs(y - f))),
    "huber": (dict(objective="huber", alpha=30.0), huber(30.0)),
    "quantile 0.1": (dict(objective="quantile", alpha=0.1), pinball(0.1)),
    "quantile 0.5": (dict(objective="quantile", alpha=0.5), pinball(0.5)),
    "quantile 0.9": (dict(objective="quantile", alpha=0.9), pinball(0.9)),
    "poisson": (dict(objective="poisson"), lambda y, f: deviance(y, f, 1)),
    "gamma": (dict(objective="gamma"), lambda y, f: deviance(y, f, 2)),
    "tweedie": (dict(objective="tweedie", tweedie_variance_power=1.5), lambda y, f: deviance(y, f, 1.5)),
}
bikes = {}
for name, (params, loss) in losses.items():
    model = train(inner[features], inner["cnt"], 100, {**params, "num_leaves": 31})
    bikes[name] = float(loss(outer["cnt"].to_numpy(float), model.predict(outer[features])))

golden = {
    "exact": {"targets": {name: column.tolist() for name, column in targets.items()}, "predictions": predictions},
    "init": over,
    "bike": bikes,
}
here.with_name("objectives.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(over, bikes)
