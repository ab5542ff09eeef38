"""The instructor's week in the formgrader: look, give points and a comment by hand, regrade, hand out feedback."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect

from autograder import course
from autograder.classroom.gradebook import gradebook
from autograder.cli import main

SHARED = course.load(course.ROOT / "tests" / "conftest.py")
NAME = "ex04_batch_norm"
TASK = "custom_batch_norm_running_statistics"
PATIENT = 60_000  # milliseconds: the formgrader's pages take their time on a busy machine


@pytest.fixture
def week(classroom, tmp_path):
    """A graded class of one's own, for a test that changes it."""
    return shutil.copytree(classroom, tmp_path / "course")


@pytest.fixture
def formgrader(week, tmp_path):
    """The address of the formgrader that JupyterLab serves in the course's folder."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    words += ["--IdentityProvider.token=", "--ServerApp.port_retries=0"]
    # Settings of whoever runs the tests play no part; what pip has enabled does.
    own = os.environ | {name: str(tmp_path / "jupyter") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(words, cwd=week, env=own, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api", server, tmp_path / "server.log")
        yield f"{address}/formgrader"
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_for(address, server, log):
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.5)
    raise AssertionError(f"no answer from {address}: {log.read_text()}")


def test_points_and_a_comment_given_by_hand_survive_a_regrade_and_reach_the_student(week, formgrader, page):
    page.set_default_timeout(PATIENT)
    expect.set_options(timeout=PATIENT)
    # The formgrader asks a server on the internet for MathJax; here nothing leaves the machine.
    page.route(lambda url: not url.startswith(("http://127.0.0.1", "file:")), lambda route: route.abort())

    page.goto(f"{formgrader}/manage_assignments", wait_until="domcontentloaded")
    row = page.locator("tr", has_text=NAME)
    expect(row).to_contain_text("4")
    page.goto(f"{formgrader}/manage_submissions/{NAME}", wait_until="domcontentloaded")
    expect(page.locator("tbody tr", has_text="ben")).to_contain_text("95 / 100")

    with gradebook(week) as book:
        notebook = book.find_submission_notebook(NAME, NAME, "ben").id
    page.goto(f"{formgrader}/submissions/{notebook}", wait_until="domcontentloaded")
    shown = page.locator("#notebook-container").first
    expect(shown).to_contain_text("keeps the biased variance")
    assert shown.get_by_text("✓").count() > 5 and shown.get_by_text("✗").count() >= 1
    _give(page, f"#{TASK}", "21")
    _give(page, "#custom_batch_norm-answer-comment", "Nearly. Come and see me.")
    page.screenshot(path=week / "formgrader.png", full_page=True)

    assert _by_hand(week) == (21.0, "Nearly. Come and see me.")
    done = SHARED.nbgrader(week, "autograde", NAME, "--student=ben", "--force")
    assert done.returncode == 0, done.stderr
    assert _by_hand(week) == (21.0, "Nearly. Come and see me.")
    regraded = CliRunner().invoke(main, ["regrade", NAME, "--apply", "--course-dir", str(week)])
    assert regraded.exit_code == 0, regraded.output
    assert _by_hand(week) == (21.0, "Nearly. Come and see me.")

    page.goto(f"{formgrader}/submissions/{notebook}", wait_until="domcontentloaded")
    expect(page.locator(f"#{TASK}")).to_have_value("21")
    with page.expect_response(_saved):  # a person's points are looked at again after a regrade
        page.locator(".mark-graded").nth(1).click()
    assert SHARED.nbgrader(week, "generate_feedback", NAME, "--student=ben", "--force").returncode == 0
    page.goto((week / "feedback" / "ben" / NAME / f"{NAME}.html").as_uri())
    task = page.locator("section.task", has=page.locator(f"#task-{TASK}"))
    expect(task).to_contain_text("21 of 25 points")
    expect(task).to_contain_text("The points are your instructor’s.")
    expect(page.locator("main")).to_contain_text("Nearly. Come and see me.")


def _give(page, where, what):
    """Type something into a field of the formgrader, and wait until it is saved."""
    page.locator(where).fill(what)
    with page.expect_response(_saved):
        page.locator(where).dispatch_event("change")


def _saved(answer):
    return answer.request.method == "PUT" and answer.ok


def _by_hand(folder):
    with gradebook(folder) as book:
        grade = book.find_grade(TASK, NAME, NAME, "ben")
        comment = book.find_comment("custom_batch_norm-answer", NAME, NAME, "ben")
        return grade.manual_score, comment.manual_comment
