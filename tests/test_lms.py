"""What is written for an LMS is what its importer takes, and reads back to the same grades."""

import csv
import io
from decimal import Decimal

import pytest
from nbgrader.api import Gradebook

from autograder import grades, lms
from autograder.course import CourseError
from autograder.grades import Row


def row(student, points="90", first="Ada", last="Lovelace", lms_id="7", most="100"):
    points = None if points is None else Decimal(points)
    return Row(student, first, last, f"{student}@x.org", lms_id, "ex04_batch_norm", points, Decimal(most))


AWKWARD = [
    row("s1", "82.5", "José", "Núñez"),
    row("s2", "0", "Pat", "O'Hara, Jr.", lms_id="0012"),
    row("s3", "99.99", 'Sam "the"', "Smith", lms_id=""),
    row("s4", None),
    row("s5", "100", "=HYPERLINK(1)", "=1+1"),
    row("s6", "7.10", "明", "王"),
]
GOLDEN = '''\
Student,ID,SIS User ID,SIS Login ID,Section,ex04_batch_norm
    Points Possible,,,,,100
"Núñez, José",7,,s1,,82.5
"O'Hara, Jr., Pat",0012,,s2,,0
"Smith, Sam ""the""",,,s3,,99.99
"'=1+1, =HYPERLINK(1)",7,,s5,,100
"王, 明",7,,s6,,7.1
'''
TEMPLATE = """\
Student,ID,SIS User ID,SIS Login ID,Section,Quiz (11),ex04_batch_norm (42),Final Score
    Points Possible,,,,,10,100,(read only)
"Núñez, José",901,u1,s1,Section A,5,1,50
"O'Hara, Jr., Pat",902,u2,s2,Section A,6,,60
"Not, Ours",903,u3,s99,Section A,7,3,70
"""


def test_canvas_takes_the_file_as_it_is():
    assert lms.canvas(AWKWARD) == GOLDEN


def test_a_grade_that_is_not_final_is_left_out_and_never_blank():
    for line in list(csv.reader(io.StringIO(lms.canvas(AWKWARD))))[2:]:
        assert line[5]
        assert line[3] != "s4"


def test_a_template_keeps_its_header_ids_and_names():
    assert lms.canvas(AWKWARD[:2], TEMPLATE) == (
        "Student,ID,SIS User ID,SIS Login ID,Section,ex04_batch_norm (42)\n"
        "    Points Possible,,,,,100\n"
        '"Núñez, José",901,u1,s1,Section A,82.5\n'
        '"O\'Hara, Jr., Pat",902,u2,s2,Section A,0\n'
    )


@pytest.mark.parametrize(
    ("rows", "template", "words"),
    [
        (AWKWARD, TEMPLATE, "not in the Canvas file: s3, s5, s6"),
        ([row("s1", most="50")], TEMPLATE, "worth 100 points in Canvas and 50 here"),
        ([row("s1")], TEMPLATE.replace("ex04", "ex05"), "no column 'ex04_batch_norm'"),
        ([row("12.345.678")], None, "read the id '12.345.678' as a number"),
    ],
)
def test_what_canvas_would_get_wrong_is_refused(rows, template, words):
    with pytest.raises(CourseError, match=words):
        lms.canvas(rows, template)


@pytest.fixture
def book(tmp_path):
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        book.add_assignment("hw")
        book.add_notebook("hw", "hw")
        for task, points in [("one", 30), ("two", 70)]:
            book.add_grade_cell(task, "hw", "hw", max_score=points, cell_type="code")
        yield book


def record(book, student, *scores, manual=None, review=False, penalty=None):
    book.update_or_create_student(student, first_name="A", last_name="B")
    book.update_or_create_submission("hw", student)
    for task, score in zip(["one", "two"], scores, strict=True):
        grade = book.find_grade(task, "hw", "hw", student)
        grade.auto_score, grade.manual_score, grade.needs_manual_grade = score, manual, review
    book.find_submission_notebook("hw", "hw", student).late_submission_penalty = penalty
    book.db.commit()


def test_grades_are_what_the_gradebook_says_less_the_late_penalty(book):
    record(book, "ana", 30, 52.5)
    record(book, "bob", 0, 0)
    record(book, "cy", 30, 70, penalty=10)
    record(book, "dee", 1, 1, manual=5)
    record(book, "eve", 1, 1, penalty=10)
    found = {row.student: row.points for row in grades.rows(book)}
    assert found == {"ana": Decimal("82.50"), "bob": 0, "cy": 90, "dee": 10, "eve": 0}


def test_what_waits_for_a_person_or_was_never_graded_is_not_final(book):
    record(book, "ana", 30, None)
    record(book, "bob", 30, 70, review=True)
    record(book, "cy", None, None)
    assert {row.student: row.points for row in grades.rows(book)} == {"ana": None, "bob": None, "cy": None}


def test_each_exercise_gets_its_own_file(book, tmp_path):
    record(book, "ana", 30, 70)
    book.add_assignment("more")
    book.add_notebook("more", "more")
    book.add_grade_cell("three", "more", "more", max_score=5, cell_type="code")
    book.update_or_create_submission("more", "ana")
    grade = book.find_grade("three", "more", "more", "ana")
    grade.auto_score, grade.needs_manual_grade = 4, False
    book.db.commit()
    paths = lms.save(lms.export(book, "canvas"), tmp_path / "grades.csv")
    assert [path.name for path in paths] == ["grades-hw.csv", "grades-more.csv"]
    assert paths[1].read_text().splitlines()[2] == '"B, A",,,ana,,4'
    assert [path.name for path in lms.save(lms.export(book, "canvas", ["hw"]), tmp_path / "g.csv")] == ["g.csv"]


def test_nothing_to_export_is_an_error_with_the_next_command(book):
    with pytest.raises(CourseError, match="nbgrader autograde"):
        lms.export(book, "canvas")
    record(book, "ana", 30, 70)
    with pytest.raises(CourseError, match="no submission of hw9"):
        lms.export(book, "canvas", ["hw9"])
