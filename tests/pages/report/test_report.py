"""The class report says what the gradebook and the verdicts say, to a person, whatever the students are called."""

import shutil
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder import CourseError
from autograder.classroom import verdict_files
from autograder.classroom.gradebook import gradebook
from autograder.cli import main
from autograder.judging.verdict import EDITED, UNSEALED, Mistake, TaskResult, TestResult, Verdict
from autograder.pages import report
from autograder.pages.report import items
from autograder.pages.report.page import render
from autograder.pages.report.reading import Submission, read
from autograder.pages.report.summary import summarize

NAME = "ex04_batch_norm"
COURSE = "initialization-normalization-regularization"
HINT = "Look at `var(unbiased=...)`."
AWKWARD = {"ana": ("José", "Núñez"), "bob": ("Pat", "O'Hara, Jr."), "cy": ('Sam "the"', "<script>alert(1)</script>")}


class Reader(HTMLParser):
    """The rows of text of a page's tables, its scripts, and what it would load."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.cell, self.loads, self.scripts = [], False, [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.loads += [value for key, value in attrs if key in ("src", "srcset", "data") or tag == "link"]
        if tag == "tr":
            self.cell = False  # a table's last row may leave out its end tags
            self.rows.append([])
        if tag in ("th", "td"):
            self.cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.cell &= tag not in ("th", "td", "table")

    def handle_data(self, data):
        if self.cell:
            self.rows[-1][-1] += data.strip()


def judged(easy, hard, status="graded", mistake=""):
    """A verdict on two tasks, worth 60 and 40; the first has two tests, with these outcomes."""
    tests = [TestResult("test_easy_one", easy), TestResult("test_hard_one", hard, "no answer" * (hard == "broken"))]
    points = None if "broken" in (easy, hard) else 30.0 * [easy, hard].count("passed")
    first = TaskResult("layer", 60.0, points, tests, [Mistake(mistake, HINT)] * bool(mistake))
    return Verdict(NAME, status, [first, TaskResult("fold", 40.0, 40.0, [TestResult("test_folds", "passed")])])


def one(student, status="graded", points=100.0, found=None, **fields):
    return Submission(NAME, student, student, status, points, 100.0, verdict=found, **fields)


def summary(*ones):
    """The numbers of one exercise."""
    return summarize({NAME: ones})[0]


def page(*ones):
    return render([summary(*ones)])


def record(folder, student, found, penalty=0.0, by_hand=None):
    """Put a verdict where grading puts it: beside the notebook, and into the gradebook."""
    place = folder / "autograded" / student / NAME
    place.mkdir(parents=True)
    verdict_files.write(found, place)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", COURSE) as book:
        submission = book.add_submission(NAME, student)
        points = {task.name: task.points for task in found.tasks}
        for grade in submission.notebooks[0].grades:
            grade.auto_score, grade.manual_score = points[grade.name], (by_hand or {}).get(grade.name)
            grade.needs_manual_grade = grade.auto_score is None and grade.manual_score is None
        submission.notebooks[0].late_submission_penalty = penalty
        book.db.commit()


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory):
    """A course with three students with awkward names, and nothing handed in yet."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = {COURSE!r}\n")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", COURSE) as book:
        for student, (first, last) in AWKWARD.items():
            book.add_student(student, first_name=first, last_name=last)
        for name in [NAME, "ex05_normalization"]:
            book.add_assignment(name)
        book.add_notebook(NAME, NAME)
        for task, points in [("layer", 60), ("fold", 40)]:
            book.add_grade_cell(task, NAME, NAME, max_score=points, cell_type="code")
    return folder


@pytest.fixture
def folder(enrolled, tmp_path):
    return shutil.copytree(enrolled, tmp_path, dirs_exist_ok=True)


def html(folder, *exercises):
    report.write(folder, folder / "report.html", exercises)
    return (folder / "report.html").read_text(encoding="utf-8")


def row(text, start, number=-1):
    """A row by its first cell; the heat map is the first table that has a student's, the last the one with points."""
    return [row for row in Reader(text).rows if row and row[0].startswith(start)][number]


