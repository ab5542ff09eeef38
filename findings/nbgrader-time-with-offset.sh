#!/usr/bin/env bash
# nbgrader 0.9.6 reads times such as "2026-11-20 23:59:00 +0100" (timestamp.txt, due dates) with parse_utc. One would
# expect 22:59 UTC, as dateutil 4.0.0 itself gives. But parse_utc hands the offset to dateutil as a number, which
# dateutil takes for seconds: an hour becomes 100 seconds. "+01:00" and names such as CEST or AEDT count for nothing,
# with a warning at most.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet nbgrader==0.9.6 python-dateutil==4.0.0 jsonschema==4.24.1
"$folder/env/bin/python" -W ignore - << 'PYTHON'
from importlib.metadata import version

import dateutil.parser
from nbgrader.utils import parse_utc

print(f"nbgrader {version('nbgrader')}, python-dateutil {version('python-dateutil')}")
seen = {}
for zone in ("UTC", "+0100", "+01:00", "CEST", "AEDT"):
    text = f"2026-11-20 23:59:00 {zone}"
    seen[zone] = f"{parse_utc(text):%H:%M:%S}"
    print(f"{text:32} nbgrader: {seen[zone]} UTC, dateutil: {dateutil.parser.parse(text)}")
assert seen == {
    "UTC": "23:59:00", "+0100": "23:57:20", "+01:00": "23:59:00", "CEST": "23:59:00", "AEDT": "23:59:00"
}, seen
PYTHON
