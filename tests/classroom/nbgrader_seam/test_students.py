"""A folder whose name is almost a student's is for a person: nobody becomes a second student."""

import unicodedata

import pytest

from autograder.classroom.nbgrader_seam.students import misnamed

COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "josé") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(
    ("folders", "known", "refused"),
    [
        (["a1", "b2"], ["A1", "b2"], {"a1": "other capitals"}),
        ([DECOMPOSED], [COMPOSED], {DECOMPOSED: "letters with accents are written in two ways"}),
        (["A1", "a1"], [], {"A1": "a1 is spelled", "a1": "A1 is spelled"}),
        (["A1", "a1"], ["A1", "a1"], {}),
        (["A1", "a1"], ["A1"], {"a1": "nbgrader db student add a1"}),
        (["\udcff"], [], {"\udcff": "not written in UTF-8"}),
        (["ana", "anna"], ["ana"], {}),
    ],
)
def test_whose_folder_is_not_certain(folders, known, refused):
    found = misnamed(folders, known)
    assert found.keys() == refused.keys()
    assert all(words in found[name] for name, words in refused.items())