def test_a_student_has_the_points_of_the_gradebook_by_task_less_the_late_penalty(folder):
    record(folder, "ana", judged("passed", "failed"), penalty=5)
    assert row(html(folder), "Núñez") == ["Núñez, José", "ana", "graded", "30", "40", "5", "65"]


def test_a_penalty_takes_no_more_than_there_is(folder):
    record(folder, "ana", judged("passed", "failed"), penalty=99)
    assert row(html(folder), "Núñez")[-2:] == ["70", "0"]


def test_points_given_by_hand_count_and_settle_what_waited_for_a_person(folder):
    record(folder, "ana", judged("passed", "broken", "needs_review"), by_hand={"layer": 45.5})
    assert row(html(folder), "Núñez") == ["Núñez, José", "ana", "graded", "45.5", "40", "", "85.5"]


def test_what_waits_for_a_person_is_neither_a_zero_nor_in_the_mean(folder):
    record(folder, "ana", judged("passed", "passed"))
    record(folder, "bob", judged("passed", "broken", "needs_review"))
    text = html(folder)
    assert row(text, "O'Hara") == ["O'Hara, Jr., Pat", "bob", "needs a person", "?", "40", "", "?"]
    assert "1 submission for you to look at" in text
    assert "Hard one: no answer" in text
    assert "<dd>100.0</dd>" in text


def test_who_handed_in_nothing_is_shown_without_points_and_an_exercise_nobody_handed_in_is_not(folder):
    record(folder, "ana", judged("passed", "passed"))
    assert row(html(folder), "O'Hara") == ["O'Hara, Jr., Pat", "bob", "not handed in", "", "", "", ""]
    assert "ex05_normalization" not in html(folder)
    assert "ex05_normalization" in html(folder, "ex05_normalization")


def test_what_was_handed_in_and_never_judged_is_not_absent(folder):
    (folder / "submitted" / "ana" / NAME).mkdir(parents=True)
    assert row(html(folder), "Núñez")[2] == "not graded yet"


def test_a_verdict_without_grades_in_the_gradebook_waits_for_a_person(folder):
    record(folder, "ana", judged("passed", "passed"))
    (folder / "autograded" / "bob").symlink_to(folder / "autograded" / "ana")
    assert row(html(folder), "O'Hara")[2] == "needs a person"


def test_names_are_escaped_and_the_page_loads_nothing(folder):
    record(folder, "cy", judged("passed", "passed"))
    read = Reader(html(folder))
    assert (read.scripts, read.loads) == (1, [])
    assert ['<script>alert(1)</script>, Sam "the"', "cy", "graded", "60", "40", "", "100"] in read.rows


def test_students_stand_in_alphabetical_order_accents_and_cases_aside(folder):
    with gradebook(folder) as book:
        for last in ["Émile", "zorn", "Adler", "Fried"]:
            book.add_student(last, last_name=last)
    (folder / "submitted" / "ana" / NAME).mkdir(parents=True)
    names = [one.name.partition(",")[0] for one in read(folder)[NAME]]
    assert names == ["<script>alert(1)</script>", "Adler", "Émile", "Fried", "Núñez", "O'Hara", "zorn"]


def test_tests_stand_hardest_first_with_the_share_of_those_decided():
    verdicts = [judged("passed", "failed"), judged("passed", "passed"), judged("failed", "failed")]
    verdicts += [judged("passed", "broken", "needs_review")]
    layer, fold = summary(*(one(str(index), found=found) for index, found in enumerate(verdicts)))["tasks"]
    assert [(test["sentence"], test["passed"], test["failed"], test["broken"]) for test in layer["tests"]] == [
        ("Hard one", 1, 2, 1),
        ("Easy one", 3, 1, 0),
    ]
    assert [test["share"] for test in fold["tests"]] == [1]


def test_a_test_that_fewer_than_half_pass_is_marked():
    text = page(one("ana", found=judged("passed", "failed")), one("bob", found=judged("passed", "passed")))
    assert row(text, "Hard one") == ["Hard one", "", "50\xa0%1 of 2"]
    text = page(one("ana", found=judged("passed", "failed")))
    assert row(text, "Hard one") == ["Hard one▲ hard", "", "0\xa0%0 of 1"]


