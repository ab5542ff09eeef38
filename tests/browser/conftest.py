"""What the browser tests share: Debian's Chromium, driven by Playwright."""

import os
import shutil

import pytest

from autograder import course
from autograder.pages import report
from autograder.proof import zoo

NAME = "ex04_batch_norm"
SHARED = course.load(course.ROOT / "tests" / "conftest.py")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items):
    if CHROMIUM is None:
        for item in items:
            if "tests/browser/" in item.nodeid:
                item.add_marker(pytest.mark.skip(reason="no chromium here: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    # Chromium's own sandbox refuses to start for root.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": flags}


@pytest.fixture(scope="session")
def classroom(tmp_path_factory):
    """A graded class of four: right, a mistake with a name, untouched, and a file that is no notebook."""
    folder = SHARED.course_folder(tmp_path_factory.mktemp("class"))
    wrong = next(one for one in course.misconceptions(NAME) if one.name == "keeps the biased variance")
    answers = {"ana": zoo.reference(NAME), "ben": zoo.wrong(NAME, wrong), "cleo": zoo.submission(NAME, {})}
    for student, notebook in {**answers, "dan": zoo.reference(NAME)}.items():
        path = SHARED.hand_in(folder, student, NAME, notebook) / f"{NAME}.ipynb"
        if student not in answers:
            path.write_text("{")
    for command in ("generate_assignment", "autograde", "generate_feedback"):
        SHARED.nbgrader(folder, command, NAME)
    report.write(folder, folder / "report.html")
    return folder
