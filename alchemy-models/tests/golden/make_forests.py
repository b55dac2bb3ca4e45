"""Held-out scores of scikit-learn's forests, five seeds each, for `forests.json`.

    python make_forests.py BIKE_HOUR_CSV

The table is hourly bike rentals (UCI "Bike Sharing"); every fourth row is held out. Outliers are generated, in integers, so
that the test makes the same rows.
"""

import json
import sys

import numpy as np
import pandas as pd
import sklearn
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.metrics import log_loss, roc_auc_score

FEATURES = ["season", "mnth", "hr", "weekday", "workingday", "weathersit", "temp", "hum", "windspeed"]
SEEDS = range(5)
TREES = 50

table = pd.read_csv(sys.argv[1])
held_out = np.arange(len(table)) % 4 == 3
x, y = table[FEATURES].to_numpy(), table["cnt"].to_numpy(dtype=float)
busy = y > 142
train, test = x[~held_out], x[held_out]


def rmse(model):
    model.fit(train, y[~held_out])
    return float(np.sqrt(np.mean((model.predict(test) - y[held_out]) ** 2)))


def shares(model):
    model.fit(train, busy[~held_out])
    p = model.predict_proba(test)[:, 1]
    return [float(roc_auc_score(busy[held_out], p)), float(log_loss(busy[held_out], np.clip(p, 1e-3, 1 - 1e-3)))]


def outliers():
    """3000 rows of three features about a line, of which every fiftieth is off it."""
    rows = np.arange(3000)
    a = rows * 7919 % 1009
    b = (a + rows * 104729 % 211) % 1220
    c = rows * 15485863 % 509
    odd = rows % 50 == 7
    b = np.where(odd, 1400 - a, b)
    c = np.where(odd, 700 + rows * 31 % 97, c)
    return np.column_stack([a, b, c]).astype(float), odd


def isolation(seed):
    rows, odd = outliers()
    forest = IsolationForest(random_state=seed).fit(rows)
    scores = -forest.score_samples(rows)
    return [float(roc_auc_score(odd, scores)), float(scores.mean())]


golden = {
    "authority": f"scikit-learn {sklearn.__version__}",
    "num_trees": TREES,
    "forest_rmse": [rmse(RandomForestRegressor(TREES, max_features=1 / 3, random_state=s)) for s in SEEDS],
    "extra_rmse": [rmse(ExtraTreesRegressor(TREES, random_state=s)) for s in SEEDS],
    "forest_auc_log_loss": [
        shares(RandomForestClassifier(TREES, min_samples_leaf=5, random_state=s)) for s in SEEDS
    ],
    "extra_auc_log_loss": [
        shares(ExtraTreesClassifier(TREES, min_samples_leaf=5, random_state=s)) for s in SEEDS
    ],
    "isolation_auc_mean": [isolation(s) for s in SEEDS],
}
print(json.dumps(golden, indent=1))
