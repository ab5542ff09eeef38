"""Plugs the judge into nbgrader: with this file, the stock `nbgrader` commands grade from outside the notebook."""

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "initialization-normalization-regularization"
# A verdict is the judge's: one that a student hands in is not copied, and feedback folders don't repeat it.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "verdict.json"]
c.ClearSolutions.code_stub = {
    "python": "# YOUR CODE HERE\n"
    'raise NotImplementedError("Replace this line by your code, then run this cell and the one below it.")'
}

# Judging belongs to the list that runs before the autograded notebook is written: what is on disk is then final.
c.Autograde.exporter_class = "autograder.classroom.nbgrader_seam.converter.SubmissionExporter"
c.Autograde.sanitize_preprocessors = [
    "autograder.classroom.nbgrader_seam.preprocessors.JudgeSubmission",
    "autograder.classroom.nbgrader_seam.preprocessors.RecordVerdict",
    "nbgrader.preprocessors.AssignLatePenalties",
]
c.Autograde.autograde_preprocessors = []

# One page that needs no network: the verdict above the notebook. What is not decided yet is said to be so.
c.GenerateFeedback.exporter_class = "autograder.pages.feedback_page.FeedbackPage"
c.GenerateFeedback.preprocessors = ["autograder.classroom.nbgrader_seam.preprocessors.ShowGrades"]

# Reaching a limit costs the cell or the hidden test that reached it, never the rest of a submission. These are the
# defaults; `nbgrader autograde --help-all` says more about each. Seconds are of processor time: what else the machine
# does takes nothing from anybody.
c.JudgeSubmission.seconds_per_cell = 30
c.JudgeSubmission.seconds_per_probe = 5
c.JudgeSubmission.seconds_per_submission = 120
c.JudgeSubmission.memory_mb = 2048
c.JudgeSubmission.disk_mb = 64
c.JudgeSubmission.processes = 64
c.JudgeSubmission.output_kb_per_cell = 1000
c.JudgeSubmission.output_kb = 10_000

# `nbgrader zip_collect` takes what Canvas, Moodle and Blackboard give as "download all submissions".
c.ZipCollectApp.collector_plugin = "autograder.lms.people.collect.Collector"
