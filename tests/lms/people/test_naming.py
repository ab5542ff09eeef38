"""What the names of downloaded hand-ins say."""

from pathlib import Path

import pytest

from autograder.lms.people.naming import HandIn, parse, plain

NAME = "ex04_batch_norm"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("núñezruizana_901_55501_ex04_batch_norm.ipynb", HandIn("lms_id", "901", f"{NAME}.ipynb", version=55501)),
        (
            "oharajrpat_LATE_902_55502_ex04_batch_norm-2.ipynb",
            HandIn("lms_id", "902", f"{NAME}-2.ipynb", version=55502),
        ),
        ("王明_904_7_my work.ipynb", HandIn("lms_id", "904", "my work.ipynb", version=7)),
        (
            "Ana Núñez Ruiz_4711_assignsubmission_file/a/x.ipynb",
            HandIn("name", "Ana Núñez Ruiz", "x.ipynb", number="4711"),
        ),
        ("Diaz, Ana_11_assignsubmission_file_/x.ipynb", HandIn("name", "Diaz, Ana", "x.ipynb", number="11")),
        ("Pat OHara, Jr._12_assignsubmission_file_/x.ipynb", HandIn("name", "Pat OHara, Jr.", "x.ipynb", number="12")),
        ("Jo Doe_12_assignsubmission_file_x_1.ipynb", HandIn("name", "Jo Doe", "x_1.ipynb", number="12")),
        (
            f"Batch_norm_j_doe_attempt_2026-11-20-10-00-01_{NAME}.ipynb",
            HandIn("suffix", "Batch_norm_j_doe", f"{NAME}.ipynb", "2026-11-20 10:00:01"),
        ),
        ("王明_904_7_homework/ex04/x.ipynb", HandIn("lms_id", "904", "x.ipynb", version=7)),
        ("anon_Xy12z_55501_ex04_batch_norm.ipynb", None),
        (f"{NAME}.ipynb", None),
    ],
)
def test_names_that_the_systems_make(path, found):
    assert parse(Path("submissions") / path) == found


@pytest.mark.parametrize("name", ["O'Hara, Jr., Pat", "OHara, Jr.,Pat", "ohara  jr. pat", "O'Hara_Jr._Pat"])
def test_names_are_compared_as_moodle_spells_them(name):
    assert plain(name) == "ohara jr. pat"
