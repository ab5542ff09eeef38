"""Grades arrive in an LMS by Assignment and Grade Services, whatever goes wrong on the way."""

import json
import logging
import os
import shutil
import stat
from dataclasses import replace
from decimal import Decimal

import pytest
from awkward import EXERCISE, MAXIMA, gradebook, row
from click.testing import CliRunner
from conftest import nbgrader
from lti_platform import AGS, NRPS, TEACHER, Platform
from nbgrader.api import Gradebook

from autograder import CourseError
from autograder.cli import main
from autograder.lms.lti import ags, registration, session
from autograder.lms.lti.push import push as send

ANA, BOB, CY = row("ana", "82.5"), row("bob", "0", email="Bob@X.org"), row("cy", "100", lms_id="0012", email="")


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A key pair that this run made: no private key is kept in the repository."""
    return registration.make_keys(tmp_path_factory.mktemp("key"))


@pytest.fixture
def folder(tmp_path, key):
    folder = tmp_path / registration.FOLDER
    folder.mkdir(mode=0o700)
    shutil.copy(key, folder)
    return folder


@pytest.fixture
def platform(folder, monkeypatch):
    """A platform with three learners and a teacher, where the tool is registered; retries don't wait."""
    monkeypatch.setattr(session, "PAUSES", (0, 0, 0))
    monkeypatch.setattr(session, "RETRY", session.RETRY.new(backoff_factor=0, backoff_jitter=0, total=2))
    platform = Platform(registration.public_key(folder)[0])
    platform.enrol("u1", "ana@x.org")
    platform.enrol("u2", "bob@x.org")
    platform.enrol("u3", number="0012")
    platform.enrol("u9", "ana@x.org", role=TEACHER)
    platform.enrol("u8", "bob@x.org", status="Inactive")
    registration.register(folder, facts(platform.url))
    yield platform
    platform.close()


def facts(url):
    return registration.Platform(url, "client-1", f"{url}/token", f"{url}/lineitems", f"{url}/members")


def push(folder, rows=(ANA, BOB, CY), **options):
    return send(ags.Gradebook(session.Session(folder)), rows, MAXIMA, **options)


def results(outcomes):
    return {one.row.student: one.result for one in outcomes}


def test_columns_are_made_with_their_maxima_and_scores_arrive_with_comments(platform, folder):
    outcomes, left_out = push(folder)
    assert results(outcomes) == dict.fromkeys(["ana", "bob", "cy"], "sent") and not left_out
    [item] = platform.items.values()
    assert (item["label"], item["scoreMaximum"], item["resourceId"]) == (EXERCISE, 100, EXERCISE)
    given = {user: (score["scoreGiven"], score["scoreMaximum"]) for (_, user), score in platform.scores.items()}
    assert given == {"u1": (82.5, 100), "u2": (0, 100), "u3": (100, 100)}
    assert platform.scores["1", "u1"]["comment"] == "forward 30/30; state 52.5/70"


def test_only_what_changed_is_sent_again(platform, folder):
    push(folder)
    platform.seen.clear()
    outcomes, _ = push(folder, (replace(ANA, points=Decimal("90.25")), BOB, CY), replace=True)
    assert results(outcomes) == {"ana": "sent", "bob": "unchanged", "cy": "unchanged"}
    assert outcomes[0].before == "82.5"
    assert len([path for method, path, _ in platform.seen if path.endswith("/scores")]) == 1
    assert len(platform.items) == 1


def test_a_changed_comment_is_sent_where_the_lms_shows_comments(platform, folder):
    push(folder)
    other = replace(ANA, tasks=tuple(task._replace(points=41.25) for task in ANA.tasks))
    assert results(push(folder, [other])[0]) == {"ana": "sent"}
    platform.comments = False
    assert results(push(folder, [ANA])[0]) == {"ana": "unchanged"}


