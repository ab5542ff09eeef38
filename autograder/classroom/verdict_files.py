"""Verdicts on disk: each is sealed with the course's secret, so that a change by hand is noticed."""

import contextlib
import dataclasses
import datetime
import json
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode, from_dict

from autograder import CourseError
from autograder.files import write_atomically
from autograder.judging import secret, verdict
from autograder.judging.verdict import EDITED, UNSEALED, Verdict

FILE = "verdict.json"


def write(found: Verdict, folder: Path) -> None:
    """Put the verdict beside its notebook, under the course's seal, all of it or nothing."""
    path, data = folder / FILE, json.loads(found.to_json())
    path.unlink(missing_ok=True)
    write_atomically(path, verdict.dump(data | {"seal": _seal(data, folder)}))


def read(folder: Path) -> Verdict | None:
    """What `write` put into a folder; nothing but its doubt where somebody has changed it since."""
    path = folder / FILE
    if not path.is_file():
        return None
    edited = Verdict(folder.name, "needs_review", [], doubt=EDITED)
    try:
        text = path.read_text(encoding="utf-8")
        found, data = verdict.from_json(text), json.loads(text)
    except (ValueError, LookupError, TypeError, AttributeError):
        return edited
    if (seal := data.pop("seal", None)) is None:
        return dataclasses.replace(found, doubt=UNSEALED)
    return found if seal == _seal(data, folder) else edited


def as_written(folder: Path) -> dict:
    """The data of the verdict in a folder, whoever wrote it; empty where there is none that can be read."""
    try:
        return dict(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def put_aside(folder: Path, archive: Path, reason: str) -> None:
    """Keep the verdict of a folder, which is to be replaced, with the date and the reason."""
    now, text = datetime.datetime.now(datetime.UTC), (folder / FILE).read_text(encoding="utf-8", errors="replace")
    with contextlib.suppress(ValueError):  # what was changed by hand may be no JSON: it is kept as a text
        text = json.loads(text)
    replaced = {"replaced": now.isoformat(), "reason": reason, "verdict": text}
    write_atomically(archive / f"{now:%Y%m%dT%H%M%S.%fZ}.json", verdict.dump(replaced))


def _seal(data, folder):
    """Of the values, not of the text, so that another layout is no change; and of whose verdict it is."""
    return secret.seal(json.dumps([folder.parts[-2:], data], sort_keys=True))


@dataclass(frozen=True)
class Store:
    """Verdicts and judged notebooks in a folder, one file each, sealed together with what they rest on."""

    folder: Path

    def get(self, key: str) -> tuple[Verdict, NotebookNode] | None:
        """What is kept under a key; nothing where it is not what was put there under that key."""
        try:
            kept = json.loads(self._path(key).read_text(encoding="utf-8"))
            if kept.pop("seal") != self._seal(key, kept):
                return None
            return verdict.from_json(json.dumps(kept["verdict"])), from_dict(kept["notebook"])
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def put(self, key: str, found: Verdict, notebook: NotebookNode) -> None:
        """Keep a verdict, all of it or nothing; raises CourseError where there is no room."""
        kept = {"verdict": json.loads(found.to_json()), "notebook": notebook}
        try:
            text = json.dumps(kept | {"seal": self._seal(key, kept)}, ensure_ascii=False)
            write_atomically(self._path(key), text)
        except OSError as error:
            raise CourseError(f"{self.folder} cannot be written: {error.strerror}: mend that and run again") from error

    def _path(self, key):
        return self.folder / key[:2] / f"{key}.json"

    def _seal(self, key, kept):
        return secret.seal(json.dumps([key, kept], sort_keys=True))
