"""Writes class_offsets.json: what LightGBM makes of three classes over scores that they start from.

It learns from the first 1000 rows of trees.csv: features have fewer distinct values than bins, so that every implementation
sees the same candidate splits. LightGBM starts from the scores alone.
"""

import json
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

ROWS = 1000
here = Path(__file__)
rng = np.random.default_rng(6)

table = pd.read_csv(here.with_name("trees.csv")).head(ROWS)
X = table[["x0", "x1", "x2", "x3"]]
noisy = table["y"].to_numpy() + rng.normal(0, 0.3, ROWS)
codes = np.digitize(noisy, np.quantile(noisy, [0.5, 0.8]))
offsets = (rng.normal(0, 1, (ROWS, 3)) + 0.5 * np.eye(3)[codes]).round(3)
params = dict(
    objective="multiclass", num_class=3, num_leaves=15, max_bin=255, min_data_in_bin=1, min_data_in_leaf=0,
    min_sum_hessian_in_leaf=3.0, enable_bundle=False, deterministic=True, force_row_wise=True, num_threads=1, verbose=-1,
    learning_rate=0.1,
)
model = lgb.train(params, lgb.Dataset(X, codes, init_score=offsets), 12)
raw = model.predict(X, raw_score=True) + offsets
p = np.exp(raw - raw.max(axis=1, keepdims=True))
p /= p.sum(axis=1, keepdims=True)

golden = {"codes": codes.tolist(), "offsets": offsets.T.tolist(), "probabilities": p.T.round(9).tolist()}
here.with_name("class_offsets.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(np.bincount(codes), p[:3], -np.log(p[np.arange(ROWS), codes]).mean())
