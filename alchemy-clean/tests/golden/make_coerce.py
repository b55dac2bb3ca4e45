"""Writes coerce.json beside this script; see README.md."""

import json
import math
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
NAN, INF = math.nan, math.inf


def plain(value):
    """JSON has no infinity, and missing is null."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if isinstance(value, np.generic):
        return plain(value.item())
    return value


def ticks(series, unit):
    """Counts of `unit` since the epoch, in UTC if there is a zone."""
    return [None if time is pd.NaT else int(time.as_unit(unit).value if unit == "ns" else time.as_unit(unit)._value) for time in series]


def numbers():
    """`thousands` and `decimal` are options of pandas' CSV reader."""
    cases = []
    for thousands, decimal, cells in [
        (",", ".", ["1,299.5", "-12,345,678", "0.5", "1299", "7"]),
        (".", ",", ["1.299,5", "-12.345.678", "0,5", "1299", "7"]),
        (" ", ",", ["1 299,5", "12 345 678", "0,5"]),
        ("'", ".", ["1'299.5", "12'345'678"]),
    ]:
        text = "x\n" + "\n".join(f'"{cell}"' for cell in cells)
        read = pd.read_csv(StringIO(text), thousands=thousands, decimal=decimal, quotechar='"')["x"]
        cases.append(dict(thousands=thousands, decimal=decimal, cells=cells, numbers=[float(value) for value in read]))
    return cases


def booleans():
    """`true_values` and `false_values` are options of pandas' CSV reader; `astype` takes integers."""
    cases = []
    for yes, no, cells in [
        (["true", "True", "TRUE"], ["false", "False", "FALSE"], ["true", "False", "TRUE", "FALSE", "true"]),
        (["yes", "Y"], ["no", "N"], ["yes", "N", "no", "Y"]),
    ]:
        read = pd.read_csv(StringIO("x\n" + "\n".join(cells)), true_values=yes, false_values=no)["x"]
        cases.append(dict(cells=cells, values=[bool(value) for value in read]))
    integers = pd.array([1, 0, None, 1], dtype="Int64").astype("boolean")
    cases.append(dict(integers=[1, 0, None, 1], values=[None if value is pd.NA else bool(value) for value in integers]))
    nothing = pd.array([None, None], dtype="Int64").astype("boolean")
    cases.append(dict(integers=[None, None], values=[None for _ in nothing]))
    return cases


