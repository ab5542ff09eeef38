"""Nobody is known to have handed in nothing while something lies there that may be theirs."""

import zipfile

import pytest
from awkward import gradebook

from autograder.lms.exporting import Selection, select

NAME = "ex04_batch_norm"
COLLECTOR = 'c = get_config()\nc.ZipCollectApp.collector_plugin = "autograder.lms.people.collect.Collector"\n'


@pytest.fixture
def book(tmp_path):
    """A course in which ana has handed in, bob and cy have not, and the LMS's collector is set."""
    with gradebook(tmp_path) as book:
        (tmp_path / "nbgrader_config.py").write_text(COLLECTOR)
        book.add_assignment(NAME)
        book.add_notebook(NAME, NAME)
        book.add_grade_cell("one", NAME, NAME, max_score=100, cell_type="code")
        for number, student in enumerate(["ana", "bob", "cy"], 1):
            book.add_student(student, first_name=student, last_name="Lee", lms_user_id=str(number))
        graded(book, "ana")
        put(tmp_path / "submitted" / "ana" / NAME / f"{NAME}.ipynb")
        yield book


def graded(book, student):
    book.add_submission(NAME, student)
    grade = book.find_grade("one", NAME, NAME, student)
    grade.auto_score, grade.needs_manual_grade = 90, False
    book.db.commit()


def put(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")


def download(folder, *names, collected=True):
    where = folder / "downloaded" / NAME
    for name in names:
        put(where / ("extracted" if collected else "archive") / "submissions" / name)


def zeros(book, folder, **options):
    """Who gets a 0, and the reasons of those who get none."""
    final, left_out, _ = select(book, Selection(missing="zero", **options), folder)
    return {row.student for row in final if row.points == 0}, {row.student: why for row, why in left_out}


def test_who_handed_in_nothing_gets_a_zero(book, tmp_path):
    download(tmp_path, f"leeana_1_55_{NAME}.ipynb", f"leeana_1_44_{NAME}.ipynb")
    put(tmp_path / "submitted" / "bob" / ".ipynb_checkpoints" / "x.ipynb")
    (tmp_path / "submitted" / "cy" / "empty").mkdir(parents=True)
    assert zeros(book, tmp_path) == ({"bob", "cy"}, {})


def test_a_hand_in_that_was_skipped_may_be_anyones(book, tmp_path):
    download(tmp_path, f"leeana_1_55_{NAME}.ipynb", f"stranger_99_56_{NAME}.ipynb")
    nobody, reasons = zeros(book, tmp_path)
    assert not nobody and set(reasons) == {"bob", "cy"}
    assert f"stranger_99_56_{NAME}.ipynb was downloaded, is nobody's" in reasons["bob"]
    assert not zeros(book, tmp_path, students=["bob"])[0]


def test_a_file_that_is_no_notebook_was_handed_in_too(book, tmp_path):
    download(tmp_path, f"leeana_1_55_{NAME}.ipynb", "leebob_2_56_solution.py")
    assert zeros(book, tmp_path) == ({"cy"}, {"bob": "a hand-in of theirs was downloaded: collect and grade it"})


def test_a_site_that_puts_the_last_name_first_names_nobody_unknown(book, tmp_path):
    download(
        tmp_path, *(f"Lee, {name}_{n}_assignsubmission_file_/{NAME}.ipynb" for n, name in enumerate(["ana", "bob"]))
    )
    assert zeros(book, tmp_path) == ({"cy"}, {"bob": "a hand-in of theirs was downloaded: collect and grade it"})


def test_what_was_collected_and_is_not_graded_is_no_zero(book, tmp_path):
    download(tmp_path, f"leeana_1_55_{NAME}.ipynb", f"leebob_2_56_{NAME}.ipynb")
    assert zeros(book, tmp_path) == ({"cy"}, {"bob": "a hand-in of theirs was downloaded: collect and grade it"})


def test_an_archive_that_is_not_collected_may_hold_anyones(book, tmp_path):
    download(tmp_path, f"leeana_1_55_{NAME}.ipynb")
    archive = tmp_path / "downloaded" / NAME / "archive" / "second.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr(f"leebob_2_57_{NAME}.ipynb", "")
    nobody, reasons = zeros(book, tmp_path)
    assert not nobody and f"run `nbgrader zip_collect --force {NAME}`" in reasons["cy"]


@pytest.mark.parametrize(
    ("path", "whose"),
    [
        (f"Bob Lee/{NAME}/{NAME}.ipynb", {"bob", "cy"}),
        ("Bob Lee/batchnorm/x.ipynb", {"bob", "cy"}),
        (f"{NAME}.ipynb", {"bob", "cy"}),
        ("bob/ex4/x.ipynb", {"bob"}),
        (f"bob/{NAME}.ipynb", {"bob"}),
    ],
)
def test_work_under_another_name_may_be_theirs(book, tmp_path, path, whose):
    put(tmp_path / "submitted" / path)
    found, reasons = zeros(book, tmp_path)
    assert set(reasons) == whose and found == {"bob", "cy"} - whose
    assert "move it to submitted/STUDENT/EXERCISE/" in reasons["bob"]


def test_a_stranger_in_another_exercise_is_none_of_this_ones_business(book, tmp_path):
    book.add_assignment("ex05")
    put(tmp_path / "submitted" / "Bob Lee" / "ex05" / "x.ipynb")
    assert zeros(book, tmp_path)[0] == {"bob", "cy"}


def test_a_graded_student_of_whom_the_roster_knows_nothing_may_be_one_who_is_missing(book, tmp_path):
    book.add_student("Bob_Lee")
    graded(book, "Bob_Lee")
    put(tmp_path / "submitted" / "Bob_Lee" / NAME / f"{NAME}.ipynb")
    nobody, reasons = zeros(book, tmp_path)
    assert not nobody and "'Bob_Lee' is graded and not on the roster" in reasons["cy"]