def test_mistakes_stand_commonest_first_with_hint_share_and_students():
    biased, eps = (
        judged("passed", "failed", mistake="keeps the biased variance"),
        judged("failed", "failed", mistake="eps"),
    )
    ones = [one("bob", found=eps), one("cy", found=biased), one("ana", found=biased), one("dee", "absent", None)]
    found = summary(*ones)
    assert [(mistake["name"], mistake["students"]) for mistake in found["mistakes"]] == [
        ("keeps the biased variance", ["cy", "ana"]),
        ("eps", ["bob"]),
    ]
    text = page(*ones)
    for part in ["67\xa0%<small>2 students", "Look at <code>var(unbiased=...)</code>.", "<p>ana, cy</p>"]:
        assert part in text


def test_a_broken_rule_is_named_with_its_reason():
    found = judged("passed", "passed")
    found.tasks[0].note = "CustomBatchNorm uses nn.BatchNorm1d, which is not allowed here"
    assert summary(one("ana", found=found))["mistakes"][0]["name"] == found.tasks[0].note


@pytest.mark.parametrize("points, bar", [(0, 0), (9.99, 0), (10, 1), (29, 2), (70, 7), (99.99, 9), (100, 9), (105, 9)])
def test_points_fall_into_ten_bars(points, bar):
    bins = summary(one("ana", points=float(points)))["bins"]
    assert [count for _, _, count in bins] == [int(index == bar) for index in range(10)]


def test_a_class_that_only_waits_has_a_page_too():
    found = Verdict(NAME, "needs_review", [TaskResult("layer", 60.0, None, [])])
    text = page(one("ana", "needs_review", None, found))
    assert "1 submission for you to look at" in text
    assert "<dt>median" not in text


def test_the_command_writes_the_page_and_says_where(folder):
    record(folder, "ana", judged("passed", "passed"))
    result = CliRunner().invoke(main, ["report", NAME, "--course-dir", str(folder), "--to", str(folder / "r.html")])
    assert (result.exit_code, result.output) == (0, f"wrote {folder / 'r.html'}\n")
    assert "<title>Class report</title>" in (folder / "r.html").read_text(encoding="utf-8")


def scored(student, layer, fold, **fields):
    """One student with these points in two tasks, worth 60 and 40."""
    scores = {"layer": layer, "fold": fold}
    return one(student, points=layer + fold, scores=scores, worth={"layer": 60.0, "fold": 40.0}, **fields)


def test_difficulty_is_the_mean_share_and_discrimination_the_correlation_with_the_other_tasks():
    points = pd.DataFrame(np.random.default_rng(0).integers(0, 11, (40, 3)), columns=list("abc"), dtype=float)
    found = items.analyze(points, {"a": 10, "b": 20, "c": 10})
    assert found.difficulty.tolist() == [points.a.mean() / 10, points.b.mean() / 20, points.c.mean() / 10]
    assert found.discrimination.a == pytest.approx(np.corrcoef(points.a, points.b + points.c)[0, 1])


def test_a_class_that_is_too_small_or_all_alike_has_no_discrimination():
    points = pd.DataFrame({"a": [0.0, 10.0] * 10, "b": [8.33] * 20})
    worth = {"a": 10, "b": 10}
    assert items.analyze(points[:9], worth).discrimination.isna().all()
    assert items.analyze(points, worth).discrimination.isna().all()
    assert items.analyze(points[["a"]], {"a": 10}).discrimination.isna().all()


def test_terms_are_explained_by_a_button_that_takes_the_focus():
    text = page(*(scored(str(index), 6.0 * index, 40.0 - 4 * index) for index in range(10)))
    assert row(text, "layer") == ["layer", "27.0 of 60", "0.45", "-1.00▲ negative"]
    assert row(text, "fold") == ["fold", "22.0 of 40", "0.55", "-1.00▲ negative"]
    for term in ("difficulty", "discrimination"):
        assert f'aria-describedby="{NAME}-{term}"' in text and f'role="tooltip" id="{NAME}-{term}"' in text


