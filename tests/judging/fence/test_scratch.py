"""What a killed run leaves in the temporary folder goes with the next run; what another one uses stays."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.judging.fence.scratch import Scratch

LONG_AGO = (0, 0)
HOLDING = "from autograder.judging.fence.scratch import Scratch; s = Scratch(); print(s.path, flush=True); input()"


@pytest.fixture
def other_run(tmp_path, monkeypatch):
    """Another run and its folder, which is not new."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING], env=os.environ | {"TMPDIR": str(tmp_path)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    path = Path(process.stdout.readline().strip())
    os.utime(path, LONG_AGO)
    yield process, path
    process.kill()


def test_the_folder_of_a_run_under_way_stays_and_that_of_a_killed_one_goes(other_run):
    process, path = other_run
    Scratch().close()
    assert path.is_dir()
    process.kill()
    process.wait()
    Scratch().close()
    assert not path.exists()


def test_what_is_new_or_called_otherwise_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("autograder-new", "mine"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / "mine", LONG_AGO)
    Scratch().close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["autograder-new", "mine"]
