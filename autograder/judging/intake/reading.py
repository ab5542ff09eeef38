"""Reads what was handed in, in whatever state: a file or folder becomes a plain notebook, or is said to be none."""

import json
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_notebook

_FILE_BYTES = 256 << 20
_CODE_CHARACTERS = 1 << 20
_VALUES = 20_000_000
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_CELLS = 2000
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_OTHER_FILES = {"PK": "a zip archive", "%PDF": "a PDF", "<": "a web page", "import ": "a Python file"}
_NO_FOLDERS = {"__MACOSX", "__pycache__"}

# What nbgrader's exchange puts beside a submission: when it came, and what finds its feedback.
EXCHANGED = ("timestamp.txt", "submission_secret.txt")


class NoNotebook(Exception):
    """Nothing handed in can be judged: the status that this ends as, what was found, and what to do."""

    def __init__(self, status: str, message: str):
        super().__init__(message)
        self.status = status


def read_submission(path: Path, name: str) -> tuple[NotebookNode, list[str]]:
    """The notebook handed in at `path`, a file or the folder it was handed in in; and what was mended to read it.

    Only the texts, kinds and labels of its cells are taken over: versions, kernels and outputs count for nothing.
    Raises NoNotebook.
    """
    repairs: list[str] = []
    if path.is_dir():
        path = _find(path, name, repairs)
    raw = _raw_cells(_parse(_text(path, repairs), path.name), path.name)
    cells = [_cell(cell, number) for number, cell in enumerate(raw[:_CELLS], 1)]
    cells = [cell for cell in cells if cell.source.strip()]
    code = sum(len(cell.source) for cell in cells if cell.cell_type == "code")
    if code > _CODE_CHARACTERS or len(raw) > _CELLS:
        found = f"{path.name} has {len(raw)} cells and {code} characters of code"
        raise NoNotebook("needs_review", f"{found}, too much to judge: hand in the answers alone")
    return new_notebook(cells=cells), repairs


def _find(folder, name, repairs):
    """The one file in a folder that is the exercise's notebook, also under another name or further down."""
    wanted = f"{name}.ipynb"
    files = list(_files(folder))
    notebooks = [path for path in files if ".ipynb" in path.name.lower() and stat.S_ISREG(path.lstat().st_mode)]
    in_place = [path for path in notebooks if path == folder / wanted]
    chosen = in_place or [path for path in notebooks if path.name == wanted] or notebooks
    if len(chosen) > 1:
        raise NoNotebook(
            "needs_review", f"there are several notebooks ({_list(chosen, folder)}): call the one that counts {wanted}"
        )
    if not chosen and not files:
        raise NoNotebook("absent", "nothing was handed in")
    if not chosen:
        raise NoNotebook("unreadable", f"there is no notebook, only {_list(files, folder)}: hand in {wanted}")
    if not in_place:
        repairs.append(f"{wanted} was handed in as {chosen[0].relative_to(folder)}")
    return chosen[0]


def _files(folder) -> Iterator[Path]:
    for directory, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NO_FOLDERS)
        yield from (Path(directory, name) for name in sorted(names) if name[0] != "." and name not in EXCHANGED)


def _list(paths, folder):
    names = [f"{path.relative_to(folder)}{' (a link)' if path.is_symlink() else ''}" for path in paths]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _text(path, repairs):
    try:
        with path.open("rb") as file:
            raw = file.read(_FILE_BYTES + 1)
    except OSError as error:
        raise NoNotebook("unreadable", f"{path.name} cannot be opened: {error.strerror}") from error
    text = _decode(raw, repairs)
    if len(raw) > _FILE_BYTES or (_values(text) > _VALUES and _values(_STRING.sub("", text)) > _VALUES):
        raise NoNotebook("needs_review", f"{path.name} is too large to be read: hand it in without outputs")
    return text


def _values(text):
    """About how many values a text in JSON has: each takes memory of its own when it is parsed, an empty one too."""
    return sum(map(text.count, ",[{"))


def _decode(raw, repairs):
    encoding = json.detect_encoding(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"  # what Windows' editors write; it has all of latin-1's letters
        text = raw.decode(encoding, "replace")
    if encoding != "utf-8":
        repairs.append(f"the file is written in {encoding}, not in utf-8")
    return text


def _parse(text, file):
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        start = text.lstrip("\ufeff \t\r\n")
        what = next((kind for prefix, kind in _OTHER_FILES.items() if start.startswith(prefix)), "no notebook")
        if not start:
            what = "empty"
        elif start.startswith("{"):
            what = f"damaged from line {getattr(error, 'lineno', 1)} on"
            if getattr(error, "pos", 0) >= len(text.rstrip()) or "Unterminated" in str(error):
                what = "not complete: it breaks off"
        raise NoNotebook("unreadable", f"{file} is {what}: hand in the notebook again") from None


def _raw_cells(data, file):
    """The cells of a notebook of any version: versions 1 to 3 have them in worksheets."""
    data = data if isinstance(data, dict) else {}
    sheets = [data, *(data["worksheets"] if isinstance(data.get("worksheets"), list) else [])]
    lists = [sheet["cells"] for sheet in sheets if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)]
    if not lists:
        raise NoNotebook("unreadable", f"{file} holds data, but no notebook: hand in the notebook again")
    return [cell for cells in lists for cell in cells if isinstance(cell, dict)]


def _cell(raw, number):
    """One cell with its label, wherever its version or editor keeps it."""
    metadata = raw["metadata"] if isinstance(raw.get("metadata"), dict) else {}
    marks = metadata["nbgrader"] if isinstance(metadata.get("nbgrader"), dict) else {}
    kept = {"nbgrader": {"grade_id": marks["grade_id"]}} if isinstance(marks.get("grade_id"), str) else {}
    # Colab moves the id into the metadata. A cell without one, or with one that nbformat would refuse, gets the same in
    # each reading.
    known = (one for one in (raw.get("id"), metadata.get("id")) if isinstance(one, str) and _ID.fullmatch(one))
    source, label = _clean(raw.get("source", raw.get("input"))), next(known, f"cell-{number}")
    # nbformat's own functions would validate each cell, which takes ten times as long as all else here.
    if raw.get("cell_type") == "code":
        parts = {"cell_type": "code", "execution_count": None, "outputs": []}
    else:
        parts = {"cell_type": "markdown"}
    return from_dict({**parts, "id": label, "metadata": kept, "source": source})


def _clean(source):
    """A cell's text, with the line ends and characters that Python's parser takes."""
    lines = source if isinstance(source, list) else [source]
    text = re.sub(r"\r\n?", "\n", "".join(line for line in lines if isinstance(line, str)))
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