def test_a_dry_run_changes_nothing(platform, folder):
    fresh = "would be sent into a new column"
    assert results(push(folder, dry_run=True)[0]) == dict.fromkeys(["ana", "bob", "cy"], fresh)
    assert not platform.items and not platform.scores
    push(folder, [ANA])
    assert results(push(folder, dry_run=True)[0]) == {"ana": "unchanged", "bob": "would be sent", "cy": "would be sent"}


def test_another_grade_in_the_lms_stays_unless_it_is_to_be_replaced(platform, folder):
    push(folder, [ANA])
    better, absent = replace(ANA, points=Decimal(90)), replace(ANA, points=Decimal(0), status="absent")
    assert results(push(folder, [better])[0]) == {"ana": "the LMS has 82.5: --replace writes 90"}
    assert "nothing was handed in here" in results(push(folder, [absent], replace=True)[0])["ana"]
    assert {score["scoreGiven"] for score in platform.scores.values()} == {82.5}


def test_a_column_that_somebody_made_is_used_only_when_told(platform, folder):
    platform.add({"label": EXERCISE.upper(), "scoreMaximum": 100})
    assert "--adopt uses it" in results(push(folder, [ANA])[0])["ana"]
    assert results(push(folder, [ANA], adopt=True)[0]) == {"ana": "sent"}
    assert len(platform.items) == 1
    platform.add({"label": EXERCISE, "scoreMaximum": 100})
    assert "2 columns" in results(push(folder, [ANA], adopt=True)[0])["ana"]


@pytest.mark.parametrize("item", [{}, {"scoreMaximum": None}])
def test_a_column_without_a_maximum_is_refused(platform, folder, item):
    platform.add({"label": EXERCISE, "resourceId": EXERCISE, "tag": ags.TAG, **item})
    assert "give it 100 points" in results(push(folder, [ANA])[0])["ana"]


@pytest.mark.parametrize("step", [0, 2])
def test_pages_that_go_round_in_a_circle_come_to_an_end(platform, folder, step):
    platform.step, platform.endless = step, True
    outcomes, left_out = push(folder)
    assert results(outcomes) == {"ana": "sent", "bob": "sent"}
    assert [one.student for one, _ in left_out] == ["cy"]


def test_names_and_numbers_that_a_platform_escapes_are_read(platform, folder):
    platform.enrol("u7", number="R&amp;D 7")
    assert results(push(folder, [row("R&D 7", email="")])[0]) == {"R&D 7": "sent"}


def test_a_number_that_lost_its_zeros_is_refused(platform, folder):
    platform.enrol("u7", "dee@x.org", number="42")
    with pytest.raises(CourseError, match="has '42' as lis_person_sourcedid of dee, and the gradebook '0042'"):
        push(folder, [row("dee", lms_id="0042")])


def test_who_is_not_there_is_listed_with_the_closest_and_never_guessed(platform, folder):
    platform.enrol("u5", "annah@other.org", name="Annah Lovelace")
    outcomes, left_out = push(folder, [ANA, row("annah", first="Anna")])
    assert results(outcomes) == {"ana": "sent"}
    assert left_out[0][0].student == "annah" and "closest: 'annah@other.org Annah Lovelace'" in left_out[0][1]


@pytest.mark.parametrize("fault", [429, 500, 503, "cut", "cut after"])
@pytest.mark.parametrize(
    "where", ["POST /token", "GET /members", "GET /lineitems", "POST /lineitems ", "/scores", "/results"]
)
def test_one_failure_anywhere_is_got_over_without_doing_anything_twice(platform, folder, where, fault):
    platform.faults = [(where, fault)]
    assert results(push(folder)[0]) == dict.fromkeys(["ana", "bob", "cy"], "sent")
    assert not platform.faults
    assert len(platform.items) == 1 and len(platform.scores) == 3


