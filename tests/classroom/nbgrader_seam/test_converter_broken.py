"""A class in which everything is broken that can be: stock nbgrader commands go on, lose nothing and invent no 0."""

import copy
import csv
import html
import json
import os
import re

import nbformat
import pytest
from conftest import course_folder, nbgrader
from nbgrader.api import Gradebook

from autograder import course
from autograder.course import build
from autograder.pages.report import reading
from autograder.pages.report.page import render
from autograder.pages.report.summary import summarize
from autograder.proof import zoo

NAME = "ex04_batch_norm"
FILE = f"{NAME}.ipynb"
FIRST = build.ANSWER.format(next(iter(course.exercise(NAME).solutions)))


def changed(change):
    """The reference, changed in place, as its file; not written by nbformat, which mends what is to be broken."""
    notebook = zoo.reference(NAME)
    change(notebook)
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode()


def answer(notebook):
    return next(cell for cell in notebook.cells if cell.id == FIRST)


def duplicate(notebook):
    notebook.cells += notebook.cells


def two_answers(notebook):
    twin = copy.deepcopy(answer(notebook))
    twin.source += "\n    extra = 1"
    notebook.cells.append(twin)


def another_answer(notebook):
    answer(notebook).source += "\n\nmine = 1"


def split(notebook):
    first = answer(notebook)
    twin = copy.deepcopy(first)
    first.source = "import math"
    notebook.cells.insert(notebook.cells.index(first) + 1, twin)


def delete(notebook):
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]


def reorder(notebook):
    notebook.cells.reverse()


def unlabel(notebook):
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = {"id": f"abc{number}", "colab": {}}, f"abc{number}"


def retype(notebook):
    answer(notebook).cell_type = "markdown"


