"""`nbgrader zip_collect` understands the zip files that Canvas, Moodle and Blackboard make of all submissions."""

import zipfile

import pytest
from conftest import nbgrader
from nbgrader.api import Gradebook

from autograder import course

NAME = "ex04_batch_norm"
PEOPLE = [
    ("ana", "Ana", "Núñez Ruiz", "901"),
    ("pat", "Pat", "O'Hara, Jr.", "902"),
    ("j_doe", "Jo", "Doe", "903"),
    ("ming", "明", "王", "904"),
]


@pytest.fixture
def downloaded(class_folder):
    """A course whose gradebook knows its people, and a function that puts a zip where zip_collect looks."""
    release = class_folder / "release" / NAME
    release.mkdir(parents=True)
    (release / f"{NAME}.ipynb").write_text((course.ROOT / "release" / NAME / f"{NAME}.ipynb").read_text())
    with Gradebook(f"sqlite:///{class_folder / 'gradebook.db'}", "initialization-normalization-regularization") as book:
        for student, first, last, lms_id in PEOPLE:
            book.add_student(student, first_name=first, last_name=last, lms_user_id=lms_id)

    def download(archive="submissions.zip", at=(2026, 11, 20), **files):
        path = class_folder / "downloaded" / NAME / "archive" / archive
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as zipped:
            for text, name in files.items():
                zipped.writestr(zipfile.ZipInfo(name, (*at, 12, 0, 0)), text)
        return class_folder

    return download


def collected(folder):
    done = nbgrader(folder, "zip_collect", NAME)
    assert done.returncode == 0, done.stderr
    paths = sorted((folder / "submitted").glob("*/*/*.ipynb"))
    return {path.parts[-3]: (path.name, path.read_text()) for path in paths}, done.stderr


def test_canvas_resubmissions_late_marks_and_strangers(downloaded):
    found, said = collected(
        downloaded(
            old=f"núñezruizana_901_55501_{NAME}.ipynb",
            new=f"núñezruizana_901_101010_{NAME}-1.ipynb",
            late=f"oharajrpat_LATE_902_55502_{NAME} (1).ipynb",
            stranger=f"whoever_999_55503_{NAME}.ipynb",
        )
    )
    assert found == {"ana": (f"{NAME}.ipynb", "new"), "pat": (f"{NAME}.ipynb", "late")}
    assert "whoever" in said and "course roster import" in said
    assert "not the newest of ana" in said


def test_moodle_folders_with_accents_quotes_and_commas(downloaded):
    found, _ = collected(
        downloaded(
            ana=f"Ana Núñez Ruiz_17_assignsubmission_file/{NAME}.ipynb",
            pat=f"Pat OHara, Jr._18_assignsubmission_file_/{NAME}.ipynb",
            flat=f"王 明_19_assignsubmission_file_{NAME}.ipynb",
            junk=f"Ana Núñez Ruiz_17_assignsubmission_file/__MACOSX/._{NAME}.ipynb",
        )
    )
    assert {student: text for student, (_, text) in found.items()} == {"ana": "ana", "pat": "pat", "ming": "flat"}


def test_canvas_newest_attempt_counts_whatever_it_is_called(downloaded):
    found, _ = collected(
        downloaded(old=f"núñezruizana_901_55501_{NAME}.ipynb", new=f"núñezruizana_901_101010_Copy of {NAME}.ipynb")
    )
    assert found == {"ana": (f"{NAME}.ipynb", "new")}


def test_an_archive_that_a_student_handed_in_is_looked_into(downloaded, tmp_path):
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as inner:
        inner.writestr(f"work/{NAME}.ipynb", "inside")
    folder = downloaded()
    with zipfile.ZipFile(folder / "downloaded" / NAME / "archive" / "submissions.zip", "w") as outer:
        outer.write(tmp_path / "inner.zip", "núñezruizana_901_55501_homework.zip")
    assert collected(folder)[0] == {"ana": (f"{NAME}.ipynb", "inside")}


