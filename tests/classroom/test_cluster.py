"""`course grade --scheduler`: a Dask cluster of processes with folders of their own, one of which is killed."""

import re
import shutil
import subprocess
import sys
import textwrap
import time

import pytest
from test_grading import NAME, results, run
from test_grading import prepared as prepared  # its fixtures
from test_grading import undisturbed as undisturbed

pytestmark = pytest.mark.slow
DASK = [sys.executable, "-m", "dask"]


@pytest.fixture
def cluster(tmp_path):
    """Starts a scheduler on loopback and, when called, a worker in a folder of its own."""
    started = []

    def start(*words, wait_for):
        folder = tmp_path / f"machine{len(started)}"
        folder.mkdir()
        process = subprocess.Popen([*DASK, *words], cwd=folder, stderr=subprocess.PIPE, text=True)
        started.append(process)
        for line in process.stderr:
            if found := re.search(wait_for, line):
                return process, found[1]
        raise AssertionError("it ended before it was ready")

    _, address = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", wait_for=r"(tcp://\S+)")

    def worker(*words):
        process, _ = start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", *words,
                           wait_for=r"Registered to: +(tcp)")  # fmt: skip
        return process

    yield address, worker
    for process in started:
        process.kill()
        process.wait()


def test_a_worker_that_dies_has_its_work_done_by_another(prepared, undisturbed, tmp_path, cluster):
    there = shutil.copytree(prepared, tmp_path / "there")
    address, worker = cluster
    dying, _ = worker(), worker()
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "grade", "--scheduler", address]
    grading = subprocess.Popen(command, cwd=there, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(there.glob(".autograder/verdicts/*/*")) and grading.poll() is None:
        time.sleep(0.05)
    dying.kill()
    _, said = grading.communicate()
    assert grading.returncode == 1, said  # one file is for a person
    assert results(there) == results(undisturbed)


def test_a_worker_with_other_versions_is_refused_with_both_named(prepared, tmp_path, cluster):
    folder = shutil.copytree(prepared, tmp_path / "course")
    other = tmp_path / "other.py"
    other.write_text(
        textwrap.dedent("""
        from autograder.judging import basis
        known = basis.versions()
        basis.versions = lambda: known | {"torch": "1.0.0"}
        """)
    )
    address, worker = cluster
    worker("--preload", str(other))
    done = run(folder, "grade", NAME, "--scheduler", address)
    assert done.returncode == 2
    assert re.search(r"torch is 1\.0\.0 there and 2\.\d+\S* here", done.stderr), done.stderr
