"""Late penalties as they would be taken now, with the due dates, plug-in and points that there are by now."""

import logging
from collections.abc import Mapping

from nbgrader.api import Assignment, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import or_, select

from autograder.classroom.folder import CourseFolder
from autograder.classroom.gradebook import gradebook


def changed(place: CourseFolder) -> Mapping[tuple[str, str], tuple[float, float]]:
    """By exercise and student, the recorded penalty and the one that would be taken now, where these differ."""
    late = SubmittedAssignment.timestamp > Assignment.duedate
    query = select(SubmittedNotebook).join(SubmittedAssignment).join(Assignment)
    query = query.where(or_(late, SubmittedNotebook.late_submission_penalty.is_not(None)))
    assigning = AssignLatePenalties(config=place.directory.config, log=logging.Logger("penalties", logging.CRITICAL))
    assigning.init_plugin()
    with gradebook(place.root) as book:
        found = {
            (one.assignment.name, one.student.id): (one.late_submission_penalty or 0.0, _penalty(assigning, one))
            for one in book.db.scalars(query)
        }
    return {key: (was, now) for key, (was, now) in found.items() if abs(was - now) > 1e-9}


def _penalty(assigning, notebook):
    """What nbgrader's preprocessor would assign."""
    late = notebook.assignment.total_seconds_late
    if not late:
        return 0.0
    penalty = assigning.plugin_inst.late_submission_penalty(notebook.student.id, notebook.score, late)
    return 0.0 if penalty is None else assigning._check_late_penalty(notebook, penalty)
