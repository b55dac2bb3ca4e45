"""Writes metrics.json: small inputs and what scikit-learn makes of them."""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn import metrics as m

warnings.simplefilter("ignore")


def classification(labels, probabilities, weights):
    predicted = probabilities > 0.5
    w = {"sample_weight": weights}
    tn, fp, fn, tp = m.confusion_matrix(labels, predicted, labels=[False, True], **w).ravel()
    return {
        "labels": labels.tolist(),
        "probabilities": probabilities.tolist(),
        "weights": None if weights is None else weights.tolist(),
        "confusion": {"tn": float(tn), "fp": float(fp), "fn": float(fn), "tp": float(tp)},
        "accuracy": m.accuracy_score(labels, predicted, **w),
        "precision": m.precision_score(labels, predicted, **w),
        "recall": m.recall_score(labels, predicted, **w),
        "f1": m.f1_score(labels, predicted, **w),
        "roc_auc": m.roc_auc_score(labels, probabilities, **w),
        "log_loss": m.log_loss(labels, probabilities, labels=[False, True], **w),
        "brier": m.brier_score_loss(labels, probabilities, **w),
    }


def regression(truth, predictions, weights):
    w = {"sample_weight": weights}
    return {
        "truth": truth.tolist(),
        "predictions": predictions.tolist(),
        "weights": None if weights is None else weights.tolist(),
        "mae": m.mean_absolute_error(truth, predictions, **w),
        "rmse": m.root_mean_squared_error(truth, predictions, **w),
        "mape": m.mean_absolute_percentage_error(truth, predictions, **w),
        "r2": m.r2_score(truth, predictions, **w),
        "median_absolute_error": m.median_absolute_error(truth, predictions, **w),
    }


def main():
    rng = np.random.default_rng(7)
    n = 120
    labels = rng.random(n) < 0.3
    smooth = np.clip(0.3 * labels + 0.6 * rng.random(n), 0, 1)
    tied = np.round(smooth, 1)
    certain = np.where(rng.random(n) < 0.1, ~labels, labels).astype(float)
    weights = rng.choice([0.0, 0.5, 1.0, 3.25], n)
    truth = np.exp(rng.normal(2, 1, n))
    predictions = truth + rng.normal(0, 2, n)
    scores = {"smooth": smooth, "tied": tied, "certain": certain}
    out = {
        "classification": {
            f"{name}{suffix}": classification(labels, p, w)
            for name, p in scores.items()
            for suffix, w in [("", None), ("_weighted", weights)]
        },
        "regression": {
            "odd": regression(truth[1:], predictions[1:], None),
            "even": regression(truth, predictions, None),
            "weighted": regression(truth, predictions, weights),
            "negative": regression(-truth, predictions, None),
        },
    }
    Path(__file__).with_name("metrics.json").write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