def test_a_failure_that_stays_costs_its_own_student_only(platform, folder):
    platform.faults = [('"userId": "u2"', 500)] * 9
    outcomes, _ = push(folder)
    reason = "the LMS answered 500 Internal Server Error (scores)"
    assert results(outcomes) == {"ana": "sent", "bob": reason, "cy": "sent"}
    platform.faults.clear()
    assert results(push(folder)[0]) == {"ana": "unchanged", "bob": "sent", "cy": "unchanged"}


def test_a_platform_that_is_down_is_not_asked_for_every_student(platform, folder):
    lms = ags.Gradebook(session.Session(folder))
    push(folder, [ANA])
    platform.faults = [("/scores", 503)] * 99
    many = [row(f"s{n}") for n in range(20)]
    for one in many:
        platform.enrol(one.student, one.email)
    outcomes, _ = send(lms, many, MAXIMA)
    assert all(one.failed for one in outcomes)
    assert len([path for _, path, _ in platform.seen if path.endswith("/scores")]) < 15


def test_a_user_whom_the_lms_no_longer_takes_is_reported(platform, folder):
    platform.faults = [('"userId": "u1"', 404)]
    outcomes, _ = push(folder)
    assert results(outcomes) == {"ana": "the LMS answered 404 Not Found (scores)", "bob": "sent", "cy": "sent"}


def test_an_expired_token_is_renewed(platform, folder):
    lms = ags.Gradebook(session.Session(folder))
    lms.members()
    platform.tokens = {token: (scopes, 0) for token, (scopes, _) in platform.tokens.items()}
    assert results(send(lms, [ANA], MAXIMA)[0]) == {"ana": "sent"}
    assert len(platform.tokens) == 2


@pytest.mark.parametrize("missing", [f"{AGS}/score", f"{AGS}/lineitem", f"{AGS}/result.readonly", NRPS])
def test_a_scope_that_is_not_granted_is_named(platform, folder, missing):
    platform.scopes.remove(missing)
    with pytest.raises(CourseError, match=missing):
        push(folder)


def test_a_key_that_the_platform_does_not_know_is_refused_with_what_to_compare(platform, folder):
    (folder / "private.pem").unlink()
    registration.make_keys(folder)
    with pytest.raises(CourseError, match=r"no token \(401 Unauthorized, invalid_client\): compare `course lti keys`"):
        push(folder)


def test_a_column_with_another_maximum_is_refused(platform, folder):
    push(folder)
    platform.items["1"]["scoreMaximum"] = 10
    assert "worth 10 and" in results(push(folder)[0])["ana"]
    assert {score["scoreMaximum"] for score in platform.scores.values()} == {100}


def test_a_score_that_the_lms_takes_and_does_not_show_is_a_failure(platform, folder, monkeypatch):
    push(folder, [BOB])
    monkeypatch.setattr(ags.Gradebook, "post", lambda *arguments: None)
    assert results(push(folder, [ANA])[0]) == {"ana": "the LMS took it and shows nothing"}


def test_no_token_goes_to_an_address_that_the_admin_did_not_name(platform, folder):
    push(folder, [ANA])
    platform.items["1"]["id"] = "http://localhost:1/lineitems/1"
    assert "where no token is sent" in results(push(folder, [ANA])[0])["ana"]


