"""The class report says what the gradebook and the verdicts say, to a person, whatever the students are called."""

import shutil
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder import report, verdict
from autograder.cli import main
from autograder.course import CourseError
from autograder.grades import gradebook
from autograder.report import Submission, page, summarize
from autograder.verdict import Mistake, TaskResult, TestResult, Verdict

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
            self.rows.append([])
        if tag in ("th", "td"):
            self.cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.cell &= tag not in ("th", "td")

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


def record(folder, student, found, penalty=0.0, by_hand=None):
    """Put a verdict where grading puts it: beside the notebook, and into the gradebook."""
    place = folder / "autograded" / student / NAME
    place.mkdir(parents=True)
    verdict.write(found, place)
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


def row(text, start):
    return next(row for row in Reader(text).rows if row[0].startswith(start))


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
    names = [one.name.partition(",")[0] for one in report.read(folder)[NAME]]
    assert names == ["<script>alert(1)</script>", "Adler", "Émile", "Fried", "Núñez", "O'Hara", "zorn"]


def test_tests_stand_hardest_first_with_the_share_of_those_decided():
    verdicts = [judged("passed", "failed"), judged("passed", "passed"), judged("failed", "failed")]
    verdicts += [judged("passed", "broken", "needs_review")]
    layer, fold = summarize([one(str(index), found=found) for index, found in enumerate(verdicts)])["tasks"]
    assert [(test["sentence"], test["passed"], test["failed"], test["broken"]) for test in layer["tests"]] == [
        ("Hard one", 1, 2, 1),
        ("Easy one", 3, 1, 0),
    ]
    assert [test["share"] for test in fold["tests"]] == [1]


def test_a_test_that_fewer_than_half_pass_is_marked():
    text = page(
        [summarize([one("ana", found=judged("passed", "failed")), one("bob", found=judged("passed", "passed"))])], {}
    )
    assert row(text, "Hard one") == ["Hard one", "", "50\xa0%1 of 2"]
    text = page([summarize([one("ana", found=judged("passed", "failed"))])], {})
    assert row(text, "Hard one") == ["Hard one▲ hard", "", "0\xa0%0 of 1"]


def test_mistakes_stand_commonest_first_with_hint_share_and_students():
    biased, eps = (
        judged("passed", "failed", mistake="keeps the biased variance"),
        judged("failed", "failed", mistake="eps"),
    )
    found = summarize(
        [one("bob", found=eps), one("cy", found=biased), one("ana", found=biased), one("dee", "absent", None)]
    )
    assert [(mistake["name"], mistake["students"]) for mistake in found["mistakes"]] == [
        ("keeps the biased variance", ["cy", "ana"]),
        ("eps", ["bob"]),
    ]
    text = page([found], {})
    for part in ["67\xa0%<small>2 students", "Look at <code>var(unbiased=...)</code>.", "<p>ana, cy</p>"]:
        assert part in text


def test_a_broken_rule_is_named_with_its_reason():
    found = judged("passed", "passed")
    found.tasks[0].note = "CustomBatchNorm uses nn.BatchNorm1d, which is not allowed here"
    assert summarize([one("ana", found=found)])["mistakes"][0]["name"] == found.tasks[0].note


@pytest.mark.parametrize("points, bar", [(0, 0), (9.99, 0), (10, 1), (29, 2), (70, 7), (99.99, 9), (100, 9), (105, 9)])
def test_points_fall_into_ten_bars(points, bar):
    bins = summarize([one("ana", points=float(points))])["bins"]
    assert [count for _, _, count in bins] == [int(index == bar) for index in range(10)]


def test_a_class_that_only_waits_has_a_page_too():
    text = page(
        [
            summarize(
                [one("ana", "needs_review", None, Verdict(NAME, "needs_review", [TaskResult("layer", 60.0, None, [])]))]
            )
        ],
        {},
    )
    assert "1 submission for you to look at" in text
    assert "<dt>median" not in text


def test_the_command_writes_the_page_and_says_where(folder):
    record(folder, "ana", judged("passed", "passed"))
    result = CliRunner().invoke(main, ["report", NAME, "--course-dir", str(folder), "--to", str(folder / "r.html")])
    assert (result.exit_code, result.output) == (0, f"wrote {folder / 'r.html'}\n")
    assert "<title>Class report</title>" in (folder / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("exercises, words", [([], "nbgrader autograde"), (["ex4"], f"no ex4; it has {NAME}, ex05")])
def test_an_error_says_what_is_there_and_what_to_do(folder, exercises, words):
    with pytest.raises(CourseError, match=words):
        report.read(folder, exercises)
