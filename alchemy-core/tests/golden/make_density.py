"""Writes density.json: kernel densities by scipy, their peaks by scipy, and Hartigan's dip by diptest."""

import math

import diptest
import numpy as np
from make_stats import plain, write
from scipy import signal, stats

OFFSET = 1e9


def samples():
    rng = np.random.default_rng(15)
    noise = rng.normal(0.0, 1.0, 80)
    clusters = np.concatenate([rng.normal(0.0, 1.0, 150), rng.normal(6.0, 0.5, 100)])
    return {
        "two": [1.0, 2.0],
        "three": [1.0, 2.0, 4.0],
        "ties": [float(x) for x in rng.integers(0, 6, 40)],
        "noise": noise.tolist(),
        "skewed": rng.lognormal(0.0, 1.0, 100).tolist(),
        "clusters": clusters.tolist(),
        "far": [0.0, 0.1, 0.2, 0.15, 500.0, 500.3],
        "missing": [None, 1.0, 2.5, None, 2.0, 7.0],
        "infinities": [math.inf, 1.0, 2.5, -math.inf, 2.0, 7.0],
        "offset_1e9": (OFFSET + np.round(noise, 6)).tolist(),
        "tiny": (1e-160 * noise).tolist(),
    }


def density(values, points, weights=None, **method):
    """Far from zero scipy's own rounding shows: there the same sample near zero is asked for."""
    shift = OFFSET if min(values) > OFFSET / 2 else 0.0
    scale = 1e-160 if max(map(abs, values)) < 1e-150 else 1.0
    moved = (np.array(values) - shift) / scale
    kde = stats.gaussian_kde(moved, weights=weights, **method)
    found = kde((np.array(points) - shift) / scale) / scale
    return {"bandwidth": float(np.sqrt(kde.covariance[0, 0]) * scale), "density": found.tolist()}


def fixed(values, points, bandwidth):
    found = [np.mean(stats.norm.pdf(x, loc=values, scale=bandwidth)) for x in points]
    return {"bandwidth": bandwidth, "density": [float(x) for x in found]}


def record(values):
    present = [x for x in values if x is not None and math.isfinite(x)]
    low, high = min(present), max(present)
    points = np.linspace(low - 0.3 * (high - low), high + 0.3 * (high - low), 23).tolist()
    weights = [1.0 + i % 4 for i in range(len(present))]
    grid = np.linspace(low - 0.5 * (high - low), high + 0.5 * (high - low), 121)
    silverman = density(present, grid, bw_method="silverman")
    heights = np.array(silverman["density"])
    peaks, found = signal.find_peaks(heights, prominence=0.0)
    modes = sorted(zip(found["prominences"].tolist(), peaks.tolist()), reverse=True)
    return {
        "values": plain(values),
        "points": points,
        "weights": weights,
        "scott": density(present, points, bw_method="scott"),
        "silverman": density(present, points, bw_method="silverman"),
        "fixed": fixed(present, points, (high - low) / 9),
        "weighted": density(present, points, weights=weights, bw_method="scott"),
        "curve": {"density": heights.tolist(), "peaks": [{"at": at, "prominence": p} for p, at in modes]},
        "dip": float(diptest.dipstat(np.array(present))),
    }


def dips():
    rng = np.random.default_rng(16)
    return {
        "one": [3.0],
        "equal": [0.1] * 5,
        "two": [1.0, 2.0],
        "lattice": [float(x) for x in range(50)],
        "ties": [float(x) for x in rng.integers(0, 8, 200)],
        "uniform": rng.random(300).tolist(),
        "two_points": [0.0] * 30 + [1.0] * 50,
        "three_clusters": np.concatenate([rng.normal(m, 0.3, 80) for m in (0, 3, 9)]).tolist(),
        "offset_1e9": (1e9 + rng.random(200)).tolist(),
        "huge": [x * 1.7e308 for x in (rng.random(100) * 2 - 1)],
        "heavy": rng.standard_cauchy(400).tolist(),
    }


def main():
    write("density.json", {
        "samples": {name: record(values) for name, values in samples().items()},
        "dips": {name: {"values": x, "dip": float(diptest.dipstat(np.array(x) / (1e100 if name == "huge" else 1)))}
                 for name, x in dips().items()},
    })


main()
