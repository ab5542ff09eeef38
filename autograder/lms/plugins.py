"""The targets as nbgrader's export plug-ins: `nbgrader export --exporter=autograder.lms.Canvas --to=grades.csv`."""

from pathlib import Path

from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Enum, Set, Unicode

from autograder.lms.exporting import TARGETS, Selection, export, save, select
from autograder.lms.lti.ags import Gradebook, push
from autograder.lms.lti.registration import FOLDER
from autograder.lms.lti.session import Session


class _Plugin(ExportPlugin):
    """nbgrader's `export` command with one of the targets; its options are those of `course export`."""

    target = ""

    template = Unicode("", help="The file downloaded from the LMS, to be filled.").tag(config=True)
    percent = Bool(False, help="Write grades out of 100.").tag(config=True)
    missing = Enum(["skip", "zero"], "skip", help="What to write for what was not handed in.").tag(config=True)
    include = Set(Enum(["needs_review"]), help="Grades that are not final and go out all the same.").tag(config=True)

    def export(self, gradebook):
        template = Path(self.template).read_bytes() if self.template else None
        made = export(gradebook, self.target, self.selection, template, Path(self.parent.coursedir.root))
        self.warn(made.left_out)
        for path in save(made, Path(self.to or f"{self.target}.{made.target.suffix}")):
            self.log.info("Wrote %s", path)

    @property
    def selection(self):
        """What the options choose."""
        return Selection(self.assignment, self.student, self.missing, self.include, self.percent)

    def warn(self, left_out):
        """Say which rows stay."""
        for row, reason in left_out:
            self.log.warning("%s in %s is left out: %s", row.student, row.exercise, reason)


def _plugin(target):
    """The plug-in for a target, under the name of the target's class."""
    own = {"target": target.name, "__doc__": target.__doc__, "__module__": __name__}
    return type(type(target).__name__, (_Plugin,), own)


globals().update({plugin.__name__: plugin for plugin in map(_plugin, TARGETS.values())})


class AGS(_Plugin):
    """LTI 1.3 Assignment and Grade Services, sent directly."""

    def export(self, gradebook):
        folder = Path(self.parent.coursedir.root)
        final, open_, maxima = select(gradebook, self.selection, folder)
        outcomes, lost = push(Gradebook(Session(folder / FOLDER)), final, maxima)
        self.warn(open_ + lost)
        for one in outcomes:
            report = self.log.error if one.failed else self.log.info
            report("%s in %s: %s", one.row.student, one.row.exercise, one.result)
