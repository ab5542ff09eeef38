"""The targets as nbgrader's export plug-ins: `nbgrader export --exporter=autograder.lms.Canvas --to=grades.csv`."""

import sys
from pathlib import Path

from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Enum, Set, Unicode

from autograder import CourseError
from autograder.lms import delivery
from autograder.lms.exporting import TARGETS, Selection


class _Plugin(ExportPlugin):
    """nbgrader's `export` command with one of the targets; its options are those of `course export`."""

    target = ""

    template = Unicode("", help="The file downloaded from the LMS, to be filled.").tag(config=True)
    percent = Bool(False, help="Write grades out of 100.").tag(config=True)
    missing = Enum(["skip", "zero"], "skip", help="What to write for what was not handed in.").tag(config=True)
    replace = Bool(False, help="Also write grades where the LMS has another one.").tag(config=True)
    include = Set(Enum(["needs_review"]), help="Grades that are not final and go out all the same.").tag(config=True)

    def export(self, gradebook):
        """As `course export` does it, with its words and its exit status."""
        try:
            stuck = self.deliver(gradebook, Path(self.parent.coursedir.root))
        except CourseError as error:
            sys.exit(f"Error: {error}")
        if stuck:
            sys.exit(1)

    def deliver(self, gradebook, folder):
        """Whether some final grade has not gone where it should."""
        template, to = (Path(name) if name else None for name in (self.template, self.to))
        return delivery.write(gradebook, self.target, self.selection, folder, template, to)

    @property
    def selection(self):
        """What the options choose."""
        return Selection(self.assignment, self.student, self.missing, self.include, self.percent, self.replace)


def _plugin(target):
    """The plug-in for a target, under the name of the target's class."""
    own = {"target": target.name, "__doc__": target.__doc__, "__module__": __name__}
    return type(type(target).__name__, (_Plugin,), own)


globals().update({plugin.__name__: plugin for plugin in map(_plugin, TARGETS.values())})


class AGS(_Plugin):
    """LTI 1.3 Assignment and Grade Services, sent directly."""

    adopt = Bool(False, help="Use the LMS's columns of the exercises' names, whoever made them.").tag(config=True)

    def deliver(self, gradebook, folder):
        return delivery.send(gradebook, self.selection, folder, self.adopt)
