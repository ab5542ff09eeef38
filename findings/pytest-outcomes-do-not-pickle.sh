#!/usr/bin/env bash
# What pytest 9.2.0 raises for `pytest.fail`, an unmet `pytest.raises` and `pytest.skip` derives from BaseException, so
# that `except Exception` does not catch it. One would expect at least that it comes back from another process as it
# was. But it says of itself that it lives in `builtins`, cannot be pickled, and a pool shows a PicklingError instead.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet pytest==9.2.0
cat > "$folder/shown.py" << 'PYTHON'
from concurrent.futures import ProcessPoolExecutor

import pytest


def unmet():
    with pytest.raises(ValueError):
        pass


def test():
    try:
        unmet()
    except Exception:
        return "caught"


if __name__ == "__main__":
    kinds = [pytest.fail.Exception, pytest.skip.Exception]
    print(f"pytest {pytest.__version__}:", *(f"{kind.__module__}.{kind.__name__} {kind.__mro__[1:3]}" for kind in kinds))
    assert not any(issubclass(kind, Exception) for kind in kinds)
    with ProcessPoolExecutor(1) as pool:
        error = pool.submit(test).exception()
    print(f"what the pool gives: {type(error).__name__}: {error}")
    assert type(error).__name__ == "PicklingError" and "Failed" in str(error)
PYTHON
"$folder/env/bin/python" "$folder/shown.py"