def edit_checks(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = "1 / 0"


def change_metadata(notebook):
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(points=1000, grade_id="x" + cell.id, schema_version=99, task=True)


def other_kernel(notebook):
    notebook.metadata = {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}


def emptied(notebook):
    notebook.cells = []


WHOLE = changed(lambda notebook: None)
V3 = nbformat.writes(nbformat.convert(zoo.reference(NAME), 3), version=3).encode()
V40 = re.sub(rb'\n   "id": "[^"]*",', b"", WHOLE).replace(b'"nbformat_minor": 5', b'"nbformat_minor": 0')

CLASS = {
    # by student: the files handed in, and the status that it ends as
    "whole": ({FILE: WHOLE}, "graded"),
    "duplicated": ({FILE: changed(duplicate)}, "graded"),
    "two_answers": ({FILE: changed(two_answers)}, "needs_review"),
    "split": ({FILE: changed(split)}, "graded"),
    "deleted": ({FILE: changed(delete)}, "graded"),
    "reordered": ({FILE: changed(reorder)}, "graded"),
    "unlabelled": ({FILE: changed(unlabel)}, "graded"),
    "markdown": ({FILE: changed(retype)}, "graded"),
    "edited_checks": ({FILE: changed(edit_checks)}, "graded"),
    "metadata": ({FILE: changed(change_metadata)}, "graded"),
    "version3": ({FILE: V3}, "graded"),
    "version40": ({FILE: V40}, "graded"),
    "truncated": ({FILE: WHOLE[: len(WHOLE) // 2]}, "unreadable"),
    "empty": ({FILE: b""}, "unreadable"),
    "no_cells": ({FILE: changed(emptied)}, "needs_review"),
    "utf16": ({FILE: WHOLE.decode().encode("utf-16")}, "graded"),
    "latin1": ({FILE: WHOLE.decode().replace("Batch normalization", "Größe").encode("latin-1", "replace")}, "graded"),
    "bom": ({FILE: b"\xef\xbb\xbf" + WHOLE}, "graded"),
    "windows": ({FILE: WHOLE.replace(b"\n", b"\r\n").replace(b"\\n", b"\\r\\n")}, "graded"),
    "renamed": ({f"Copy of {NAME} (1).ipynb": WHOLE}, "graded"),
    "two_renamed": ({"a.ipynb": WHOLE, "b.ipynb": changed(another_answer)}, "needs_review"),
    "two_alike": ({"a.ipynb": WHOLE, "b.ipynb": WHOLE}, "graded"),
    "missing": ({}, "absent"),
    "a_pdf": ({"report.pdf": b"%PDF-1.7"}, "unreadable"),
    "large": ({FILE: WHOLE}, "graded"),
    "r_kernel": ({FILE: changed(other_kernel)}, "graded"),
    "extra": ({FILE: WHOLE, "data/a.csv": b"1", "verdict.json": b"{", f"x/{FILE}": b"", "\xff.txt": b""}, "graded"),
}


def fill(folder, files):
    folder.mkdir(parents=True)
    for name, raw in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(raw)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class, once graded: its folder, and how the command ended."""
    folder = course_folder(tmp_path_factory.mktemp("class"))
    assert nbgrader(folder, "generate_assignment", NAME).returncode == 0
    for student, (files, _) in CLASS.items():
        fill(folder / "submitted" / student / NAME, files)
    large = b'"outputs": [{"output_type": "stream", "name": "stdout", "text": "%s"}]' % (b"0.37, " * (35 << 20))
    (folder / "submitted" / "large" / NAME / FILE).write_bytes(WHOLE.replace(b'"outputs": []', large, 1))
    linked = folder / "submitted" / "linked" / NAME
    fill(linked, {})
    (linked / FILE).symlink_to(f"../../whole/{NAME}/{FILE}")
    (linked / "gone").symlink_to("/nowhere")
    (linked / "book.txt").symlink_to(folder / "gradebook.db")
    os.mkfifo(linked / "pipe")
    fill(folder / "submitted" / "untimed" / NAME, {FILE: WHOLE, "timestamp.txt": b"\xff yesterday"})
    yield folder, nbgrader(folder, "autograde", NAME)


def verdict(folder, student):
    return json.loads((folder / "autograded" / student / NAME / "verdict.json").read_text())


def test_what_is_certain_is_graded_and_what_is_not_is_for_a_person(graded):
    known = {student: verdict(graded[0], student) for student in CLASS}
    undecided = {student for student, (_, status) in CLASS.items() if status != "graded"}
    assert {student: one["status"] for student, one in known.items()} == {
        student: status for student, (_, status) in CLASS.items()
    }
    assert {student: one["points"] for student, one in known.items()} == {
        student: None if student in undecided - {"two_answers", "no_cells"} else 0 if student == "no_cells" else 100
        for student in CLASS
    }
    assert {student for student, one in known.items() if one["notes"]} == undecided
    assert all(one["failure"] == "" for one in known.values())


def test_nothing_but_the_notebook_and_its_verdict_is_written(graded):
    written = [path for path in (graded[0] / "autograded").rglob("*") if path.is_file()]
    assert {path.name for path in written} == {FILE, "verdict.json", "timestamp.txt"}
    assert max(path.stat().st_size for path in written) < 1 << 20
    assert {path.parents[1].name for path in written} == {*CLASS, "linked", "untimed"}


def test_the_batch_goes_on_and_its_end_names_those_who_need_a_person(graded):
    _, done = graded
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if "ERROR" in line]
    for student, (_, status) in CLASS.items():
        assert any(f" {student}: {status}: " in line for line in errors) == (status in ("unreadable", "needs_review"))
    assert any("linked: unreadable: there is no notebook, only" in line for line in errors)
    assert any("untimed: needs_review: timestamp.txt says not when this came" in line for line in errors)
    assert verdict(graded[0], "untimed")["points"] == 100
    assert "nbgrader's formgrader" in errors[-1] and "--force" in errors[-1]


def test_where_nothing_is_final_no_export_has_a_zero(graded):
    folder, _ = graded
    final = {student for student, (_, status) in CLASS.items() if status == "graded"}
    done = nbgrader(folder, "export", "--exporter=autograder.lms.Canvas", "--to=canvas.csv")
    assert done.returncode == 0, done.stderr
    with (folder / "canvas.csv").open() as file:
        rows = {row["SIS Login ID"]: row[NAME] for row in csv.DictReader(file)}
    assert {student: "100" for student in final} == {key: points for key, points in rows.items() if key}


def test_the_feedback_page_says_what_is_open_and_what_was_mended(graded):
    folder, _ = graded
    assert nbgrader(folder, "generate_feedback", NAME).returncode == 0
    pages = {path.parents[1].name: path.read_text() for path in (folder / "feedback").rglob("*.html")}
    assert "<b>100</b> of 100 points" in pages["renamed"]
    assert f"was handed in as Copy of {NAME} (1).ipynb" in pages["renamed"]
    assert "Mended" not in pages["whole"]
    for student in ("truncated", "two_answers", "missing", "two_renamed"):
        assert "not decided yet, of 100 points" in pages[student] and "<b>0</b> of" not in pages[student]
        assert verdict(folder, student)["notes"][0] in html.unescape(pages[student])


def test_the_class_report_counts_each_as_what_it_is(graded):
    folder, _ = graded
    found = {one.student: one for one in reading.read(folder, [NAME])[NAME]}
    for student, (_, status) in CLASS.items():
        assert found[student].status == status
        assert found[student].points == (100 if status == "graded" else None)
    page = render(summarize({NAME: list(found.values())}))
    assert "it breaks off" in page and "several notebooks" in page


def test_what_could_not_be_judged_is_judged_again_and_a_persons_points_stand(graded):
    folder, _ = graded
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "initialization-normalization-regularization") as book:
        for grade in book.find_submission(NAME, "a_pdf").notebooks[0].grades:
            grade.manual_score, grade.needs_manual_grade = 1, False
        book.db.commit()
    (folder / "submitted" / "missing" / NAME / FILE).write_bytes(WHOLE)
    done = nbgrader(folder, "autograde", NAME)
    assert verdict(folder, "missing")["points"] == 100
    assert "missing: 100 of 100 points, graded" in done.stderr and "whole: 100" not in done.stderr
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "initialization-normalization-regularization") as book:
        grades = book.find_submission(NAME, "a_pdf").notebooks[0].grades
        assert {(grade.score, grade.needs_manual_grade) for grade in grades} == {(1, False)}
