"""Writes categories.csv: a seeded table with categories and what LightGBM predicts for its own rows after learning from it.

Categories are as frequent as one another, so that LightGBM keeps a bin for each, and none is missing: LightGBM keeps
missing values out of the groups that it looks for, and here they are one category more. Three categories, since
LightGBM counts a bin of missing values towards the number up to which it tries each category against the rest.

Where hessians differ, LightGBM estimates rows from them, so leaves are bounded by their hessian there. A feature that gains
nothing at a node, as may be where `cat_l2` counts for the sides only, is not looked at again below it.
"""

from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

ROWS = 4000

rng = np.random.default_rng(7)
codes = {"few": 3, "city": 12, "shop": 40}
table = pd.DataFrame({name: rng.permutation(np.arange(ROWS) % size) for name, size in codes.items()})
table["x"] = rng.integers(0, 50, ROWS).astype(float)
effects = {name: rng.normal(0, 1, size) for name, size in codes.items()}
signal = sum(effects[name][table[name]] for name in codes) + 0.02 * table["x"] * effects["city"][table["city"]]
table["y"] = (signal + rng.normal(0, 0.5, ROWS)).round(6)
table["label"] = (rng.random(ROWS) < 1 / (1 + np.exp(-signal))).astype(int)
# Weights keep categories with as many ones from being exactly alike, a tie that noise of floats would decide.
table["weight"] = (1 + rng.random(ROWS)).round(6)
table["count"] = rng.poisson(np.exp(table["y"] / 2))
X = table[[*codes, "x"]].copy()

shared = dict(
    n_estimators=100, num_leaves=15, max_bin=255, min_data_in_bin=1, enable_bundle=False, deterministic=True,
    force_row_wise=True, n_jobs=1, verbose=-1,
)


def fit(model, target, weights=None):
    return model.fit(X, table[target], sample_weight=weights, categorical_feature=list(codes))


table["lgb_plain"] = fit(lgb.LGBMRegressor(**shared), "y").predict(X)
free = dict(cat_smooth=1.0, cat_l2=0.0, max_cat_threshold=8, min_data_per_group=5)
table["lgb_free"] = fit(lgb.LGBMRegressor(**shared, **free), "y").predict(X)
poisson = lgb.LGBMRegressor(**shared, objective="poisson", min_child_samples=0, min_child_weight=20.0)
table["lgb_poisson"] = fit(poisson, "count").predict(X)
free = dict(cat_smooth=1.0, cat_l2=0.0, min_data_per_group=1, min_child_samples=0, min_child_weight=5.0)
table["lgb_logistic"] = fit(lgb.LGBMClassifier(**shared, **free), "label", table["weight"]).predict_proba(X)[:, 1]

table.to_csv(Path(__file__).with_name("categories.csv"), index=False, float_format="%.10g")
