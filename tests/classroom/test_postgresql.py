"""A gradebook on PostgreSQL: a real server, which the test starts on loopback."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from conftest import course_folder, hand_in, nbgrader
from test_grading import NAME, run

from autograder.classroom.gradebook import gradebook, rows
from autograder.proof import zoo

pytestmark = pytest.mark.slow
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture
def server(tmp_path):
    """The address of a fresh database server."""
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # The server refuses to run as root, and its user must be able to reach its folder.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(subprocess.run([*user, "mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*user, str(BINARIES[-1] / "pg_ctl"), "-D", str(folder / "data")]
    subprocess.run([*command, "init", "-o", "-A trust -U nbgrader"], check=True, capture_output=True)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
    subprocess.run([*command, "-w", "-o", options, "-l", str(folder / "log"), "start"], check=True, capture_output=True)
    yield f"postgresql://nbgrader@127.0.0.1:{port}/postgres"
    subprocess.run([*command, "-m", "immediate", "stop"], check=True, capture_output=True)
    subprocess.run([*user, "rm", "-r", str(folder)], check=True)


def test_a_class_is_graded_into_postgresql(server, tmp_path):
    folder = course_folder(tmp_path)
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {server!r}\n")
    for student in ("ana", "ben"):
        hand_in(folder, student, NAME, zoo.reference(NAME), "2026-11-24 10:00:00 UTC")
    done = nbgrader(folder, "generate_assignment", NAME)
    assert done.returncode == 0, done.stderr
    done = run(folder, "grade", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    shutil.rmtree(folder / "autograded/ben")
    assert "2 submissions, 1 of them" in run(folder, "grade", "--jobs", "1").stdout
    with gradebook(folder) as book:
        assert [(row.student, float(row.points)) for row in rows(book)] == [("ana", 100.0), ("ben", 100.0)]
