"""Writes dates.json: cells read by pandas as dates of a given form, in microseconds since 1970; null where it refuses.

Left out is what pandas is lenient about (day 366 of 2023 is its New Year of 2024), and a year of one digit for %y, which
it refuses.
"""

import json

import pandas as pd

FORMS = {
    "%d.%m.%Y": ["24.12.2024", "1.2.2024", "29.02.2000", "29.02.1900", "31.04.2024", "01.01.0001", "2024-01-01", "01.01.24"],
    "%m/%d/%y": ["12/24/24", "01/31/68", "01/31/69", "12/31/99", "02/30/20"],
    "%Y%m%d": ["20240229", "20230229", "19691231", "99991231"],
    "%Y-%j": ["2024-366", "2023-001"],
    "%d %b %Y": ["03 Mar 2024", "03 mar 2024", "03 Marz 2024", "29 Feb 2023"],
    "%B %d, %Y": ["March 03, 2024", "May 31, 1969"],
    "%Y-%m-%d %H:%M:%S": ["2011-01-04 10:00:00", "2011-01-04 24:00:00", "2011-01-04 23:59:59", "1969-12-31 23:59:59", "2011-01-04 10:00"],
    "%m/%d/%Y %I:%M %p": ["12/24/2024 12:00 AM", "12/24/2024 12:00 PM", "12/24/2024 01:05 pm", "12/24/2024 13:05 PM"],
    "%Y-%m-%dT%H:%M:%S%z": ["2024-12-24T13:05:00+0100", "2024-12-24T13:05:00-0330", "2024-12-24T13:05:00+05:30", "2024-12-24T13:05:00"],
    "%A, %d %B %Y": ["Tuesday, 24 December 2024"],
}


def micros(cell, form):
    try:
        time = pd.to_datetime(cell, format=form)
    except ValueError:
        return None
    return int(time.as_unit("us").asm8.view("i8"))


golden = {form: [[cell, micros(cell, form)] for cell in cells] for form, cells in FORMS.items()}
with open("dates.json", "w") as out:
    json.dump(golden, out, indent=1)
    out.write("\n")
