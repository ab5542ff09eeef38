"""The site: it builds without a warning, every link leads somewhere, and the reference is complete."""

import re
import shutil
import sys

import pytest
from bs4 import BeautifulSoup
from conftest import build_site
from test_cli import COMMANDS

from autograder import course
from autograder.classroom.nbgrader_seam.preprocessors import JudgeSubmission
from autograder.lms.plugins import Canvas

DOCS = course.ROOT / "docs"
sys.path.append(str(DOCS))
import links  # noqa: E402


def _text(page):
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").get_text()


def test_the_site_is_whole(site):
    assert links.broken(site) == []
    assert {path.stem for path in site.glob("matrix/*.html")} == {"index", *course.names()}
    written = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert written <= {path.relative_to(site) for path in site.rglob("*.html")}


def test_every_command_and_every_option_of_ours_has_its_place_in_the_reference(site):
    commands = _text(site / "reference" / "commands.html")
    assert [path for path in COMMANDS if f"Usage: {' '.join(['course', *path])} " not in commands] == []
    options = _text(site / "reference" / "configuration.html")
    named = [f"c.JudgeSubmission.{name}" for name in JudgeSubmission.class_own_traits(config=True)]
    named += [f"c.Canvas.{name}" for name in ("template", "percent", "missing", "include")]
    assert [name for name in named if name not in options] == []
    assert Canvas.class_traits()["template"].help in options


@pytest.mark.parametrize("name", ["docs/developing.md", "docs/how-it-is-graded.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_the_files_that_a_page_names_are_there(name):
    text = (course.ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"`(?:[a-z -]+ )?((?:[a-z_]+/)+[a-z_]*(?:\.[a-z]+)?)(?: [a-z -]+)?`", text)
    written = [path for path in named if not path.startswith(("submitted/", "autograded/", "feedback/"))]
    gone = {path for path in written if not any((root / path).exists() for root in (course.ROOT, course.PACKAGE))}
    assert written and gone == set()


def test_links_that_lead_nowhere_end_the_build(tmp_path):
    for name in ("docs", "autograder"):
        shutil.copytree(course.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("SECURITY.md", "nbgrader_config.py"):
        shutil.copy(course.ROOT / name, tmp_path)
    targets = ["nowhere.md", "students.md#nowhere", "no-page", "no.svg"]
    with (tmp_path / "docs" / "words.md").open("a") as page:
        page.write("\n[](nowhere.md) [x](students.md#nowhere) [](no-page) ![x](no.svg)\n")
    done = build_site(tmp_path / "docs", tmp_path / "site", "dummy")
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if "words.md" in line]
    assert [target for target in targets if not any(target.partition("#")[2] or target in line for line in told)] == []
    assert len(told) == len(targets)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('<a href="gone.html">x</a>', "gone.html is not there"),
        ('<a href="#gone">x</a>', "#gone has no such anchor"),
        ('<a href="http:/typo">x</a>', "http:/typo is no address"),
        ('<img src="https://cdn.example.org/a.png">', "https://cdn.example.org/a.png is fetched from the network"),
        ('<a id="here" href="#here">x</a> <a href="https://example.org/a">y</a> <a href="page.html">z</a>', None),
    ],
)
def test_links_are_followed_by_page_anchor_and_address(body, problem, tmp_path):
    (tmp_path / "page.html").write_text(f"<html><body>{body}</body></html>")
    assert links.broken(tmp_path) == ([f"page.html: {problem}"] if problem else [])
