"""From the gradebook to files: what is final, which options change it, and that a file is whole or not there."""

import csv
from dataclasses import replace
from decimal import Decimal

import pytest
from awkward import CLASS, EXERCISE, MAXIMA, gradebook, template
from click.testing import CliRunner
from conftest import nbgrader

from autograder import CourseError, lms
from autograder.classroom.gradebook import absences, decide, decimal, rows
from autograder.cli import main
from autograder.lms import Selection
from autograder.lms.exporting import TARGETS


@pytest.fixture
def book(tmp_path):
    with gradebook(tmp_path) as book:
        book.add_assignment("hw")
        book.add_notebook("hw", "hw")
        for task, points in [("one", 30), ("two", 70)]:
            book.add_grade_cell(task, "hw", "hw", max_score=points, cell_type="code")
        yield book


def record(book, student, *scores, manual=None, review=False, penalty=None, extra=None):
    book.update_or_create_student(student, first_name="A", last_name="B")
    book.update_or_create_submission("hw", student)
    for task, score in zip(["one", "two"], scores, strict=True):
        grade = book.find_grade(task, "hw", "hw", student)
        grade.auto_score, grade.manual_score, grade.needs_manual_grade = score, manual, review
        grade.extra_credit = extra
    book.find_submission_notebook("hw", "hw", student).late_submission_penalty = penalty
    book.db.commit()


def found(book, **options):
    """By student, the points that may leave the gradebook."""
    everybody = rows(book) + absences(book, options.pop("folder", lms.exporting.HERE))
    return {row.student: row.points for row in decide(everybody, **options)[0]}


def test_grades_are_what_the_gradebook_says_less_the_late_penalty(book):
    record(book, "ana", 30, 52.5)
    record(book, "bob", 0, 0)
    record(book, "cy", 30, 70, penalty=10)
    record(book, "dee", 1, 1, manual=5)
    record(book, "eve", 1, 1, penalty=10)
    record(book, "fay", 30, 70, extra=2)
    assert found(book) == {"ana": Decimal("82.50"), "bob": 0, "cy": 90, "dee": 10, "eve": 0, "fay": 104}


def test_they_are_what_nbgrader_itself_says(book):
    record(book, "ana", 12.25, 52.5, penalty=3.5, extra=1)
    record(book, "bob", 29.99, 0.01, manual=7.125)
    for row in rows(book):
        submission = book.find_submission("hw", row.student)
        assert row.points == decimal(submission.score - submission.late_submission_penalty)
        assert row.max_points == submission.max_score


def test_what_waits_for_a_person_or_was_never_graded_is_not_final(book):
    record(book, "ana", 30, None)
    record(book, "bob", 30, 70, review=True)
    record(book, "cy", None, None)
    assert found(book) == {}
    assert {row.student: row.status for row in rows(book)} == {
        "ana": "needs_review", "bob": "needs_review", "cy": "ungraded",
    }  # fmt: skip
    assert found(book, include={"needs_review"}) == {"ana": 30, "bob": 100}


def test_a_task_that_came_later_leaves_older_grades_open(book):
    record(book, "ana", 30, 70)
    book.add_grade_cell("three", "hw", "hw", max_score=10, cell_type="code")
    assert [(row.status, row.max_points) for row in rows(book)] == [("needs_review", 110)]


def test_nothing_handed_in_is_zero_only_when_asked_for_and_never_where_something_lies(book, tmp_path):
    record(book, "ana", 30, 70)
    for student in ("bob", "cy"):
        book.add_student(student)
    (tmp_path / "submitted" / "cy" / "hw").mkdir(parents=True)
    assert found(book) == {"ana": 100}
    assert found(book, missing="zero", folder=tmp_path) == {"ana": 100, "bob": 0}
    reasons = dict((row.student, why) for row, why in decide(rows(book) + absences(book, tmp_path))[1])
    assert "nothing was handed in" in reasons["bob"] and "nbgrader autograde" in reasons["cy"]


def test_a_student_who_handed_nothing_in_can_be_exported_alone(book, tmp_path):
    record(book, "ana", 30, 70)
    book.add_student("bob")
    made = lms.export(book, "canvas", Selection(students=["bob"], missing="zero"), folder=tmp_path)
    assert [(one.row.student, one.row.points) for one in made.changes] == [("bob", 0)]
    assert not lms.export(book, "canvas", Selection(["hw"], ["bob"]), folder=tmp_path).changes


def test_the_comment_is_the_score_by_task(book):
    record(book, "ana", 30, 52.5, penalty=2.5)
    record(book, "bob", None, 70)
    ana, bob = (row.comment for row in rows(book))
    assert ana == "one 30/30; two 52.5/70; late penalty 2.5"
    assert bob == "one open/30; two 70/70"


def more(book, student="ana", score=4):
    book.add_assignment("more")
    book.add_notebook("more", "more")
    book.add_grade_cell("three", "more", "more", max_score=5, cell_type="code")
    book.add_submission("more", student)
    grade = book.find_grade("three", "more", "more", student)
    grade.auto_score, grade.needs_manual_grade = score, False
    book.db.commit()


