#!/usr/bin/env bash
# nbgrader 0.9.6 finds its helper `alembic` by name only. Called by its path, as .venv/bin/nbgrader is without an
# activated environment, the first command that opens a gradebook fails. One would expect that nothing has happened, or
# that the next command makes up for it. Instead the tables stay without a version: every later command takes the
# gradebook for good, and `nbgrader db upgrade` then fails at the first column that is there already.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet nbgrader==0.9.6 alembic==1.20.1 sqlalchemy==2.1.9 jsonschema==4.24.1
bin=$PWD/env/bin

mkdir course
cd course
cat > versions.py << 'PYTHON'
import sqlite3

query = "SELECT name FROM sqlite_master WHERE type = 'table'"
tables = {name for (name,) in sqlite3.connect("gradebook.db").execute(query)}
print(f"{len(tables)} tables, alembic_version among them: {'alembic_version' in tables}")
PYTHON
versions() { "$bin/python" versions.py; }

echo "1. the first command, alembic not on PATH:"
PATH=/usr/bin:/bin "$bin/nbgrader" db student add ana > first.txt 2>&1 && status=0 || status=$?
tail -1 first.txt
echo "exit status $status; $(versions)"
[ "$status" != 0 ]
grep -q "No such file or directory: 'alembic'" first.txt
[[ $(versions) == *"among them: False" ]]

echo "2. the same command again, alembic on PATH:"
PATH=$bin:$PATH "$bin/nbgrader" db student add ana > second.txt 2>&1
echo "exit status 0; $(versions)"
[[ $(versions) == *"among them: False" ]]

echo "3. nbgrader db upgrade:"
PATH=$bin:$PATH "$bin/nbgrader" db upgrade > third.txt 2>&1 && status=0 || status=$?
tail -1 third.txt
echo "exit status $status"
[ "$status" != 0 ]
grep "OperationalError.*duplicate column name" third.txt
