"""Writes drift.json: samples of many shapes and what SciPy makes of them."""

import json
from pathlib import Path

import numpy as np
from scipy import stats


def samples():
    rng = np.random.default_rng(11)
    normal = rng.normal
    yield "small_untied", normal(0, 1, 12), normal(0.5, 1, 9)
    yield "small_far", normal(0, 1, 60), normal(3, 1, 70)
    yield "one_value", normal(0, 1, 1), normal(0, 1, 30)
    yield "same_n", normal(0, 1, 150), normal(0.1, 1, 150)
    yield "unequal_n", normal(0, 1, 300), normal(0.3, 1.2, 120)
    yield "close", normal(0, 1, 400), normal(0, 1, 350)
    yield "integers", rng.poisson(4, 500).astype(float), rng.poisson(4.6, 450).astype(float)
    yield "mostly_zero", np.where(rng.random(600) < 0.7, 0.0, rng.random(600)), np.where(
        rng.random(500) < 0.6, 0.0, rng.random(500)
    )
    yield "apart", rng.random(200), rng.random(210) + 2
    yield "constant", np.full(150, 2.5), np.full(140, 2.5)


def ks(name, a, b):
    exact = len(a) * len(b) <= 10_000
    found = stats.ks_2samp(a, b, method="exact" if exact else "asymp")
    return {
        "name": name,
        "reference": a.tolist(),
        "current": b.tolist(),
        "statistic": found.statistic,
        "p_value": found.pvalue,
        "psi_right": psi(a, b, "right", 1e-4),
        "psi_left": psi(a, b, "left", 1e-6),
    }


def psi(a, b, closed, floor):
    edges = np.unique(np.quantile(a, np.arange(1, 10) / 10))
    side = "left" if closed == "right" else "right"
    share = lambda x: np.bincount(np.searchsorted(edges, x, side), minlength=len(edges) + 1) / len(x)
    p, q = np.maximum(share(a), floor), np.maximum(share(b), floor)
    return float(np.sum((q - p) * np.log(q / p)))


def kolmogorov():
    """Chances far and near for all sizes. SciPy's own error is up to 1e-9 of the small ones."""
    for n in [1, 2, 3, 10, 50, 140, 141, 500, 3000, 40_000, 250_000, 500_000]:
        for z in [0.2, 0.3, 0.5, 0.7, 0.9, 1.1, 1.4, 1.5, 2.0, 3.0, 6.0, 12.0, 18.0]:
            d = z / np.sqrt(n)
            if 0.5 / n < d < 1:
                yield {"n": n, "d": float(d), "survival": float(stats.kstwo.sf(d, n))}


def chi_square():
    rng = np.random.default_rng(12)
    for levels, n in [(2, 50), (3, 900), (10, 5000), (100, 20_000), (1000, 8000)]:
        shares = rng.dirichlet(np.ones(levels))
        moved = 0.9 * shares + 0.1 * rng.dirichlet(np.ones(levels))
        counts = np.array([rng.multinomial(n, shares), rng.multinomial(2 * n, moved)])
        counts = counts[:, counts.sum(0) > 0]
        found = stats.chi2_contingency(counts, correction=False)
        yield {
            "counts": counts.T.tolist(),
            "statistic": found.statistic,
            "degrees_of_freedom": found.dof,
            "p_value": found.pvalue,
        }


def false_discovery():
    rng = np.random.default_rng(13)
    for n in [1, 5, 40]:
        p = np.round(rng.random(n) ** 3, 3)
        yield {"p_values": p.tolist(), "adjusted": stats.false_discovery_control(p).tolist()}


def main():
    out = {
        "samples": [ks(*s) for s in samples()],
        "kolmogorov": list(kolmogorov()),
        "chi_square": list(chi_square()),
        "false_discovery": list(false_discovery()),
    }
    Path(__file__).with_name("drift.json").write_text(json.dumps(out) + "\n")


if __name__ == "__main__":
    main()