def test_each_exercise_gets_its_own_file_where_a_blank_would_clear_a_grade(book, tmp_path):
    record(book, "ana", 30, 70)
    more(book)
    paths = lms.save(lms.export(book, "canvas"), tmp_path / "grades.csv")
    assert [path.name for path in paths] == ["grades-hw.csv", "grades-more.csv"]
    assert paths[1].read_text().splitlines()[2] == '"B, A",,,ana,,4'
    one = lms.export(book, "canvas", Selection(["hw"]))
    assert [path.name for path in lms.save(one, tmp_path / "g.csv")] == ["g.csv"]
    assert [path.name for path in lms.save(lms.export(book, "moodle-xml"), tmp_path / "g.xml")] == ["g.xml"]
    with (lms.save(lms.export(book, "csv"), tmp_path / "tidy.csv")[0]).open() as file:
        assert {(line["exercise"], line["task"]): line["points"] for line in csv.DictReader(file)} == {
            ("hw", "one"): "30", ("hw", "two"): "70", ("more", "three"): "4",
        }  # fmt: skip


def test_percent_is_out_of_100_with_halves_rounded_up(book):
    record(book, "ana", 30, 70)
    more(book, score=3.3335)
    made = lms.export(book, "canvas", Selection(["more"], percent=True))
    assert b"Points Possible,,,,,100\n" in made.files["more"].data
    assert [str(one.row.points) for one in made.changes] == ["66.60"]


def test_what_is_earned_so_far_goes_out_in_percent_too(book):
    record(book, "ana", 30, 70)
    more(book)
    book.find_grade("three", "more", "more", "ana").needs_manual_grade = True
    book.db.commit()
    made = lms.export(book, "canvas", Selection(["more"], include=["needs_review"], percent=True))
    assert [str(one.row.points) for one in made.changes] == ["80.00"]


def test_without_its_tasks_a_grade_is_the_same(book):
    record(book, "ana", 30, 52.5, penalty=2.5)
    record(book, "bob", None, 70)
    assert [replace(row, tasks=()) for row in rows(book)] == rows(book, tasks=False)


def test_nothing_to_export_is_an_error_with_the_next_command(book):
    with pytest.raises(CourseError, match="nbgrader autograde"):
        lms.export(book, "canvas")
    record(book, "ana", 30, 70)
    with pytest.raises(CourseError, match="no submission of hw9"):
        lms.export(book, "canvas", Selection(["hw9"]))
    with pytest.raises(CourseError, match="no student zoe"):
        lms.export(book, "canvas", Selection(students=["zoe"]))


def test_a_file_that_reads_back_otherwise_is_not_written_and_the_old_one_stays(book, tmp_path, monkeypatch):
    record(book, "ana", 30, 70)
    more(book)
    (tmp_path / "g-hw.csv").write_text("old")
    made = lms.export(book, "canvas")
    read = type(TARGETS["canvas"]).read
    monkeypatch.setattr(type(TARGETS["canvas"]), "read", lambda self, data: {} if b"more" in data else read(self, data))
    with pytest.raises(CourseError, match="nothing was written"):
        lms.save(made, tmp_path / "g.csv")
    assert (tmp_path / "g-hw.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir() if path.name.lstrip(".").startswith("g-")] == ["g-hw.csv"]


def test_a_disk_that_loses_something_is_noticed(book, tmp_path, monkeypatch):
    record(book, "ana", 30, 70)
    write = type(tmp_path).write_bytes
    monkeypatch.setattr(type(tmp_path), "write_bytes", lambda self, data: write(self, data[:-9]))
    with pytest.raises(CourseError):
        lms.save(lms.export(book, "canvas"), tmp_path / "grades.csv")
    assert not list(tmp_path.glob("*grades*"))


def course(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)), env={"COLUMNS": "200"})


def test_the_command_shows_changes_and_who_is_left_out(book, tmp_path):
    record(book, "ana", 30, 52.5)
    record(book, "bob", 30, None)
    template, to = tmp_path / "t.csv", tmp_path / "new.csv"
    template.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,hw (7)\n    Points Possible,,,,,100\nB,1,,ana,S,80\nB,2,,bob,S,\n"
    )
    arguments = ["export", "canvas", "--template", template, "--to", to, "--course-dir", tmp_path]
    stays = course(*arguments, "--dry-run")
    assert "the LMS has 80: --replace writes 82.5" in stays.output and stays.exit_code == 1
    said = course(*arguments, "--replace", "--dry-run").output
    assert "80" in said and "82.5" in said and "1 grades to change" in said and not to.exists()
    assert "bob" in said and "waits for a person" in said
    assert course(*arguments, "--include", "needs_review", "--replace").exit_code == 0
    assert to.read_text().splitlines()[2:] == ["B,1,,ana,S,82.5", "B,2,,bob,S,30"]


