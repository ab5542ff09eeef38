"""Whatever is handed in is read as a notebook or said to be none, with what was found and what to do."""

import json
import os

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.judging.intake import reading
from autograder.judging.intake.reading import NoNotebook, read_submission

NAME = "ex04_batch_norm"
FILE = f"{NAME}.ipynb"
SOURCES = ["# Größe\nund Maß", "x = 'naïve'\ny = 2", "print(x)"]
NOTEBOOK = new_notebook(
    cells=[
        new_markdown_cell(SOURCES[0], id="title"),
        new_code_cell(SOURCES[1], id="answer", metadata={"nbgrader": {"grade_id": "f-answer", "points": 99}}),
        new_code_cell(SOURCES[2], id="use", outputs=[new_output("stream", text="naïve\n")]),
    ],
    metadata={"kernelspec": {"name": "julia-1.10", "display_name": "Julia", "language": "julia"}},
)
DATA = json.loads(nbformat.writes(NOTEBOOK))
TEXT = json.dumps(DATA, ensure_ascii=False, indent=1)
V3 = nbformat.writes(nbformat.convert(nbformat.reads(TEXT, 4), 3), version=3)


def without(text, *keys):
    """The notebook as JSON without some keys, in it and in its cells."""
    data = json.loads(text)
    for part in (data, *data["cells"]):
        for key in keys:
            part.pop(key, None)
    return json.dumps(data)


