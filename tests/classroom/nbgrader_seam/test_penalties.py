"""Late penalties follow the due dates and the plug-in."""

from at_a_glance import NAME, run
from at_a_glance import generated_once as generated_once  # its fixtures
from at_a_glance import place as place
from nbgrader.api import Gradebook

from autograder.classroom.gradebook import gradebook

PLUGIN = """
import sys
sys.path.insert(0, {folder!r})
c.AssignLatePenalties.plugin_class = "late.Tenth"
"""


def penalties(place):
    with Gradebook(place.directory.db_url) as book:
        return {one.student.id: one.notebooks[0].late_submission_penalty for one in book.assignment_submissions(NAME)}


def test_penalties_are_taken_anew_when_due_dates_or_the_plug_in_change(place):
    """One point for each hour, once there is such a plug-in."""
    (place.root / "late.py").write_text(
        "from nbgrader.plugins import LateSubmissionPlugin\n\nclass Tenth(LateSubmissionPlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n"
        "        return total_seconds_late / 3600\n"
    )
    with gradebook(place.root) as book:
        book.update_or_create_assignment(NAME, duedate="2026-11-20 08:00:00 UTC")
    assert run(place, "grade")[0] == 0
    assert penalties(place) == {"ana": None, "ben": None}
    with (place.root / "nbgrader_config.py").open("a") as file:
        file.write(PLUGIN.format(folder=str(place.root)))
    code, said = run(place, "regrade")
    assert code == 0 and "ana     │ late penalty │ 0   │ 2  │ +2" in said, said
    assert "1 of them judged or recorded now" in run(place, "grade")[1]  # ben's points are none already
    assert penalties(place) == {"ana": 2, "ben": None}
    with gradebook(place.root) as book:
        book.update_or_create_assignment(NAME, duedate="2026-11-20 08:00:00 +0100")
    assert "1 verdicts are recorded" in run(place, "regrade", "--apply")[1]
    assert penalties(place)["ana"] == 3
    assert "0 of them judged or recorded now" in run(place, "grade")[1]
