"""`nbgrader zip_collect` understands the zip files that Canvas, Moodle and Blackboard make of all submissions."""

import zipfile
from pathlib import Path

import pytest
from conftest import nbgrader
from nbgrader.api import Gradebook

from autograder import course
from autograder.lms.people.collect import HandIn, parse

NAME = "ex04_batch_norm"
PEOPLE = [
    ("ana", "Ana", "Núñez Ruiz", "901"),
    ("pat", "Pat", "O'Hara, Jr.", "902"),
    ("j_doe", "Jo", "Doe", "903"),
    ("ming", "明", "王", "904"),
]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("núñezruizana_901_55501_ex04_batch_norm.ipynb", HandIn("lms_id", "901", f"{NAME}.ipynb", version=55501)),
        (
            "oharajrpat_LATE_902_55502_ex04_batch_norm-2.ipynb",
            HandIn("lms_id", "902", f"{NAME}-2.ipynb", version=55502),
        ),
        ("王明_904_7_my work.ipynb", HandIn("lms_id", "904", "my work.ipynb", version=7)),
        ("Ana Núñez Ruiz_4711_assignsubmission_file/a/x.ipynb", HandIn("name", "Ana Núñez Ruiz", "x.ipynb")),
        ("Pat OHara, Jr._12_assignsubmission_file_/x.ipynb", HandIn("name", "Pat OHara, Jr.", "x.ipynb")),
        ("Jo Doe_12_assignsubmission_file_x_1.ipynb", HandIn("name", "Jo Doe", "x_1.ipynb")),
        (
            f"Batch_norm_j_doe_attempt_2026-11-20-10-00-01_{NAME}.ipynb",
            HandIn("suffix", "Batch_norm_j_doe", f"{NAME}.ipynb", "2026-11-20 10:00:01"),
        ),
        ("anon_Xy12z_55501_ex04_batch_norm.ipynb", None),
        (f"{NAME}.ipynb", None),
    ],
)
def test_names_that_the_systems_make(path, found):
    assert parse(Path("/course/extracted/submissions") / path) == found


@pytest.fixture
def downloaded(class_folder):
    """A course whose gradebook knows its people, and a function that puts a zip where zip_collect looks."""
    release = class_folder / "release" / NAME
    release.mkdir(parents=True)
    (release / f"{NAME}.ipynb").write_text((course.ROOT / "release" / NAME / f"{NAME}.ipynb").read_text())
    with Gradebook(f"sqlite:///{class_folder / 'gradebook.db'}", "initialization-normalization-regularization") as book:
        for student, first, last, lms_id in PEOPLE:
            book.add_student(student, first_name=first, last_name=last, lms_user_id=lms_id)

    def download(**files):
        archive = class_folder / "downloaded" / NAME / "archive"
        archive.mkdir(parents=True)
        with zipfile.ZipFile(archive / "submissions.zip", "w") as zipped:
            for text, name in files.items():
                zipped.writestr(name, text)
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


def test_blackboard_attempts_with_their_times(downloaded):
    folder = downloaded(
        first=f"Batch_norm_j_doe_attempt_2026-11-20-10-00-01_{NAME}.ipynb",
        second=f"Batch_norm_j_doe_attempt_2026-11-21-09-30-00_{NAME}.ipynb",
        note="Batch_norm_j_doe_attempt_2026-11-21-09-30-00.txt",
    )
    assert collected(folder)[0] == {"j_doe": (f"{NAME}.ipynb", "second")}
    assert (folder / "submitted" / "j_doe" / NAME / "timestamp.txt").read_text().startswith("2026-11-21 09:30:00")