def test_who_may_need_help_has_few_points_or_fewer_than_elsewhere_or_handed_in_nothing():
    first = [scored("ana", 60.0, 40.0), scored("bob", 20.0, 0.0), scored("cy", 60.0, 40.0), scored("dee", 60.0, 5.0)]
    second = [scored("ana", 60.0, 0.0), scored("bob", 60.0, 0.0), one("cy", "absent", None), scored("dee", 60.0, 0.0)]
    found = summarize({NAME: first, "other": [replace(one, exercise="other") for one in second]})
    assert [[(help.submission.student, help.reason) for help in summary["help"]] for summary in found] == [
        [("bob", "has 20% of the points, 60% elsewhere")],
        [("ana", "has 60% of the points, 100% elsewhere"), ("cy", "handed in nothing, has 100% elsewhere")],
    ]


def test_the_heat_map_has_a_row_for_each_student_and_a_cell_for_each_task(folder):
    record(folder, "ana", judged("passed", "failed"))
    record(folder, "bob", judged("passed", "broken", "needs_review"))
    text = html(folder)
    assert row(text, "Name", 0) == ["Name", "Mean", "Help", "layer", "fold"]
    assert row(text, "Núñez", 0) == ["Núñez, José", "70", "", "50", "100"]
    assert row(text, "O'Hara", 0) == ["O'Hara, Jr., Pat", "", "", "?", "100"]
    assert row(text, "<script>", 0)[1:] == ["", "1", "", ""]
    assert "<td class=f>50<td class=k>100" in text


def test_an_edited_verdict_is_shown_as_such_and_an_unsealed_one_is_used(folder):
    record(folder, "ana", judged("passed", "failed"))
    record(folder, "bob", judged("passed", "failed"))
    for student, change in [("ana", ('"failed"', '"passed"')), ("bob", ('"seal"', '"sea"'))]:
        path = folder / "autograded" / student / NAME / verdict_files.FILE
        path.write_text(path.read_text().replace(*change))
    text = html(folder)
    assert EDITED.replace("'", "&#39;") in text and UNSEALED in text and f"course regrade {NAME}" in text
    assert row(text, "Hard one") == ["Hard one▲ hard", "", "0\xa0%0 of 1"]
    assert row(text, "Núñez") == ["Núñez, José", "ana", "graded", "30", "40", "", "70"]


def test_time_used_names_the_longest():
    found = judged("passed", "passed")
    found.seconds = 3.21
    assert "Longest: ana 3.2 s." in page(one("ana", found=found))
    assert "Longest" not in page(one("ana", found=judged("passed", "passed")))


def test_the_tables_are_tidy_and_no_text_in_them_is_a_formula(folder):
    with gradebook(folder) as book:
        book.update_or_create_student("bob", first_name="", last_name="=cmd()")
    record(folder, "ana", judged("passed", "failed", mistake="eps"), penalty=5)
    arguments = ["report", "--course-dir", str(folder), "--to", str(folder / "r.html"), "--csv", str(folder / "csv")]
    assert CliRunner().invoke(main, arguments).output.count("wrote") == 8
    found = {path.stem: pd.read_csv(path) for path in (folder / "csv").glob("*.csv")}
    ana = found["submissions"].set_index("student").loc["ana"]
    assert (ana["points"], ana.late_penalty, ana.status) == (65, 5, "graded")
    assert "'=cmd()" in found["submissions"].name.tolist()
    assert found["scores"].to_dict("list")["points"] == [40, 30]
    assert found["mistakes"].values.tolist() == [[NAME, "layer", "eps", "ana"]]
    assert found["help"].student.tolist() == ["cy", "bob"]
    assert found["tasks"].difficulty.tolist() == [0.5, 1] and len(found["tests"]) == 3


@pytest.mark.parametrize("exercises, words", [([], "nbgrader autograde"), (["ex4"], f"no ex4; it has {NAME}, ex05")])
def test_an_error_says_what_is_there_and_what_to_do(folder, exercises, words):
    with pytest.raises(CourseError, match=words):
        read(folder, exercises)