@pytest.mark.parametrize("days", [(20, 21), (20, 20)])
def test_of_two_moodle_downloads_the_newer_counts(downloaded, days):
    """By the times in the archives, else by the numbers that the browser gave these."""
    name = f"Ana Núñez Ruiz_17_assignsubmission_file/{NAME}.ipynb"
    downloaded("M1-Normalization (9).zip", (2026, 11, days[0]), old=name)
    folder = downloaded("M1-Normalization (10).zip", (2026, 11, days[1]), new=name)
    assert collected(folder)[0] == {"ana": (f"{NAME}.ipynb", "new")}


@pytest.mark.parametrize(
    "form", ["_11_assignsubmission_file/", "_11_assignsubmission_file_/", "_11_assignsubmission_file_"]
)
@pytest.mark.parametrize("name", ["Núñez Ruiz, Ana", "Núñez Ruiz,Ana", "Núñez Ruiz Ana"])
def test_moodle_sites_that_put_the_last_name_first(downloaded, name, form):
    assert collected(downloaded(ana=f"{name}{form}{NAME}.ipynb"))[0] == {"ana": (f"{NAME}.ipynb", "ana")}


def test_a_name_that_two_students_have_is_settled_by_the_ids_of_moodles_worksheet(downloaded):
    folder = downloaded(
        one=f"Doe, Jo_17_assignsubmission_file/{NAME}.ipynb", other=f"Doe, Jo_18_assignsubmission_file/{NAME}.ipynb"
    )
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "initialization-normalization-regularization") as book:
        book.add_student("jo2", first_name="Jo", last_name="Doe", lms_user_id="0905")
    found, said = collected(folder)
    assert found == {} and "may be of j_doe or jo2: tell them apart, and put Moodle's grading worksheet" in said
    sheet = 'identifier;"ID number";Feedback\nParticipant 17;0905;"two\nlines"\nParticipant 18;903;\n'
    (folder / "downloaded" / NAME / "worksheet.csv").write_text(sheet)
    assert nbgrader(folder, "zip_collect", NAME, "--force").returncode == 0
    whose = {path.parts[-3]: path.read_text() for path in (folder / "submitted").glob(f"*/*/{NAME}.ipynb")}
    assert whose == {"jo2": "one", "j_doe": "other"}


def test_two_people_with_one_name_are_told_apart_by_moodles_worksheet_or_not_at_all(downloaded):
    names = [f"Jo Doe_{number}_assignsubmission_file/{NAME}.ipynb" for number in (17, 18)]
    folder = downloaded(one=names[0], other=names[1])
    found, said = collected(folder)
    assert found == {} and said.count("Moodle has 17 and 18 under the name of j_doe") == 2
    sheet = "Identifier,Full name,Email address\nParticipant 17,Jo Doe,jo2@x.org\nParticipant 18,Jo Doe,JO@x.org\n"
    (folder / "downloaded" / NAME / "worksheet.csv").write_text(sheet)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "initialization-normalization-regularization") as book:
        book.update_or_create_student("j_doe", email="jo@x.org")
    done = nbgrader(folder, "zip_collect", NAME, "--force")
    assert done.returncode == 0, done.stderr
    assert [path.read_text() for path in (folder / "submitted").glob(f"*/*/{NAME}.ipynb")] == ["other"]


def test_blackboard_attempts_with_their_times(downloaded):
    folder = downloaded(
        first=f"Batch_norm_j_doe_attempt_2026-11-20-10-00-01_{NAME}.ipynb",
        second=f"Batch_norm_j_doe_attempt_2026-11-21-09-30-00_{NAME}.ipynb",
        note="Batch_norm_j_doe_attempt_2026-11-21-09-30-00.txt",
    )
    assert collected(folder)[0] == {"j_doe": (f"{NAME}.ipynb", "second")}
    assert (folder / "submitted" / "j_doe" / NAME / "timestamp.txt").read_text().startswith("2026-11-21 09:30:00")
