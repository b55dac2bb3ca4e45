"""Writes trees.csv: a seeded table and what scikit-learn and LightGBM predict for its own rows after learning from it.

Features have fewer distinct values than bins, and targets are continuous, so that every implementation sees the same
candidate splits and hardly a tie. Blank cells are missing.
"""

from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

ROWS = 2000
FEATURES = ["x0", "x1", "x2", "x3"]
COMPLETE = ["x0", "x2"]

rng = np.random.default_rng(20)
table = pd.DataFrame({name: rng.integers(0, size, ROWS).astype(float) for name, size in zip(FEATURES, (100, 40, 200, 7))})
table.loc[rng.random(ROWS) < 0.1, "x1"] = np.nan
table.loc[rng.random(ROWS) < 0.3, "x3"] = np.nan
signal = (
    np.sin(table["x0"] / 15)
    + 0.03 * table["x1"].fillna(70)
    + 0.00005 * table["x2"] * table["x0"]
    + np.where(table["x3"].isna(), 0.5, 0.1 * table["x3"])
)
table["y"] = (signal + rng.normal(0, 0.3, ROWS)).round(6)
table["weight"] = rng.integers(1, 6, ROWS)
table["label"] = (rng.random(ROWS) < 1 / (1 + np.exp(-3 * (signal - signal.median())))).astype(int)
X = table[FEATURES]

shared = dict(
    n_estimators=30, num_leaves=15, max_bin=255, min_data_in_bin=1, enable_bundle=False, deterministic=True,
    force_row_wise=True, n_jobs=1, verbose=-1,
)
plain = lgb.LGBMRegressor(**shared).fit(X, table["y"])
table["lgb_plain"] = plain.predict(X)
penalised = lgb.LGBMRegressor(**shared, reg_alpha=2.0, reg_lambda=5.0, min_child_samples=1)
table["lgb_penalised"] = penalised.fit(X, table["y"], sample_weight=table["weight"]).predict(X)
shallow = lgb.LGBMRegressor(**shared, min_child_samples=5, max_depth=4)
table["lgb_shallow"] = shallow.fit(X, table["y"]).predict(X)
logistic = lgb.LGBMClassifier(**shared, min_child_samples=1, min_child_weight=2.0)
table["lgb_logistic"] = logistic.fit(X, table["label"]).predict_proba(X)[:, 1]

limits = dict(max_depth=7, min_samples_leaf=10, random_state=0)
table["tree_mean"] = DecisionTreeRegressor(**limits).fit(table[COMPLETE], table["y"]).predict(table[COMPLETE])
weighted = DecisionTreeRegressor(**limits).fit(table[COMPLETE], table["y"], sample_weight=table["weight"])
table["tree_weighted"] = weighted.predict(table[COMPLETE])
classes = DecisionTreeClassifier(max_depth=4, min_samples_leaf=25, random_state=0).fit(table[COMPLETE], table["label"])
table["tree_share"] = classes.predict_proba(table[COMPLETE])[:, 1]

table.to_csv(Path(__file__).with_name("trees.csv"), index=False, float_format="%.10g")
