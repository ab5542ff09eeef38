"""Whatever is handed in is read as a notebook or said to be none, with what was found and what to do."""

import gzip
import io
import json
import os
import tarfile
import zipfile

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder import course
from autograder.judging.intake import files, parsing
from autograder.judging.intake.reading import NoNotebook, read_submission
from autograder.proof import zoo

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
    cells = [{"cell_type": "code", "source": "x = '\ud800\0'"}, {"cell_type": "code", "source": ["y = (\n", 1, "2)"]}]
    (tmp_path / FILE).write_text(json.dumps({"cells": cells}))
    notebook, _ = read_submission(tmp_path, NAME)
    assert [cell.source for cell in notebook.cells] == ["x = '\ufffd\ufffd'", "y = (\n2)"]


UNREADABLE = {
    "nothing in it": (b"", "is empty"),
    "white space": (b"\xef\xbb\xbf \r\n", "is empty"),
    "half of it": (TEXT.encode()[: len(TEXT) // 2], "breaks off"),
    "a merge conflict": (
        TEXT.replace("\n ", "\n<<<<<<< HEAD\n ", 1).encode(),
        "a conflict that git left open, from line 2 on",
    ),
    "a bracket that is missing": (TEXT.replace("[", "", 1).encode(), "damaged from line"),
    "an archive": (b"PK\x03\x04\xff\xfe", "an archive that cannot be opened"),
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
    for limit, value in [("FILE_BYTES", len(TEXT) - 1), ("_VALUES", 20)]:
        with monkeypatch.context() as changed:
            changed.setattr(parsing, limit, value)
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


def fill(folder, names, differ=False):
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        text = TEXT.replace("Größe", f"Größe {number}") if differ else TEXT
        (folder / name).write_text(text if name.count(".ipynb") else "1", encoding="utf-8")


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
    fill(tmp_path, names, differ=True)
    with pytest.raises(NoNotebook, match=words) as error:
        read_submission(tmp_path, NAME)
    assert error.value.status == status


def handed_in(**answers):
    """The exercise's notebook with some answers, as bytes."""
    texts = course.exercise(NAME).solutions
    return nbformat.writes(zoo.submission(NAME, {key: texts[key] + text for key, text in answers.items()})).encode()


STUB, HALF = handed_in(), handed_in(custom_batch_norm="")
WHOLE = handed_in(custom_batch_norm="", fold_batch_norm="")
OTHER = handed_in(custom_batch_norm="\nmine = 1")
COPY, OLD = f"{NAME}-Copy1.ipynb", "old.ipynb"
SEVERAL = {
    "the copy has the answers": ({FILE: STUB, COPY: WHOLE}, COPY, f"{FILE} has no answers"),
    "the one in a folder has the answers": ({FILE: STUB, f"new/{FILE}": HALF}, f"new/{FILE}", "no answers"),
    "the copy is further": ({FILE: HALF, f"{NAME} (1).ipynb": WHOLE}, f"{NAME} (1).ipynb", f"{FILE} has fewer"),
    "the copy is as it was released": ({FILE: HALF, COPY: STUB}, FILE, ""),
    "both have the same answers": ({FILE: WHOLE, COPY: WHOLE}, FILE, ""),
    "another name has other answers": ({FILE: HALF, OLD: OTHER}, FILE, f"{OLD} has other answers"),
    "the right one is broken": ({FILE: HALF[:900], COPY: HALF}, COPY, f"{FILE} is not complete: it breaks off"),
    "a zip has the answers": ({FILE: STUB, "work.zip": {FILE: WHOLE}}, f"work.zip/{FILE}", "no answers"),
    "no file has answers": ({FILE: STUB, "scratch.ipynb": TEXT.encode()}, FILE, ""),
}


def written(folder, files):
    for name, raw in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(zipped(raw) if isinstance(raw, dict) else raw)


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, zipped(raw) if isinstance(raw, dict) else raw)
    return stream.getvalue()


def tarred(files, mode="w:gz"):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, raw in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return stream.getvalue()


@pytest.mark.parametrize("case", SEVERAL)
def test_of_several_notebooks_the_one_with_the_answers_counts_and_this_is_said(tmp_path, case):
    files, chosen, words = SEVERAL[case]
    written(tmp_path, files)
    notebook, repairs = read_submission(tmp_path, NAME)
    raw = files["work.zip"][FILE] if "work.zip" in files else files[chosen]
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in nbformat.reads(raw, 4).cells]
    assert words in " ".join(repairs) and bool(words) == bool(repairs)


@pytest.mark.parametrize("name", [COPY, f"{NAME} (1).ipynb", f"attempt 2/{FILE}"])
def test_two_versions_with_different_answers_are_for_a_person(tmp_path, name):
    written(tmp_path, {FILE: WHOLE, name: OTHER})
    with pytest.raises(NoNotebook, match=r"different answers.*keep the one that counts") as error:
        read_submission(tmp_path, NAME)
    assert error.value.status == "needs_review" and name in str(error.value)


RAW = TEXT.encode()
PYTHON = b"# %% [markdown]\n# Notes\n\n# %%\nx = 1\n\n# %%\n# %matplotlib inline\ny = 2\n"
PACKED = {
    "a zip": ({"work.zip": {FILE: RAW}}, f"work.zip/{FILE}"),
    "a zip with all that was there": (
        {"w.zip": {"a/b.csv": b"1", f"__MACOSX/._{FILE}": b"", f"a/{FILE}": RAW}},
        f"w.zip/a/{FILE}",
    ),
    "a notebook's zip": ({f"{FILE}.zip": {FILE: RAW}}, f"{FILE}.zip/{FILE}"),
    "a zip that is called a notebook": ({FILE: {FILE: RAW}}, f"{FILE}/{FILE}"),
    "a zip in a zip": ({"all.zip": {"mine.zip": {FILE: RAW}}}, f"all.zip/mine.zip/{FILE}"),
    "a tar": ({"work.tar": tarred({FILE: RAW}, "w")}, f"work.tar/{FILE}"),
    "a tar.gz": ({"work.tar.gz": tarred({FILE: RAW})}, f"work.tar/{FILE}"),
    "a tgz": ({"work.tgz": tarred({FILE: RAW})}, f"work/{FILE}"),
    "a gz": ({f"{FILE}.gz": gzip.compress(RAW)}, ""),
    "json": ({f"{NAME}.json": RAW, "notes.txt": b"hello"}, f"{NAME}.json"),
    "no ending": ({NAME: RAW}, NAME),
}


@pytest.mark.parametrize("case", PACKED)
def test_a_notebook_is_read_in_what_it_was_packed_in_and_this_is_said(tmp_path, case):
    files, shown = PACKED[case]
    written(tmp_path, files)
    notebook, repairs = read_submission(tmp_path, NAME)
    assert [cell.source for cell in notebook.cells] == SOURCES
    assert repairs == ([f"{FILE} was handed in as {shown}"] if shown else [])


BAD_ARCHIVES = {
    "damaged": (zipped({FILE: RAW})[:-30], "cannot be opened"),
    "a RAR": (b"Rar!\x1a\x07", "a RAR archive"),
    "without a notebook": (zipped({"a.pdf": b"1"}), f"only work.zip: hand in {FILE}"),
    "damaged inside": (zipped({FILE: RAW})[:80] + bytes(9) + zipped({FILE: RAW})[89:], "cannot be opened"),
    "a cut tar.gz": (tarred({FILE: RAW})[:-40], "cannot be opened"),
}


@pytest.mark.parametrize("case", BAD_ARCHIVES)
def test_an_archive_that_gives_no_notebook_says_what_to_do(tmp_path, case):
    raw, words = BAD_ARCHIVES[case]
    (tmp_path / "work.zip").write_bytes(raw)
    with pytest.raises(NoNotebook, match=words) as error:
        read_submission(tmp_path, NAME)
    assert error.value.status == "unreadable" and "hand in" in str(error.value)


def test_an_archive_that_would_fill_the_memory_is_for_a_person(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "FILE_BYTES", 1 << 20)
    for name, raw in [("a.zip", zipped({FILE: bytes(2 << 20)})), ("b.tgz", tarred({FILE: bytes(2 << 20)}))]:
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(NoNotebook, match="too large to be unpacked") as error:
            read_submission(tmp_path / name, NAME)
        assert error.value.status == "needs_review"


EXPORTS = {
    "percent": PYTHON,
    "nbconvert": PYTHON.replace(b"# %%\n# %mat", b"# In[2]:\n\n\n# %mat").replace(b"# %%\nx", b"# In[ ]:\n\n\nx"),
    "Windows' line ends": PYTHON.replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("name", [f"{NAME}.py", FILE, f"{NAME}.txt"])
@pytest.mark.parametrize("case", EXPORTS)
def test_a_python_export_is_read_by_its_cells(tmp_path, case, name):
    (tmp_path / name).write_bytes(EXPORTS[case])
    notebook, repairs = read_submission(tmp_path, NAME)
    assert [cell.source for cell in notebook.cells if cell.cell_type == "code"] == [
        "x = 1",
        "%matplotlib inline\ny = 2",
    ]
    assert f"{name} is a Python file; its cells were read as a notebook's" in repairs
    assert read_submission(tmp_path, NAME) == (notebook, repairs)


def test_a_notebook_in_format_2_and_lines_without_their_ends_are_whole_lines(tmp_path):
    code = {"cell_type": "code", "input": ["x = 1", "", "y = 2"], "outputs": [], "language": "python"}
    old = {"nbformat": 2, "worksheets": [{"cells": [code, {"cell_type": "markdown", "source": ["a", "b"]}]}]}
    new = {"nbformat": 4, "cells": [{"cell_type": "code", "source": ["x = 1", "", "y = 2"]}, {"source": "a\nb"}]}
    for data in (old, new):
        (tmp_path / FILE).write_text(json.dumps(data))
        notebook, repairs = read_submission(tmp_path, NAME)
        assert [cell.source for cell in notebook.cells] == ["x = 1\n\ny = 2", "a\nb"]
        assert "had lost their ends" in repairs[0]


def test_each_cell_has_an_id_of_its_own_the_same_in_each_reading(tmp_path, recwarn):
    cells = [{"cell_type": "code", "source": f"x = {number}", "id": "same"} for number in range(4)]
    (tmp_path / FILE).write_text(json.dumps({"cells": cells}))
    notebook, _ = read_submission(tmp_path, NAME)
    assert [cell.id for cell in notebook.cells] == ["same", "cell-2", "cell-3", "cell-4"]
    nbformat.validate(notebook)
    assert list(recwarn) == [] and read_submission(tmp_path, NAME)[0] == notebook


def test_a_module_beside_the_notebook_is_taken_along_where_it_is_imported(tmp_path):
    cells = [{"cell_type": "code", "source": "from helpers import f"}]
    written(tmp_path, {FILE: json.dumps({"cells": cells}).encode(), "helpers.py": b"f = 1\n", "other.py": b"g = 1\n"})
    notebook, repairs = read_submission(tmp_path, NAME)
    assert [cell.source for cell in notebook.cells] == ["%%writefile helpers.py\nf = 1\n", "from helpers import f"]
    assert repairs == ["helpers.py, which the notebook imports, was taken along"]


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


# A zero character ends a name in a zip.
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)


@st.composite
def any_bytes(draw):
    """The bytes of a file: any at all, any JSON, a notebook of odd cells, or a notebook with some bytes changed."""
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return draw(st.binary(max_size=300))
    if kind == 4:
        return b"# %%" + draw(st.text(max_size=100)).encode() + draw(st.sampled_from([b"", PYTHON]))
    if kind == 5:
        return zipped({draw(NAMES) + ".ipynb": draw(st.binary(max_size=30)), FILE: RAW})[draw(st.integers(0, 9)) :]
    if kind == 1:
        return json.dumps(draw(JSON)).encode(draw(st.sampled_from(["utf-8", "utf-16", "utf-32-le"])))
    if kind == 2:
        return json.dumps({draw(st.sampled_from(KEYS)): draw(st.lists(JSON))}).encode()
    raw = bytearray(draw(st.sampled_from([TEXT, V3])).encode(draw(st.sampled_from(["utf-8", "utf-16"]))))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        raw[start : start + draw(st.integers(0, 30))] = draw(st.binary(max_size=10))
    return bytes(raw)


@given(any_bytes())
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
        assert read_submission(path, NAME) == (notebook, repairs)
        nbformat.validate(notebook)
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