def test_a_dry_run_names_those_who_get_a_zero_and_says_what_is_not_known(book, tmp_path):
    record(book, "ana", 30, 52.5)
    book.add_student("bob", first_name="Bob", last_name="Lee")
    said = course("export", "moodle-xml", "--missing", "zero", "--dry-run", "--course-dir", tmp_path).output
    assert "Bob Lee" in said and "0 (nothing came)" in said and "?" in said and "not known without --template" in said


@pytest.mark.parametrize("name", ["O\\", "[red]Hot[/red]", "[/] Lee"])
def test_names_are_shown_to_the_letter(book, tmp_path, name):
    record(book, "ana", 30, 52.5)
    book.find_student("ana").last_name = name
    book.db.commit()
    said = course("export", "moodle-xml", "--dry-run", "--course-dir", tmp_path).output
    assert f"│ A {name} │" in said


def test_a_file_without_a_grade_is_not_written(book, tmp_path):
    record(book, "ana", 30, None)
    done = course("export", "canvas", "--to", tmp_path / "g.csv", "--course-dir", tmp_path)
    assert "no grade to write" in done.output and "wrote" not in done.output and not (tmp_path / "g.csv").exists()


def test_moodles_grades_are_shown_and_an_import_that_was_made_changes_nothing(book, tmp_path):
    record(book, "ana", 30, 52.5)
    record(book, "bob", 30, 70)
    book.find_student("ana").email, book.find_student("bob").email = "ana@x.org", "bob@x.org"
    book.db.commit()
    (tmp_path / "t.csv").write_text('"ID number","Email address","hw (Real)"\n1,ana@x.org,82.50\n2,bob@x.org,77.00\n')
    arguments = ["export", "moodle-xml", "--template", tmp_path / "t.csv", "--dry-run", "--course-dir", tmp_path]
    said = course(*arguments).output
    assert "0 grades to change, 1 as they are" in said and "the LMS has 77.00: --replace writes 100" in said
    assert "1 grades to change, 1 as they are" in course(*arguments, "--replace").output


def test_adopting_is_for_columns_of_the_lms_only(tmp_path):
    assert "--adopt is for ags only" in course("export", "canvas", "--adopt", "--course-dir", tmp_path).output


def test_help_lists_every_target():
    said = course("export", "--help").output
    assert all(f"\n  {name} " in said for name in [*TARGETS, "ags"])
    assert "there are: canvas, moodle-xml" in course("export", "moodlf").output


@pytest.mark.parametrize("plugin", ["MoodleXml", "OneRoster11"])
def test_nbgraders_own_command_writes_the_same(book, tmp_path, plugin):
    record(book, "ana", 30, 52.5)
    target = getattr(lms, plugin).target
    done = nbgrader(tmp_path, "export", f"--exporter=autograder.lms.{plugin}", "--to=x.out")
    if TARGETS[target].template.startswith("required"):
        assert done.returncode and "--template" in done.stderr
    else:
        assert (tmp_path / "x.out").read_bytes() == next(iter(lms.export(book, target).files.values())).data


@pytest.mark.parametrize(
    "plugin, name", [("MoodleWorksheet", "worksheet"), ("Blackboard", "blackboard"), ("Edx", "edx")]
)
def test_nbgraders_own_command_fills_a_download(tmp_path, plugin, name):
    (tmp_path / "download").write_bytes(template(name))
    with gradebook(tmp_path) as book:
        book.add_assignment(EXERCISE)
        book.add_notebook(EXERCISE, EXERCISE)
        book.add_grade_cell("all", EXERCISE, EXERCISE, max_score=float(MAXIMA[EXERCISE]), cell_type="code")
        for row in CLASS:
            book.add_student(row.student, first_name=row.first_name, email=row.email, lms_user_id=row.lms_id)
            book.add_submission(EXERCISE, row.student)
            grade = book.find_grade("all", EXERCISE, EXERCISE, row.student)
            grade.auto_score, grade.needs_manual_grade = 12.5, False
        book.db.commit()
        (made,) = lms.export(book, getattr(lms, plugin).target, template=template(name)).files.values()
    assert len(made.changes) > 2
    done = nbgrader(
        tmp_path, "export", f"--exporter=autograder.lms.{plugin}", "--to=x.out", f"--{plugin}.template=download"
    )
    assert (tmp_path / "x.out").read_bytes() == made.data, done.stderr


def test_nbgraders_own_command_ends_with_1_while_a_final_grade_is_in_no_file(book, tmp_path):
    record(book, "ana", 30, 75)
    arguments = tmp_path, "export", "--exporter=autograder.lms.MoodleXml", "--to=x.xml"
    assert nbgrader(*arguments).returncode == 1
    record(book, "ana", 30, 70)
    assert nbgrader(*arguments).returncode == 0


def test_every_target_is_a_plugin():
    from autograder.lms import plugins

    kinds = [kind for kind in vars(plugins).values() if isinstance(kind, type) and issubclass(kind, plugins._Plugin)]
    assert {kind.target for kind in kinds if kind.target} == set(TARGETS)