READABLE = {
    "as it should be": (TEXT.encode(), None),
    "with a byte order mark": (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"),
    "UTF-16": (TEXT.encode("utf-16"), "utf-16"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-be"), "utf-16-be"),
    "UTF-32": (TEXT.encode("utf-32"), "utf-32"),
    "latin-1": (TEXT.encode("latin-1"), "cp1252"),
    "Windows' line ends": (TEXT.replace("\n", "\r\n").encode(), None),
    "Windows' line ends in its cells": (TEXT.replace("\\n", "\\r\\n").encode(), None),
    "old Mac's line ends": (TEXT.replace("\n", "\r").replace("\\n", "\\r").encode(), None),
    "nbformat 3": (V3.encode(), None),
    "nbformat 4.0, without ids": (without(TEXT, "id").replace('minor": 5', 'minor": 0').encode(), None),
    "no version": (without(TEXT, "nbformat", "nbformat_minor").encode(), None),
    "a version to come": (TEXT.replace('"nbformat": 4', '"nbformat": 9').encode(), None),
    "no metadata": (without(TEXT, "metadata").encode(), None),
    "no outputs": (without(TEXT, "outputs", "execution_count").encode(), None),
    "something beside the cells": (TEXT.replace('"cells": [', '"cells": [null, 1, "a", [], {},').encode(), None),
}


@pytest.mark.parametrize("case", READABLE)
def test_a_notebook_is_read(tmp_path, case):
    raw, words = READABLE[case]
    (tmp_path / FILE).write_bytes(raw)
    notebook, repairs = read_submission(tmp_path, NAME)
    assert [cell.source for cell in notebook.cells] == SOURCES
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "code"]
    assert all(words in line for line in repairs) and bool(repairs) == bool(words)
    nbformat.validate(notebook)


def test_labels_are_kept_and_everything_else_is_left_behind(tmp_path):
    (tmp_path / FILE).write_text(TEXT, encoding="utf-8")
    notebook, _ = read_submission(tmp_path / FILE, NAME)
    assert [cell.id for cell in notebook.cells] == ["title", "answer", "use"]
    assert notebook.cells[1].metadata == {"nbgrader": {"grade_id": "f-answer"}}
    assert notebook.metadata == {} and notebook.cells[2].outputs == []


def test_colabs_ids_are_found_in_the_metadata(tmp_path):
    data = json.loads(TEXT)
    for cell in data["cells"]:
        cell["metadata"] = {"id": cell.pop("id"), "outputId": "abc"}
    (tmp_path / FILE).write_text(json.dumps(data))
    assert [cell.id for cell in read_submission(tmp_path, NAME)[0].cells] == ["title", "answer", "use"]


def test_what_python_cannot_parse_is_no_part_of_a_cell(tmp_path):
    cells = [{"cell_type": "code", "source": "x = '\ud800\0'"}, {"cell_type": "code", "source": ["y", 1, " = 2"]}]
    (tmp_path / FILE).write_text(json.dumps({"cells": cells}))
    notebook, _ = read_submission(tmp_path, NAME)
    assert [cell.source for cell in notebook.cells] == ["x = '\ufffd\ufffd'", "y = 2"]


UNREADABLE = {
    "nothing in it": (b"", "is empty"),
    "white space": (b"\xef\xbb\xbf \r\n", "is empty"),
    "half of it": (TEXT.encode()[: len(TEXT) // 2], "breaks off"),
    "a merge conflict": (TEXT.replace("\n ", "\n<<<<<<< HEAD\n ", 1).encode(), "damaged from line 2 on"),
    "an archive": (b"PK\x03\x04\xff\xfe", "a zip archive"),
    "a PDF": (b"%PDF-1.7\n\xff", "a PDF"),
    "a page": (b"<!DOCTYPE html><html>", "a web page"),
    "a script": (b"import torch\n", "a Python file"),
    "noise": (bytes(range(256)), "no notebook"),
    "a number": (b"1", "holds data, but no notebook"),
    "a list": (b"[1]", "holds data, but no notebook"),
    "other data": (b'{"cells": {}, "worksheets": [3, {"cells": 1}]}', "holds data, but no notebook"),
    "a well": (b"[" * 100_000, "no notebook"),
    "a long number": (b"[" + b"9" * 10_000 + b"]", "no notebook"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_notebook_is_unreadable_with_what_it_is(tmp_path, case):
    raw, words = UNREADABLE[case]
    (tmp_path / FILE).write_bytes(raw)
    with pytest.raises(NoNotebook, match=words) as error:
        read_submission(tmp_path, NAME)
    assert error.value.status == "unreadable"
    assert FILE in str(error.value) and "hand in" in str(error.value)


LARGE = {
    "many cells": '{"cells": [' + "{}," * 3000 + "{}]}",
    "much code": json.dumps({"cells": [{"cell_type": "code", "source": "x = 1\n" * 200_000}]}),
}


@pytest.mark.parametrize("case", LARGE)
def test_what_would_cost_too_much_is_for_a_person(tmp_path, case):
    (tmp_path / FILE).write_text(LARGE[case])
    with pytest.raises(NoNotebook, match="too much") as error:
        read_submission(tmp_path, NAME)
    assert error.value.status == "needs_review"


def test_a_file_that_would_fill_the_memory_is_not_read(tmp_path, monkeypatch):
    (tmp_path / FILE).write_text(TEXT)
    for limit, value in [("_FILE_BYTES", len(TEXT) - 1), ("_VALUES", 20)]:
        with monkeypatch.context() as changed:
            changed.setattr(reading, limit, value)
            with pytest.raises(NoNotebook, match="too large"):
                read_submission(tmp_path, NAME)
    assert read_submission(tmp_path, NAME)[0].cells


FOLDERS = {
    "beside other files": ([FILE, "data.csv", "a/b.py", "old.ipynb", ".ipynb_checkpoints/x.ipynb"], []),
    "under another name": (["my work (1).ipynb", "report.pdf"], ["my work (1).ipynb"]),
    "with a second ending": ([f"{FILE}.txt"], [f"{FILE}.txt"]),
    "further down": ([f"homework/{FILE}", "homework/notes.ipynb"], [f"homework/{FILE}"]),
    "as a Mac packs it": ([f"x/{FILE}", f"__MACOSX/x/._{FILE}", f"__MACOSX/{FILE}"], [f"x/{FILE}"]),
}


def fill(folder, names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(TEXT if name.count(".ipynb") else "1", encoding="utf-8")


@pytest.mark.parametrize("case", FOLDERS)
def test_the_notebook_is_found(tmp_path, case):
    names, words = FOLDERS[case]
    fill(tmp_path, names)
    notebook, repairs = read_submission(tmp_path, NAME)
    assert len(notebook.cells) == 3
    assert repairs == [f"{FILE} was handed in as {word}" for word in words]


NOT_FOUND = {
    "nothing": ([], "absent", "nothing was handed in"),
    "a time": (["timestamp.txt", "submission_secret.txt"], "absent", "nothing was handed in"),
    "another kind of file": (["report.pdf"], "unreadable", f"only report.pdf: hand in {FILE}"),
    "two under other names": (["a.ipynb", "b.ipynb"], "needs_review", "several notebooks.*a.ipynb, b.ipynb"),
    "two further down": ([f"a/{FILE}", f"b/{FILE}"], "needs_review", "several notebooks"),
}


@pytest.mark.parametrize("case", NOT_FOUND)
def test_where_it_is_not_certain_which_notebook_counts_none_is_judged(tmp_path, case):
    names, status, words = NOT_FOUND[case]
    fill(tmp_path, names)
    with pytest.raises(NoNotebook, match=words) as error:
        read_submission(tmp_path, NAME)
    assert error.value.status == status


def test_links_pipes_and_folders_are_no_notebooks(tmp_path):
    secret, folder = tmp_path / "secret.ipynb", tmp_path / "handed in"
    secret.write_text(TEXT)
    folder.mkdir()
    (folder / FILE).symlink_to(secret)
    (folder / "all").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "folder.ipynb").mkdir()
    with pytest.raises(NoNotebook, match=rf"only {FILE} \(a link\), pipe.ipynb"):
        read_submission(folder, NAME)
    fill(folder, [f"folder.ipynb/{FILE}"])
    assert len(read_submission(folder, NAME)[0].cells) == 3


KEYS = ["cells", "worksheets", "cell_type", "source", "input", "metadata", "nbgrader", "grade_id", "id", "outputs"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "cells",
                    "worksheets",
                    "cell_type",
                    "source",
                    "input",
                    "metadata",
                    "nbgrader",
                    "grade_id",
                    "id",
                    "outputs",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@st.composite
def files(draw):
    """The bytes of a file: any at all, any JSON, a notebook of odd cells, or a notebook with some bytes changed."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(st.binary(max_size=300))
    if kind == 1:
        return json.dumps(draw(JSON)).encode(draw(st.sampled_from(["utf-8", "utf-16", "utf-32-le"])))
    if kind == 2:
        return json.dumps({draw(st.sampled_from(KEYS)): draw(st.lists(JSON))}).encode()
    raw = bytearray(draw(st.sampled_from([TEXT, V3])).encode(draw(st.sampled_from(["utf-8", "utf-16"]))))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        raw[start : start + draw(st.integers(0, 30))] = draw(st.binary(max_size=10))
    return bytes(raw)


@given(files())
@settings(max_examples=1000, deadline=2000)
def test_any_bytes_are_a_notebook_or_none(tmp_path_factory, raw):
    path = tmp_path_factory.getbasetemp() / "fuzzed.ipynb"
    path.write_bytes(raw)
    try:
        notebook, repairs = read_submission(path, NAME)
    except NoNotebook as error:
        assert error.status in {"unreadable", "needs_review"} and "hand in" in str(error)
    else:
        assert all(cell.source.strip() and cell.source.encode() for cell in notebook.cells)
        assert all(isinstance(line, str) for line in repairs)
