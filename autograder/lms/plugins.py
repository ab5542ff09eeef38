"""The targets as nbgrader's export plug-ins: `nbgrader export --exporter=autograder.lms.Canvas --to=grades.csv`."""

from pathlib import Path

from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Enum, Set, Unicode

from autograder.lms.exporting import Selection, export, save, select
from autograder.lms.lti.ags import Gradebook
from autograder.lms.lti.push import push
from autograder.lms.lti.registration import FOLDER
from autograder.lms.lti.session import Session


class _Plugin(ExportPlugin):
    """nbgrader's `export` command with one of the targets; its options are those of `course export`."""

    target = ""

    template = Unicode("", help="The file downloaded from the LMS, to be filled.").tag(config=True)
    percent = Bool(False, help="Write grades out of 100.").tag(config=True)
    missing = Enum(["skip", "zero"], "skip", help="What to write for what was not handed in.").tag(config=True)
    replace = Bool(False, help="Also write grades where the LMS has another one.").tag(config=True)
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
        return Selection(self.assignment, self.student, self.missing, self.include, self.percent, self.replace)

    def warn(self, left_out):
        """Say which rows stay."""
        for row, reason in left_out:
            self.log.warning("%s in %s is left out: %s", row.student, row.exercise, reason)


class Canvas(_Plugin):
    """Canvas's gradebook."""

    target = "canvas"


class MoodleXml(_Plugin):
    """Moodle's gradebook, as XML."""

    target = "moodle-xml"


class MoodleCsv(_Plugin):
    """Moodle's gradebook, as CSV."""

    target = "moodle-csv"


class MoodleWorksheet(_Plugin):
    """Moodle's offline grading worksheet."""

    target = "moodle-worksheet"


class Sakai(_Plugin):
    """Sakai's gradebook."""

    target = "sakai"


class Brightspace(_Plugin):
    """Brightspace's grades."""

    target = "brightspace"


class Blackboard(_Plugin):
    """Blackboard's Grade Center."""

    target = "blackboard"


class Edx(_Plugin):
    """Open edX's bulk grades."""

    target = "edx"


class OneRoster(_Plugin):
    """OneRoster 1.2."""

    target = "oneroster"


class OneRoster11(_Plugin):
    """OneRoster 1.1."""

    target = "oneroster-1.1"


class Csv(_Plugin):
    """Tidy CSV."""

    target = "csv"


class AGS(_Plugin):
    """LTI 1.3 Assignment and Grade Services, sent directly."""

    adopt = Bool(False, help="Use the LMS's columns of the exercises' names, whoever made them.").tag(config=True)

    def export(self, gradebook):
        folder = Path(self.parent.coursedir.root)
        final, open_, maxima = select(gradebook, self.selection, folder)
        outcomes, lost = push(
            Gradebook(Session(folder / FOLDER)), final, maxima, replace=self.replace, adopt=self.adopt
        )
        self.warn(open_ + lost)
        for one in outcomes:
            report = self.log.error if one.failed else self.log.info
            report("%s in %s: %s", one.row.student, one.row.exercise, one.result)