def times():
    cases = []
    for format, unit, cells in [
        ("%Y-%m-%d", "D", ["2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "1969-12-31", "1583-10-15", "9999-12-31", None, "x"]),
        ("%d/%m/%Y", "D", ["31/12/2024", "31/11/2024", "00/01/2024"]),
        ("%Y-%m-%d %H:%M:%S", "s", ["2024-05-31 17:30:05", "1969-12-31 23:59:59", "2024-05-31 17:60:00", None]),
        ("%Y-%m-%d %H:%M:%S.%f", "ms", ["2024-05-31 17:30:05.123456", "1969-12-31 23:59:59.9999"]),
        ("%Y-%m-%d %H:%M:%S.%f", "ns", ["2024-05-31 17:30:05.123456789", "1969-12-31 23:59:59.999999999"]),
        ("%d.%m.%y", "D", ["01.02.24", "31.12.69", "31.12.70", "01.01.00"]),
        ("%d %b %Y %I:%M %p", "s", ["03 Jul 2011 12:05 AM", "03 jul 2011 12:05 PM", "29 Feb 2011 01:00 AM"]),
        ("%Y%m%d", "D", ["20240229", "20230229"]),
        ("%d-%B-%Y", "D", ["01-September-2024", "01-may-2024"]),
        ("%Y-%m-%dT%H:%M:%S%z", "s", ["2024-01-01T01:30:00+0200", "2024-01-01T01:30:00-0930", "2024-13-01T00:00:00+0000"]),
    ]:
        zoned = format.endswith("%z")
        read = []
        for cell in cells:
            time = pd.to_datetime(pd.Series([cell], dtype="object"), format=format, errors="coerce", utc=zoned)[0]
            # pandas reads two digits of a year from 69 on as of the last century, chrono from 70 on.
            if format.endswith("%y") and cell and cell.endswith("69"):
                time = time.replace(year=2069)
            if time is pd.NaT:
                read.append(None)
            elif unit == "D":
                read.append((time.to_pydatetime().date() - pd.Timestamp("1970-01-01").date()).days)
            else:
                value = time.as_unit("ns").value
                read.append(value // {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[unit])
        cases.append(dict(format=format, unit=unit, cells=cells, ticks=read))
    return cases


def epochs():
    cases = []
    for unit, counts in [("s", [0, -1, 1_700_000_000, None]), ("ms", [1_700_000_000_123, -1]), ("us", [-1, 1]), ("ns", [-1_000, 1_999])]:
        read = pd.to_datetime(pd.array(counts, dtype="Int64"), unit=unit, utc=True, errors="coerce")
        cases.append(dict(unit=unit, counts=counts, micros=[None if time is pd.NaT else time.as_unit("ns").value // 1000 for time in read]))
    return cases


def zones():
    walls = ["2024-03-31 01:59:59", "2024-03-31 02:00:00", "2024-03-31 02:30:00", "2024-03-31 03:00:00", "2024-07-01 12:00:00",
             "2024-10-27 01:59:59", "2024-10-27 02:00:00", "2024-10-27 02:30:00", "2024-10-27 03:00:00", "2024-03-10 02:30:00",
             "2024-11-03 01:30:00", "2024-04-07 01:45:00", "2024-10-06 02:15:00", "1950-06-01 00:00:00", None]
    cases = []
    for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]:
        series = pd.Series(pd.to_datetime(walls))

        def localize(ambiguous, nonexistent):
            times = [time if time is pd.NaT else time.tz_localize(zone, ambiguous=ambiguous, nonexistent=nonexistent) for time in series]
            return [None if time is pd.NaT else time.as_unit("s")._value for time in times]

        def both(pick):
            """The two readings of a wall clock by PEP 495; they are one where the clocks are not moved."""
            wall = [None if time is pd.NaT else time.to_pydatetime().replace(tzinfo=ZoneInfo(zone)) for time in series]
            return [None if time is None else int(pick(time.replace(fold=0).timestamp(), time.replace(fold=1).timestamp())) for time in wall]

        case = dict(
            zone=zone,
            walls=[None if time is pd.NaT else time.as_unit("s")._value for time in series],
            refuse=localize("NaT", "NaT"),
            earlier=both(min),
            later=both(max),
        )
        if zone != "Australia/Lord_Howe":  # whose clocks move by half an hour, which pandas does not take
            hour = pd.Timedelta("1h")
            # Summer time comes first; a time skipped is that of a clock moved by what was skipped.
            assert case["earlier"] == localize(True, -hour)
            assert case["later"] == localize(False, hour)
        cases.append(case)
    return cases


def down_casts():
    cases = []
    for values in [[0, 127], [-128, 127], [0, 128], [0, 255], [-1, 255], [65535], [-40000], [2**31], [2**32 - 1], [2**53, 0],
                   [1.0, 2.0, 300.0], [1.5, 2.0], [0.5, -0.25, NAN], [NAN, NAN], [INF, 1.0], [1e300]]:
        floats = any(isinstance(value, float) for value in values)
        series = pd.Series(values, dtype="float64" if floats else "int64")
        whole = not floats or all(math.isfinite(value) and value == int(value) for value in values if not math.isnan(value))
        case = dict(values=values, floats=floats)
        # Missing cells keep pandas from integers; a column of them has nothing to cast.
        if not floats or not any(math.isnan(value) for value in values):
            case["signed"] = pd.to_numeric(series, downcast="signed").dtype.name
            case["unsigned"] = pd.to_numeric(series, downcast="unsigned").dtype.name
        # pandas rounds; where nothing is rounded we agree.
        if whole is not None and all(math.isnan(value) or float(np.float32(value)) == value for value in values) and not all(math.isnan(value) for value in values):
            case["float"] = pd.to_numeric(series, downcast="float").dtype.name
        cases.append(case)
    return cases


golden = dict(numbers=numbers(), booleans=booleans(), times=times(), epochs=epochs(), zones=zones(), down_casts=down_casts())
text = json.dumps(plain(golden), indent=1, ensure_ascii=False, allow_nan=False)
(HERE / "coerce.json").write_text(text + "\n")
