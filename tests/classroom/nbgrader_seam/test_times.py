"""A time is read as it is meant, or refused with the form that is."""

import datetime

import pytest

from autograder.classroom.nbgrader_seam import times


@pytest.mark.parametrize(
    ("text", "zone", "meant"),
    [
        ("2026-11-20 23:59:00.123456 UTC", "", "2026-11-20 23:59:00.123456"),
        ("2026-11-20 23:59:00", "", "2026-11-20 23:59:00"),
        ("2026-11-20T23:59:00Z", "", "2026-11-20 23:59:00"),
        ("2026-11-20 23:59:00 +0100", "", "2026-11-20 22:59:00"),
        ("2026-11-20 23:59:00+01:00", "", "2026-11-20 22:59:00"),
        ("2026-11-20 23:59:00 -03", "", "2026-11-21 02:59:00"),
        ("2026-07-20 23:59:00 CEST", "", "2026-07-20 21:59:00"),
        ("2026-11-20 23:59:00 AEDT", "", "2026-11-20 12:59:00"),
        ("2026-11-20 23:59:00 EST", "", "2026-11-21 04:59:00"),
        ("2026-11-20 23:59:00 PST", "America/Los_Angeles", "2026-11-21 07:59:00"),
        ("2026-11-20 23:59:00 PST", "Asia/Manila", "2026-11-20 15:59:00"),
        ("2026-11-20 23:59:00 CST", "Asia/Shanghai", "2026-11-20 15:59:00"),
        ("2026-07-20 23:59:00 Europe/Berlin", "", "2026-07-20 21:59:00"),
    ],
)
def test_a_time_in_a_zone_is_that_time(text, zone, meant):
    assert times.parse(text, zone) == datetime.datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-11-20 23:59:00 PST", r"PST could be -0800 or \+0800: name yours as c.Exchange.timezone"),
        ("2026-11-20 23:59:00 IST", r"IST could be \+0100 or \+0200 or \+0530"),
        ("2026-11-20 23:59:00 QQT", "QQT is no zone's name"),
        ("yesterday", "'yesterday' is no time"),
        ("7", "'7' is no time"),
        ("9999-12-31 23:59 -1200", "is no time"),
    ],
)
def test_what_could_be_several_times_or_none_is_refused_with_the_form_that_is_meant(text, why):
    with pytest.raises(ValueError, match=f"{why}.*write it as 2026-11-20 23:59:00 UTC or as 2026-11-20 23:59:00 .0100"):
        times.parse(text)


@pytest.mark.parametrize(
    "make", [lambda path: path.write_bytes(b"\xff"), lambda path: path.symlink_to("/etc/hostname")]
)
def test_a_file_that_is_no_text_or_none_of_ours_is_said_to_tell_no_time(make, tmp_path):
    make(tmp_path / times.FILE)
    with pytest.raises(ValueError, match=r"timestamp\.txt says not when this came"):
        times.read(tmp_path)


def test_no_file_and_an_empty_one_are_no_time(tmp_path):
    assert times.read(tmp_path) is None
    (tmp_path / times.FILE).touch()
    assert times.read(tmp_path) is None
