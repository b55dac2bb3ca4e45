"""Boosting with default parameters on public tables: the other libraries, and the comparison with ours.

    python benches/tables.py prepare --data DATA --tables DIR     writes each table once, with its splits
    cargo run -p alchemy-benches --bin tables -- --tables DIR --json ours.jsonl
    python benches/tables.py peers --tables DIR --json peers.jsonl
    python benches/tables.py compare ours.jsonl peers.jsonl

A table is a Parquet file: its features, `target` (text: a class, else a number), and for each split a column `test_0`, ...
that is true in the rows to be judged on. Every library gets the same rows and columns; text is a category to all of them.
Needs pandas, pyarrow, scikit-learn, lightgbm and xgboost.
"""

import argparse
import json
import pathlib

import numpy as np
import pandas as pd

SPLITS = 5
TEST_SHARE = 0.2


def telco(data):
    table = pd.read_csv(data / "telco/Telco-Customer-Churn.csv").drop(columns="customerID")
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    return random_splits(table.rename(columns={"Churn": "target"}))


def adult(data):
    names = ["age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship"]
    names += ["race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "target"]
    read = lambda name, skip: pd.read_csv(
        data / "adult" / name, names=names, skiprows=skip, skipinitialspace=True, na_values="?"
    )
    train, test = read("adult.data", 0), read("adult.test", 1)
    test["target"] = test["target"].str.rstrip(".")
    return fixed_split(train, test)


def adult_of(data, target):
    table = adult(data).rename(columns={"target": "income"})
    table = table[[column for column in table.columns if not column.startswith("test_")]]
    return random_splits(table[table[target].notna()].rename(columns={target: "target"}))


def bike(data):
    table = pd.read_csv(data / "bike/hour.csv")
    table = table.drop(columns=["instant", "dteday", "casual", "registered"]).rename(columns={"cnt": "target"})
    cut = int(len(table) * (1 - TEST_SHARE))
    return fixed_split(table[:cut], table[cut:])


def california(data):
    table = pd.read_csv(data / "regression/california_housing.csv")
    return random_splits(table.rename(columns={"median_house_value": "target"}))


def ocean(data):
    table = pd.read_csv(data / "regression/california_housing.csv").drop(columns=["longitude", "latitude"])
    return random_splits(table.rename(columns={"ocean_proximity": "target"}))


def diamonds(data):
    return random_splits(pd.read_csv(data / "regression/diamonds.csv").rename(columns={"price": "target"}))


def lightgbm_example(data, name):
    parts = []
    for part in ["train", "test"]:
        table = pd.read_csv(data / f"gbdt/lightgbm/{name}.{part}", sep="\t", header=None)
        table.columns = ["target"] + [f"f{column}" for column in table.columns[1:]]
        table["target"] = table["target"].astype(int).astype(str)
        parts.append(table)
    return parts


def nycflights(data, *extra):
    months = sorted((data / "nycflights13/flights").glob("*.parquet"))
    table = pd.concat([pd.read_parquet(month) for month in months], ignore_index=True)
    table = table[table["arr_delay"].notna()]
    known = ["month", "day", "sched_dep_time", "sched_arr_time", "carrier", "flight", "origin", "dest", "distance"]
    return random_splits(table[[*known, *extra, "arr_delay"]].rename(columns={"arr_delay": "target"}))


TABLES = {
    "telco": telco,
    "adult": adult,
    "adult_marital": lambda data: adult_of(data, "marital_status"),  # classes of a few rows, as the next two
    "adult_workclass": lambda data: adult_of(data, "workclass"),
    "ocean": ocean,
    "bike": bike,
    "california": california,
    "diamonds": diamonds,
    "binary": lambda data: fixed_split(*lightgbm_example(data, "binary")),
    "binary_mixed": lambda data: random_splits(pd.concat(lightgbm_example(data, "binary"))),
    "multiclass": lambda data: fixed_split(*lightgbm_example(data, "multiclass")),
    "multiclass_mixed": lambda data: random_splits(pd.concat(lightgbm_example(data, "multiclass"))),
    "nycflights": nycflights,
    "nycflights_departed": lambda data: nycflights(data, "dep_delay"),
}


def random_splits(table):
    table = table.reset_index(drop=True)
    for split in range(SPLITS):
        table[f"test_{split}"] = np.random.default_rng(split).random(len(table)) < TEST_SHARE
    return table


def fixed_split(train, test):
    """The same rows in every split: only the seeds differ."""
    table = pd.concat([train, test], ignore_index=True)
    for split in range(SPLITS):
        table[f"test_{split}"] = np.arange(len(table)) >= len(train)
    return table


def prepare(args):
    args.tables.mkdir(parents=True, exist_ok=True)
    for name, read in TABLES.items():
        table = read(args.data)
        for column in table.columns:
            if column == "target" and not is_text(table[column]):
                table[column] = table[column].astype(float)
        table.to_parquet(args.tables / f"{name}.parquet", index=False)


def is_text(column):
    return not pd.api.types.is_numeric_dtype(column)


def libraries(classify):
    import lightgbm
    import sklearn.ensemble as sk
    import xgboost

    lgb = lightgbm.LGBMClassifier if classify else lightgbm.LGBMRegressor
    xgb = xgboost.XGBClassifier if classify else xgboost.XGBRegressor
    hgb = sk.HistGradientBoostingClassifier if classify else sk.HistGradientBoostingRegressor
    return {
        "lightgbm": lambda seed: lgb(random_state=seed, n_jobs=1, verbose=-1),
        "xgboost": lambda seed: xgb(random_state=seed, n_jobs=1, enable_categorical=True),
        "sklearn": lambda seed: hgb(random_state=seed, categorical_features="from_dtype"),
    }


def peers(args):
    with open(args.json, "w") as out:
        for path in sorted(args.tables.glob("*.parquet")):
            if args.only and path.stem not in args.only:
                continue
            table = pd.read_parquet(path)
            target = table.pop("target")
            tests = [table.pop(name) for name in list(table.columns) if name.startswith("test_")]
            classify = is_text(target)
            for column in table.columns:
                if is_text(table[column]):
                    table[column] = table[column].astype("category")
            truth = target.astype("category").cat.codes if classify else target
            for library, model in libraries(classify).items():
                for split, test in enumerate(tests):
                    fitted = model(split).fit(table[~test], truth[~test])
                    scores = judge(fitted, table[test], truth[test], classify)
                    print(json.dumps({"table": path.stem, "library": library, "split": split, **scores}), file=out, flush=True)


def judge(model, rows, truth, classify):
    from sklearn.metrics import log_loss, roc_auc_score

    if not classify:
        return {"rmse": float(np.sqrt(np.mean((model.predict(rows) - truth) ** 2)))}
    shares = model.predict_proba(rows)
    scores = {"log_loss": log_loss(truth, shares)}
    if shares.shape[1] == 2:
        scores["auc"] = roc_auc_score(truth, shares[:, 1])
    return scores


def compare(args):
    lines = [json.loads(line) for path in args.files for line in open(path)]
    table = pd.DataFrame(lines).melt(["table", "library", "split"], var_name="metric").dropna()
    means = table.pivot_table(index=["table", "metric"], columns="library", values="value")
    for (name, metric), row in means.iterrows():
        if pd.isna(row.get("alchemy")):
            continue
        others = row.drop("alchemy").dropna()
        best = others.idxmax() if metric == "auc" else others.idxmin()
        one = table[(table["table"] == name) & (table["metric"] == metric)]
        one = one.pivot(index="split", columns="library", values="value")
        gap = one["alchemy"] - one[best]
        gap = -gap if metric == "auc" else gap / one[best].mean()
        limit = 0.002 if metric == "auc" else 0.005
        verdict = "behind" if gap.mean() > limit else "ahead" if gap.mean() < 0 else "level"
        figures = "  ".join(f"{library} {value:.6g}" for library, value in row.dropna().items())
        error = gap.std() / np.sqrt(len(gap))
        print(f"{name:20} {metric:9} {figures}  |  {gap.mean():+.4f} ({error:.4f}) to {best}: {verdict}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("prepare")
    command.add_argument("--data", type=pathlib.Path, required=True)
    command.add_argument("--tables", type=pathlib.Path, required=True)
    command.set_defaults(run=prepare)
    command = commands.add_parser("peers")
    command.add_argument("--tables", type=pathlib.Path, required=True)
    command.add_argument("--only", nargs="*")
    command.add_argument("--json", required=True)
    command.set_defaults(run=peers)
    command = commands.add_parser("compare")
    command.add_argument("files", nargs="+")
    command.set_defaults(run=compare)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