def test_neither_tokens_nor_keys_are_shown_or_logged(platform, folder, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    platform.faults = [("/scores", 403), ("/scores", "cut"), ("/results", 500), ("/members", 500)]
    outcomes, _ = push(folder)
    platform.scopes.clear()
    with pytest.raises(CourseError) as caught:
        push(folder)
    said = (
        caplog.text + str(caught.value) + str(outcomes) + "".join(capsys.readouterr()) + repr(session.Session(folder))
    )
    assert "POST /lineitems" in said
    for secret in ("secret", "eyJ", "PRIVATE", "Bearer"):
        assert secret not in said


def test_keys_and_registration_are_readable_by_their_owner_only(platform, folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("private.pem", "platform.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    (folder / "private.pem").chmod(0o640)
    with pytest.raises(CourseError, match="chmod 600"):
        push(folder)


def test_addresses_without_https_are_refused(folder):
    with pytest.raises(CourseError, match="token url must begin with https://"):
        registration.register(folder, facts("http://lms.example.edu"))


@pytest.fixture
def class_of_two(tmp_path, platform, folder):
    with gradebook(tmp_path) as book:
        book.add_assignment(EXERCISE)
        book.add_notebook(EXERCISE, EXERCISE)
        book.add_grade_cell("forward", EXERCISE, EXERCISE, max_score=100, cell_type="code")
        for student in ("ana", "zoe"):
            book.add_student(student, email=f"{student}@x.org")
            book.add_submission(EXERCISE, student)
            grade = book.find_grade("forward", EXERCISE, EXERCISE, student)
            grade.auto_score, grade.needs_manual_grade = 75, False
        book.db.commit()
    return tmp_path


def course(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)), env={"COLUMNS": "200"})


def test_the_command_makes_keys_registers_and_pushes(class_of_two, platform, folder):
    said = course("lti", "keys", "--course-dir", class_of_two).output
    pem, jwk = registration.public_key(folder)
    assert pem in said and json.dumps(jwk) in said and "PRIVATE" not in said and NRPS in said
    url = platform.url
    assert course(
        "lti", "register", "--issuer", url, "--client-id", "client-1", "--token-url", f"{url}/token",
        "--lineitems-url", f"{url}/lineitems", "--memberships-url", f"{url}/members", "--course-dir", class_of_two,
    ).exit_code == 0  # fmt: skip
    done = course("export", "ags", "--course-dir", class_of_two)
    assert done.exit_code == 1 and "1 sent" in done.output and "zoe" in done.output and "closest" in done.output
    assert course("export", "ags", "--student", "ana", "--course-dir", class_of_two).exit_code == 0
    platform.faults = [("/scores", 404)]
    with Gradebook(f"sqlite:///{class_of_two / 'gradebook.db'}") as book:
        book.find_grade("forward", EXERCISE, EXERCISE, "ana").auto_score = 80
        book.db.commit()
    assert course("export", "ags", "--student", "ana", "--replace", "--course-dir", class_of_two).exit_code == 1


def pushed(folder, *options):
    command = "--exporter=autograder.lms.AGS", *options
    return nbgrader(folder, "export", *command, env={**os.environ, "COLUMNS": "200"})


def test_nbgraders_own_command_pushes_too_and_ends_as_ours_does(class_of_two, platform):
    done, ours = pushed(class_of_two), course("export", "ags", "--course-dir", class_of_two)
    assert done.returncode == ours.exit_code == 1, done.stderr
    assert "1 sent" in done.stdout and "1 unchanged" in ours.output
    assert [line for line in ours.output.splitlines() if "zoe" in line] == [
        line for line in done.stdout.splitlines() if "zoe" in line
    ]
    assert {user: score["scoreGiven"] for (_, user), score in platform.scores.items()} == {"u1": 75}


def test_nbgraders_own_command_ends_well_where_all_arrived(class_of_two, platform):
    assert pushed(class_of_two, "--student=['ana']").returncode == 0


def test_nbgraders_own_command_says_what_is_wrong_and_how_to_mend_it(class_of_two, folder):
    (folder / "platform.json").unlink()
    done = pushed(class_of_two)
    assert done.returncode == 1 and "run `course lti register`" in done.stderr and "Traceback" not in done.stderr


def test_what_is_missing_is_said_with_its_command(class_of_two, folder):
    (folder / "platform.json").unlink()
    assert "run `course lti register`" in course("export", "ags", "--course-dir", class_of_two).output
    (folder / "private.pem").unlink()
    with pytest.raises(CourseError, match="run `course lti keys`"):
        registration.public_key(folder)
