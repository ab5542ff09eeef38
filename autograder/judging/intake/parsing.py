"""Makes a plain notebook of the bytes of one file: a notebook in any format and encoding, or a Python export of one."""

import json
import re
from itertools import chain, count

import jupytext
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_notebook

FILE_BYTES = 256 << 20
_CODE_CHARACTERS = 1 << 20
_VALUES = 20_000_000
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_CELLS = 2000
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_OTHER_FILES = {
    "PK": "a zip archive that cannot be opened",
    "Rar!": "a RAR archive",
    "7z\xbc": "a 7z archive",
    "%PDF": "a PDF",
    "<": "a web page",
    "import ": "a Python file without marks of cells",
    "from ": "a Python file without marks of cells",
}
# What Jupyter's and VS Code's exports to Python, and jupytext, put above each cell.
_PYTHON_CELLS = re.compile(r"^# ?(%%|In ?\[)", re.MULTILINE)
_CONFLICT = re.compile(r"^<{7}( |$)", re.MULTILINE)
_AGAIN = "hand in the notebook again (Jupyter gives it with File, Download)"


class NoNotebook(Exception):
    """Nothing handed in can be judged: the status that this ends as, what was found, and what to do."""

    def __init__(self, status: str, message: str):
        super().__init__(message)
        self.status = status


def parse(raw: bytes, file: str) -> tuple[NotebookNode, list[str]]:
    """The notebook in a file's bytes, and what was mended to read it.

    Only the texts, kinds and labels of its cells are taken over: versions, kernels and outputs count for nothing.
    The same bytes give the same notebook, ids too. Raises NoNotebook.
    """
    repairs: list[str] = []
    text = _text(raw, file, repairs)
    is_python = not text.lstrip("\ufeff \t\r\n").startswith("{") and (
        file.lower().endswith(".py") or _PYTHON_CELLS.search(text)
    )
    found = _python_cells(text, file) if is_python else _raw_cells(_data(text, file), file)
    if is_python:
        repairs.append(f"{file} is a Python file; its cells were read as a notebook's")
    notebook = new_notebook(cells=_cells(found[:_CELLS], repairs))
    code = sum(len(cell.source) for cell in notebook.cells if cell.cell_type == "code")
    if code > _CODE_CHARACTERS or len(found) > _CELLS:
        much = f"{file} has {len(found)} cells and {code} characters of code"
        raise NoNotebook("needs_review", f"{much}, too much to judge: hand in the answers alone")
    return notebook, repairs


def _text(raw, file, repairs):
    text = _decode(raw, repairs)
    if len(raw) > FILE_BYTES or (_values(text) > _VALUES and _values(_STRING.sub("", text)) > _VALUES):
        raise NoNotebook("needs_review", f"{file} is too large to be read: hand it in without outputs")
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


def _data(text, file):
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoNotebook("unreadable", f"{file} is {_what_is_wrong(text, error)}: {_AGAIN}") from None


def _what_is_wrong(text, error):
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        return "empty"
    if not start.startswith("{"):
        return next((kind for prefix, kind in _OTHER_FILES.items() if start.startswith(prefix)), "no notebook")
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        return f"a notebook with a conflict that git left open, from line {line} on; resolve it first (git mergetool)"
    # In the middle of a text, or of a word such as `false`.
    if getattr(error, "pos", 0) >= len(text.rstrip()) - len("fals") or "Unterminated" in str(error):
        return "not complete: it breaks off"
    return f"damaged from line {getattr(error, 'lineno', 1)} on"


def _raw_cells(data, file):
    """The cells of a notebook of any version: versions 1 to 3 have them in worksheets."""
    data = data if isinstance(data, dict) else {}
    sheets = [data, *(data["worksheets"] if isinstance(data.get("worksheets"), list) else [])]
    lists = [sheet["cells"] for sheet in sheets if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)]
    if not lists:
        raise NoNotebook("unreadable", f"{file} holds data, but no notebook: {_AGAIN}")
    return [cell for cells in lists for cell in cells if isinstance(cell, dict)]


def _python_cells(text, file):
    if len(text) > _CODE_CHARACTERS:
        raise NoNotebook("needs_review", f"{file} is too large to be read: hand in the answers alone")
    cells = jupytext.reads(text.replace("\r\n", "\n"), fmt="py:percent").cells
    # jupytext draws the ids at random.
    return [{**cell, "source": cell.source.strip("\n"), "id": None} for cell in cells]


def _cells(found, repairs):
    """Cells with their texts and labels, but for empty ones; each has an id of its own, by its position if it must."""
    taken, cells, mended = set(), [], 0
    for number, raw in enumerate(found, 1):
        lines = raw.get("source", raw.get("input", raw.get("code")))
        source, has_ends = _clean(lines)
        if source.strip():
            cells.append(_cell(raw, source, number, taken))
            mended += not has_ends
    if mended:
        repairs.append(f"the lines of {mended} cells had lost their ends")
    return cells


def _cell(raw, source, number, taken):
    """One cell with its label, wherever its version or editor keeps it."""
    metadata = raw["metadata"] if isinstance(raw.get("metadata"), dict) else {}
    marks = metadata["nbgrader"] if isinstance(metadata.get("nbgrader"), dict) else {}
    kept = {"nbgrader": {"grade_id": marks["grade_id"]}} if isinstance(marks.get("grade_id"), str) else {}
    # Colab moves the id into the metadata. A cell without one, with one that nbformat would refuse, or with another's,
    # gets the same in each reading.
    known = (one for one in (raw.get("id"), metadata.get("id")) if isinstance(one, str) and _ID.fullmatch(one))
    labels = chain(known, (f"cell-{position}" for position in count(number)))
    taken.add(label := next(one for one in labels if one not in taken))
    # nbformat's own functions would validate each cell, which takes ten times as long as all else here.
    if raw.get("cell_type") == "code":
        parts = {"cell_type": "code", "execution_count": None, "outputs": []}
    else:
        parts = {"cell_type": "markdown"}
    return from_dict({**parts, "id": label, "metadata": kept, "source": source})


def _clean(source):
    """A cell's text, with the line ends and characters that Python's parser takes; and whether it had its line ends."""
    lines = [line for line in (source if isinstance(source, list) else [source]) if isinstance(line, str)]
    has_ends = len(lines) < 2 or any(line.endswith(("\n", "\r")) for line in lines[:-1])
    text = re.sub(r"\r\n?", "\n", ("" if has_ends else "\n").join(lines))
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace"), has_ends
