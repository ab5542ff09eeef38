"""Sends grades straight into an LMS's gradebook, and tells what became of each."""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from autograder import CourseError
from autograder.classroom.grade import Row
from autograder.lms.lti.ags import Gradebook, ours
from autograder.lms.table.text import number
from autograder.lms.target import LeftOut, matched, standing

_KEYS = {"lis_person_sourcedid": ["student", "lms_id"], "email": ["email", "student"]}
_ARRIVES = ("sent", "unchanged", "would be sent", "would be sent into a new column")


@dataclass(frozen=True)
class Outcome:
    """What became of one grade: one of `_ARRIVES`, or why not; `before` is what the LMS had."""

    row: Row
    before: str
    result: str

    @property
    def failed(self) -> bool:
        """Whether the LMS does not have the grade."""
        return self.result not in _ARRIVES


def push(
    lms: Gradebook,
    rows: Sequence[Row],
    maxima: Mapping[str, Decimal],
    dry_run: bool = False,
    replace: bool = False,
    adopt: bool = False,
) -> tuple[list[Outcome], LeftOut]:
    """Send what the LMS does not have yet, read it back, and tell what became of each row and who is not there.

    With `replace` other grades there are replaced; with `adopt` a column is used that bears the exercise's name and
    that this tool did not make.
    """
    members = lms.members()
    lines = [{key: html.unescape(one.get(key) or "") for key in (*_KEYS, "name")} for one in members]
    pairs, left_out = matched(rows, lines, _KEYS, "the LMS's course")
    users = {row.student: members[index]["user_id"] for row, index in pairs}
    items, outcomes = lms.line_items(), []
    for exercise, maximum in maxima.items():
        theirs = [row for row, _ in pairs if row.exercise == exercise]
        try:
            item = _chosen(items, exercise, maximum, adopt) if theirs else None
            outcomes += _column(lms, item, maximum, theirs, users, dry_run, replace) if theirs else []
        except CourseError as error:
            outcomes += [Outcome(row, "", str(error)) for row in theirs]
    return outcomes, left_out


def _chosen(items, exercise, maximum, adopt):
    """The exercise's column in the LMS, or None where there is none; raises CourseError for one that is not fit."""
    named = [item for item in items if html.unescape(item.get("label", "")).casefold() == exercise.casefold()]
    item = ours(items, exercise)
    if not item and named:
        if not adopt or len(named) > 1:
            count = f"{len(named)} columns" if len(named) > 1 else "a column"
            raise CourseError(
                f"the LMS has {count} {exercise!r} that this tool did not make: "
                + ("leave one" if len(named) > 1 else "--adopt uses it, or rename it there")
            )
        item = named[0]
    theirs = item and item.get("scoreMaximum")
    if item and theirs is None:
        raise CourseError(
            f"the LMS doesn't say what its column {exercise!r} is worth: give it {number(maximum)} points"
        )
    if item and Decimal(str(theirs)) != maximum:
        raise CourseError(f"the LMS's column is worth {theirs} and {exercise} {number(maximum)} here: make them equal")
    return item


def _column(lms, item, maximum, rows, users, dry_run, replace):
    """One exercise's grades into its column."""
    if not dry_run:
        item = item or lms.make(rows[0].exercise, maximum)
    known = lms.results(item) if item else {}
    result = "would be sent" if item else "would be sent into a new column"
    outcomes = [_compared(row, known.get(users[row.student]), result if dry_run else "sent", replace) for row in rows]
    if dry_run:
        return outcomes
    tried = [_sent(lms, item, users[one.row.student], one) if one.result == "sent" else one for one in outcomes]
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


def _compared(row, result, otherwise, replace):
    there = _points(result, row)
    before = "" if there is None else number(there)
    if there == row.points and result.get("comment", row.comment) in (row.comment, ""):
        otherwise = "unchanged"
    return Outcome(row, before, standing(row, before, replace) or otherwise)


def _points(result, row):
    """A result in our points, as exactly as grades are kept."""
    if result is None:
        return None
    try:
        share = Decimal(str(result["resultScore"])) / Decimal(str(result.get("resultMaximum") or row.max_points))
    except (InvalidOperation, ZeroDivisionError):
        return None
    return (share * row.max_points).quantize(Decimal("0.01"), ROUND_HALF_UP)
