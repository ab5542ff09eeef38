"""What was handed in, read once: the same bytes give the key of a verdict and are judged, here or elsewhere."""

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode, from_dict

from autograder.files import printable
from autograder.judging import basis
from autograder.judging.intake.reading import NoNotebook, read_submission


@dataclass(frozen=True)
class Given:
    """A submission as plain data: the notebook's `text`, or the `status` that it ends as without one, and why.

    `note` is about what was handed in, `failure` is what reading itself failed at.
    """

    text: str = ""
    status: str = ""
    note: str = ""
    failure: str = ""

    def key(self, rests_on: dict[str, str]) -> str:
        """What its verdict is kept under, where verdicts rest on that."""
        return basis.key(self.text or f"{self.status}: {self.note}{self.failure}", rests_on)

    def notebook(self) -> tuple[NotebookNode, list[str]]:
        """The notebook, and what was mended to read it."""
        notebook, repairs = json.loads(self.text)
        return from_dict(notebook), repairs


def read(path: Path, exercise: str) -> Given:
    """What lies at `path`, a notebook or the folder that it was handed in in, whatever state it is in."""
    try:
        return of(*read_submission(path, exercise))
    except NoNotebook as error:
        if not os.path.lexists(path):
            return Given(status="needs_review", note=f"{path.name} was taken away while it was read: look for it")
        return Given(status=error.status, note=printable(str(error)))
    except Exception as error:
        logging.getLogger(__name__).exception("Reading a submission of %s failed", exercise)
        return Given(status="needs_review", failure=printable(f"{type(error).__name__}: {error}")[:500])


def of(notebook: NotebookNode, repairs: list[str] = ()) -> Given:
    """A notebook that was read already, and what was mended to read it."""
    return Given(json.dumps([notebook, list(map(printable, repairs))], sort_keys=True))
