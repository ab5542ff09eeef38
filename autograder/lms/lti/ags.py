"""Sends grades straight to an LMS's gradebook: LTI 1.3 Assignment and Grade Services 2.0, Names and Roles 2.0."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from urllib.parse import urljoin, urlsplit, urlunsplit

from autograder import CourseError
from autograder.classroom.grade import Row
from autograder.lms.lti.session import Session, Unreachable, content
from autograder.lms.people import matching
from autograder.lms.table.text import number
from autograder.lms.target import LeftOut, everyone

_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
_SCORE = "application/vnd.ims.lis.v1.score+json"
_RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
_MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_KEYS = {"lis_person_sourcedid": ["student", "lms_id"], "email": ["email", "student"]}
_LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TAG = "autograder"
_ATTEMPTS = 3


@dataclass(frozen=True)
class Outcome:
    """What became of one grade: "sent", "unchanged", "would be sent", or why not; `before` is what the LMS had."""

    row: Row
    before: str
    result: str

    @property
    def failed(self) -> bool:
        """Whether the LMS does not have the grade."""
        return self.result not in ("sent", "unchanged", "would be sent")


@dataclass
class Gradebook:
    """The LMS's gradebook of one course, through a session that is let in."""

    session: Session

    def members(self) -> list[dict]:
        """The active learners."""
        everybody = self._pages(self.session.platform.memberships_url, _MEMBERS, "members")
        learners = [one for one in everybody if {_LEARNER, "Learner"} & set(one.get("roles", []))]
        return [one for one in learners if one.get("status", "Active") == "Active"]

    def line_items(self) -> dict[str, dict]:
        """The columns that this tool made, by exercise."""
        found = self._pages(self.session.platform.lineitems_url, _ITEMS)
        return {item.get("resourceId", ""): item for item in found if item.get("tag") == TAG}

    def make(self, exercise: str, maximum: Decimal) -> dict:
        """A new column with its true maximum; where no answer comes, it is looked for before it is made again."""
        item = {"label": exercise, "scoreMaximum": float(maximum), "resourceId": exercise, "tag": TAG}
        url, headers = self.session.platform.lineitems_url, {"Content-Type": _ITEM, "Accept": _ITEM}
        for _ in range(_ATTEMPTS):
            try:
                return content(self.session.call("POST", url, once=True, data=json.dumps(item), headers=headers))
            except Unreachable as error:
                reason = error
                if found := self.line_items().get(exercise):
                    return found
        raise reason

    def results(self, item: Mapping) -> dict[str, dict]:
        """What the column holds, by the LMS's user."""
        found = self._pages(_below(item["id"], "results"), _RESULTS)
        return {one["userId"]: one for one in found if one.get("resultScore") is not None}

    def post(self, item: Mapping, user: str, row: Row) -> None:
        """One grade with the score by task as comment; raises CourseError."""
        score = {
            "userId": user, "scoreGiven": float(row.points), "scoreMaximum": float(row.max_points),
            "comment": row.comment, "activityProgress": "Completed", "gradingProgress": "FullyGraded",
            "timestamp": datetime.now(UTC).isoformat(timespec="microseconds"),
        }  # fmt: skip
        headers = {"Content-Type": _SCORE}
        self.session.call("POST", _below(item["id"], "scores"), data=json.dumps(score), headers=headers)

    def _pages(self, url, media, key=None):
        found = []
        while url:
            response = self.session.call("GET", url, headers={"Accept": media})
            page = content(response)
            found += page[key] if key else page
            url = urljoin(url, response.links["next"]["url"]) if "next" in response.links else ""
        return found


def push(
    lms: Gradebook, rows: Sequence[Row], maxima: Mapping[str, Decimal], dry_run: bool = False
) -> tuple[list[Outcome], LeftOut]:
    """Send what the LMS does not have yet, read it back, and tell what became of each row and who is not there."""
    members = lms.members()
    lines = [{key: one.get(key) or "" for key in (*_KEYS, "name")} for one in members]
    found, lost = matching.match(everyone(rows), lines, _KEYS, "the LMS's course")
    left_out = [(row, f"not in the LMS's course; closest: {lost[row.student]}") for row in rows if row.student in lost]
    users = {student: members[index]["user_id"] for student, index in found.items()}
    items, outcomes = lms.line_items(), []
    for exercise, maximum in maxima.items():
        theirs = [row for row in rows if row.exercise == exercise and row.student in users]
        try:
            outcomes += _column(lms, items.get(exercise), maximum, theirs, users, dry_run) if theirs else []
        except CourseError as error:
            outcomes += [Outcome(row, "", str(error)) for row in theirs]
    return outcomes, left_out


def _column(lms, item, maximum, rows, users, dry_run):
    """One exercise's grades into its column."""
    if item and Decimal(str(item["scoreMaximum"])) != maximum:
        raise CourseError(
            f"the LMS's column is worth {item['scoreMaximum']} and {rows[0].exercise} {number(maximum)} here"
        )
    if dry_run:
        known = lms.results(item) if item else {}
        return [_compared(row, known.get(users[row.student]), "would be sent") for row in rows]
    item = item or lms.make(rows[0].exercise, maximum)
    known = lms.results(item)
    outcomes = [_compared(row, known.get(users[row.student]), "sent") for row in rows]
    tried = [one if one.result == "unchanged" else _sent(lms, item, users[one.row.student], one) for one in outcomes]
    return _confirmed(tried, lms.results(item), users)


def _sent(lms, item, user, outcome):
    try:
        lms.post(item, user, outcome.row)
    except CourseError as error:
        return replace(outcome, result=str(error))
    return outcome


def _confirmed(outcomes: Iterable[Outcome], results, users):
    """What the LMS has now decides: what seemed lost may have arrived, and what was taken may not count."""
    told = []
    for outcome in outcomes:
        there = _points(results.get(users[outcome.row.student]), outcome.row)
        if there == outcome.row.points and outcome.failed:
            outcome = replace(outcome, result="sent")
        elif there != outcome.row.points and not outcome.failed:
            outcome = replace(
                outcome, result=f"the LMS took it and shows {'nothing' if there is None else number(there)}"
            )
        told.append(outcome)
    return told


def _compared(row, result, otherwise):
    there = _points(result, row)
    same = there == row.points and result.get("comment", row.comment) in (row.comment, "")
    return Outcome(row, "" if there is None else number(there), "unchanged" if same else otherwise)


def _points(result, row):
    """A result in our points, as exactly as grades are kept."""
    if result is None:
        return None
    try:
        share = Decimal(str(result["resultScore"])) / Decimal(str(result.get("resultMaximum") or row.max_points))
    except (InvalidOperation, ZeroDivisionError):
        return None
    return (share * row.max_points).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _below(item, service):
    """A line item's service: its path comes before the query of the item's own address."""
    parts = urlsplit(item)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{service}"))
