"""The package as its map shows it: no import cycle, few entries at a level, every error drawn in one place."""

import ast
import graphlib
import sys

import pytest

import autograder
from autograder import course

DOCS = course.ROOT / "docs"
sys.path.append(str(DOCS))
import package_map  # noqa: E402

MODULES = package_map.modules()


def test_no_module_imports_what_imports_it():
    graph = {name: package_map.imports(name, MODULES) for name in MODULES}
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError, which names the modules


@pytest.mark.parametrize(
    ("name", "imported"),
    [
        ("cli.authoring", {"course", "judging.judge", "proof.zoo"}),  # at the top and inside of functions
        ("judging.fence.sandbox", {"judging.fence.worker.wire"}),
        ("judging.fence.worker.__main__", {"judging.fence.worker.wire", "judging.fence.worker.jail"}),  # a script
        ("judging.fence.worker.jail.kernel", {"judging.fence.worker.jail.limits"}),  # relative
    ],
)
def test_imports_are_found_wherever_they_stand(name, imported):
    found = package_map.imports(f"autograder.{name}", MODULES)
    assert {f"autograder.{other}" for other in imported} <= found


def test_a_level_has_at_most_nine_entries():
    folders = {path.parent for path in MODULES.values()}
    many = {folder: entries for folder in folders if len(entries := package_map.entries(folder)) > 9}
    assert many == {}


def test_the_map_is_up_to_date():
    drawn = (DOCS / "package.svg").read_text(encoding="utf-8")
    assert drawn == package_map.draw(), "run `python docs/package_map.py`, and look at docs/package.svg"


def test_the_package_says_what_each_of_its_errors_means():
    bases, told = {"BaseException", "Exception", "AssertionError", "CourseError"}, autograder.__doc__
    errors = {
        node.name
        for path in MODULES.values()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and {base.id for base in node.bases if isinstance(base, ast.Name)} & bases
    }
    assert len(errors) > 8 and {name for name in errors if f"    {name} " not in told} == set()
