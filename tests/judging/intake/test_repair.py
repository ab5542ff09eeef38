"""Broken notebooks are mended where the student's intent is certain, and what was mended is said."""

import copy
import dataclasses
import itertools
import re

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder import course
from autograder.course import build
from autograder.course.model import is_notebook_only
from autograder.judging.intake.places import answer_names
from autograder.judging.intake.repair import repair
from autograder.judging.intake.source import bound
from autograder.proof import zoo

NAME = "ex04_batch_norm"
SOLUTION = next(iter(course.exercise(NAME).solutions))


def answers(notebook):
    return {cell.id: cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")}


@pytest.fixture
def whole():
    return zoo.reference(NAME)


def index_of(notebook, solution=SOLUTION):
    return next(i for i, cell in enumerate(notebook.cells) if cell.id == build.ANSWER.format(solution))


def test_an_intact_submission_needs_no_repair(whole):
    mended, repairs, _ = repair(whole, NAME)
    assert repairs == []
    assert answers(mended) == answers(whole)
    nbformat.validate(mended)


def test_only_solution_cells_come_from_the_student(whole):
    for cell in whole.cells:
        if not cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = "1 / 0"
    mended, *_ = repair(whole, NAME)
    released = build.release_notebook(NAME)
    assert [c.source for c in mended.cells if "nbgrader" not in c.metadata] == [
        c.source for c in released.cells if "nbgrader" not in c.metadata
    ]


def test_points_and_flags_in_a_students_metadata_are_ignored(whole):
    for cell in whole.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(points=1000, locked=False, grade=True, task=True)
    mended, *_ = repair(whole, NAME)
    released = build.release_notebook(NAME)
    assert [c.metadata for c in mended.cells] == [c.metadata for c in released.cells]


def copied(notebook, text, after=1, solution=SOLUTION):
    """Put another copy of an answer's cell, label and all, behind it."""
    place = index_of(notebook, solution)
    twin = copy.deepcopy(notebook.cells[place])
    twin.source = text
    notebook.cells.insert(place + after, twin)
    return twin


def test_of_two_different_answers_the_last_one_is_judged_and_a_person_looks(whole):
    twin = copied(whole, whole.cells[index_of(whole)].source + "\n\nSECOND = True")
    mended, _, doubts = repair(whole, NAME)
    assert answers(mended)[twin.id] == twin.source
    assert len(doubts) == 1 and "2 times" in doubts[0] and "CustomBatchNorm" in doubts[0]


@pytest.mark.parametrize("after", [0, 1, 5])
def test_an_untouched_copy_of_the_stub_counts_for_nothing(whole, after):
    expected = answers(whole)
    stub = answers(build.release_notebook(NAME))[build.ANSWER.format(SOLUTION)]
    copied(whole, stub, after)
    mended, repairs, doubts = repair(whole, NAME)
    assert answers(mended) == expected
    assert len(repairs) == 1 and "the one answer among them counts" in repairs[0] and doubts == []


def test_the_same_answer_twice_is_one_answer(whole):
    expected = answers(whole)
    copied(whole, whole.cells[index_of(whole)].source + "\n", 3)
    mended, repairs, doubts = repair(whole, NAME)
    assert {key: text.strip() for key, text in answers(mended).items()} == {
        key: text.strip() for key, text in expected.items()
    }
    assert len(repairs) == 1 and doubts == []


@pytest.mark.parametrize("labelled", [True, False])
def test_the_parts_of_a_split_answer_are_run_in_their_order(whole, labelled):
    """JupyterLab gives both halves of a split cell the label, other editors only the first."""
    cell = whole.cells[index_of(whole)]
    helper = "def helper(x):\n    return x"
    twin = copied(whole, cell.source)
    cell.source = helper
    if not labelled:
        cell.metadata, cell.id = nbformat.NotebookNode(), "half"
    mended, repairs, doubts = repair(whole, NAME)
    code = [one.source for one in mended.cells]
    assert code.index(helper) < code.index(twin.source)
    assert doubts == [] and len(repairs) == labelled


def test_a_notebook_pasted_twice_is_the_notebook(whole):
    expected = [cell.source for cell in repair(whole, NAME).notebook.cells]
    whole.cells += copy.deepcopy(whole.cells)
    mended, _, doubts = repair(whole, NAME)
    assert [cell.source for cell in mended.cells] == expected and doubts == []


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_turned_into_text_is_read_as_code(whole, kind):
    expected = answers(whole)
    for cell in whole.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.cell_type = kind
    mended, repairs, doubts = repair(whole, NAME)
    assert answers(mended) == expected and doubts == []
    assert len(repairs) == 1 and "turned into text, and read as code: 'custom_batch_norm-answer'" in repairs[0]


def test_notes_beside_an_answer_are_no_answer(whole):
    expected = answers(whole)
    copied(whole, "def CustomBatchNorm(): would be wrong").cell_type = "markdown"
    assert answers(repair(whole, NAME).notebook) == expected


def test_a_changed_check_changes_no_points(whole):
    check = next(cell for cell in whole.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    check.source = "1 + 1"
    mended, repairs, _ = repair(whole, NAME)
    assert [cell.source for cell in mended.cells if cell.id == check.id] == [
        cell.source for cell in build.release_notebook(NAME).cells if cell.id == check.id
    ]
    assert repairs == [f"changed checks, which decide no points: {check.id!r}"]


@pytest.mark.parametrize(("is_check", "words"), [(False, "as it was handed in after that"), (True, "decide no points")])
def test_an_import_or_a_function_in_a_cell_that_was_given_is_kept(whole, is_check, words):
    """Imports go where the imports are, which is no place for answers."""
    code = (cell for cell in whole.cells if cell.cell_type == "code")
    cell = next(one for one in code if bool(one.metadata.get("nbgrader", {}).get("grade")) == is_check)
    cell.source += "\nimport math\n"
    mended, repairs, _ = repair(whole, NAME)
    place = next(number for number, one in enumerate(mended.cells) if one.id == cell.id)
    assert "import math" not in mended.cells[place].source
    assert mended.cells[place + 1].source == cell.source
    assert len(repairs) == 1 and words in repairs[0]


def test_experiments_are_the_students_to_change(whole):
    for cell in whole.cells:
        if is_notebook_only(cell):
            cell.source = "mine = 1\n" + cell.source
    mended, repairs, _ = repair(whole, NAME)
    assert repairs == []
    assert [cell.id for cell in mended.cells] == [cell.id for cell in build.release_notebook(NAME).cells]


def test_labels_on_other_cells_do_not_lose_an_answer(whole):
    """Every label and id moves on by one: what was answered is still there to be run."""
    code = [cell for cell in whole.cells if cell.cell_type == "code"]
    marks = [(cell.metadata, cell.id) for cell in code]
    expected = answers(whole)
    for cell, (metadata, identifier) in zip(code, [*marks[1:], marks[0]], strict=True):
        cell.metadata, cell.id = metadata, identifier
    mended = repair(whole, NAME).notebook
    texts = [cell.source for cell in mended.cells if not is_notebook_only(cell)]
    graded = {build.ANSWER.format(task.solution) for task in course.exercise(NAME).tasks}
    assert all(expected[key] in texts for key in graded)
    nbformat.validate(mended)


def test_another_exercises_notebook_is_for_a_person(whole):
    other = zoo.reference(next(name for name in course.names() if name != NAME))
    for submitted in (other, nbformat.v4.new_notebook()):
        doubts = repair(submitted, NAME).doubts
        assert len(doubts) == 1 and "look whether it is the right one" in doubts[0]


def test_a_deleted_answer_counts_as_not_answered(whole):
    del whole.cells[index_of(whole)]
    mended, repairs, _ = repair(whole, NAME)
    assert "NotImplementedError" in answers(mended)[build.ANSWER.format(SOLUTION)]
    assert repairs == [f"missing, and counted as not answered: {build.ANSWER.format(SOLUTION)!r}"]


def test_deleted_checks_and_another_order_change_nothing(whole):
    expected = answers(whole)
    whole.cells = [cell for cell in whole.cells[::-1] if not cell.metadata.get("nbgrader", {}).get("grade")]
    mended, repairs, _ = repair(whole, NAME)
    assert answers(mended) == expected
    assert [cell.id for cell in mended.cells] == [cell.id for cell in build.release_notebook(NAME).cells]
    assert repairs[0].startswith("moved, and put back") and repairs[1].startswith("deleted, and put back")
    assert "'custom_batch_norm_training'" in repairs[1] and len(repairs) == 2


def unlabelled(notebook):
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = nbformat.NotebookNode(), f"n{number}"
    return notebook


def test_answers_are_recognized_when_all_metadata_is_gone(whole):
    expected = answers(whole)
    mended, repairs, doubts = repair(unlabelled(whole), NAME)
    assert answers(mended) == expected and doubts == []
    assert [cell.id for cell in mended.cells] == [cell.id for cell in build.release_notebook(NAME).cells]
    assert len(repairs) == 1 and "without a label, and recognized by the text: 'custom_batch_norm-answer'" in repairs[0]


def test_without_metadata_a_changed_check_or_experiment_is_known_by_its_lines(whole):
    for cell in whole.cells:
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source += "\nprint('seen')"
    mended = repair(unlabelled(whole), NAME).notebook
    assert [cell.id for cell in mended.cells] == [cell.id for cell in build.release_notebook(NAME).cells]


def test_without_metadata_an_answer_that_cannot_be_parsed_is_known_by_its_lines(whole):
    cell = whole.cells[index_of(whole)]
    stub = answers(build.release_notebook(NAME))[cell.id]
    cell.source = text = stub.replace("raise NotImplementedError", "return (")
    assert answers(repair(unlabelled(whole), NAME).notebook)[build.ANSWER.format(SOLUTION)] == text


def test_an_answer_above_its_untouched_stub_is_not_overwritten_by_it(whole):
    place = index_of(whole)
    text = whole.cells[place].source
    whole.cells[place].source = answers(build.release_notebook(NAME))[build.ANSWER.format(SOLUTION)]
    whole.cells.insert(place, new_code_cell(text))
    mended = repair(whole, NAME).notebook
    assert answers(mended)[build.ANSWER.format(SOLUTION)] == text


def test_cells_that_the_student_added_stay_where_they_were(whole):
    place = index_of(whole)
    whole.cells.insert(place, new_code_cell("helper = 1"))
    whole.cells.insert(place + 2, new_markdown_cell("my notes"))
    mended, *_ = repair(whole, NAME)
    after = next(i for i, cell in enumerate(mended.cells) if cell.id == build.ANSWER.format(SOLUTION))
    assert mended.cells[after - 1].source == "helper = 1"
    assert mended.cells[after + 1].source == "my notes"
    nbformat.validate(mended)


def test_a_draft_beside_a_labelled_answer_is_not_taken_for_it(whole):
    expected = answers(whole)
    whole.cells.append(new_code_cell(course.exercise(NAME).solutions[SOLUTION] + "\n# my first draft"))
    mended, *_ = repair(whole, NAME)
    assert answers(mended) == expected


def stub(name=NAME):
    return answers(build.release_notebook(name))


FOLD, BACKWARD = "fold_batch_norm-answer", "batch_norm_backward-answer"


def at(notebook, identifier):
    return next(cell for cell in notebook.cells if cell.id == identifier)


@pytest.mark.parametrize("home", [BACKWARD, "custom_batch_norm-answer"])
def test_an_answer_merged_into_another_is_found_there_and_no_stub_runs_after_it(whole, home):
    own = at(whole, FOLD)
    at(whole, home).source += "\n\n" + own.source
    whole.cells.remove(own)
    mended, repairs, doubts = repair(whole, NAME)
    assert "NotImplementedError" not in "".join(answers(mended).values())
    assert repairs == [f"answered in the cell {home!r}: {FOLD!r}"] and doubts == []


def test_an_answer_merged_into_a_later_one_runs_at_its_own_place(whole):
    own, later = at(whole, BACKWARD), at(whole, FOLD)
    later.source = text = own.source + "\n\n" + later.source
    whole.cells.remove(own)
    mended, repairs, _ = repair(whole, NAME)
    assert answers(mended)[BACKWARD] == text and "NotImplementedError" not in answers(mended)[FOLD]
    assert repairs == [f"answered in the cell {FOLD!r}: {BACKWARD!r}", f"answered in the cell {BACKWARD!r}: {FOLD!r}"]


@pytest.mark.parametrize("place", [0, 3, -1])
def test_all_answers_in_one_cell_without_a_label_run_where_the_first_one_belongs(whole, place):
    text = "\n\n".join(answers(whole).values())
    for cell in whole.cells:
        cell.source = stub().get(cell.id, cell.source)
    whole.cells.insert(place % (len(whole.cells) + 1), new_code_cell(text))
    mended = answers(repair(whole, NAME).notebook)
    assert mended.pop("custom_batch_norm-answer") == text
    assert all(other.startswith("# This answer stands in the cell") for other in mended.values())


def test_a_stub_with_a_remark_is_no_answer_where_there_is_one(whole):
    text = at(whole, FOLD).source
    at(whole, FOLD).source = "# see below\n" + stub()[FOLD]
    whole.cells.append(new_code_cell(text))
    assert answers(repair(whole, NAME).notebook)[FOLD] == text


def test_a_remark_in_a_stub_stays_to_be_read(whole):
    at(whole, FOLD).source = text = "# I do not know how\n" + stub()[FOLD]
    assert answers(repair(whole, NAME).notebook)[FOLD] == text


def test_answers_in_each_others_cells_are_told_apart(whole):
    one, other = at(whole, FOLD), at(whole, BACKWARD)
    one.source, other.source = texts = other.source, one.source
    mended = answers(repair(whole, NAME).notebook)
    assert (mended[BACKWARD], mended[FOLD]) == texts


def parts_of(text, *cuts):
    lines = text.split("\n")
    places = [0, *(next(i for i, line in enumerate(lines) if cut in line) for cut in cuts), len(lines)]
    return ["\n".join(lines[start:end]) for start, end in itertools.pairwise(places)]


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize(
    "cuts", [["def forward"], ["self.eps"], ["Training:"], ["Training:", "def forward", "return self.gamma"]]
)
def test_an_answer_split_inside_a_statement_is_whole_again(whole, cuts, labelled):
    place, expected = index_of(whole), answers(whole)
    first, *rest = parts_of(whole.cells[place].source, *cuts)
    own = whole.cells[place]
    own.source = first
    for number, part in enumerate(rest, 1):
        twin = new_code_cell(part, metadata=own.metadata if labelled else {})
        whole.cells.insert(place + number, twin)
    mended, repairs, doubts = repair(whole, NAME)
    assert answers(mended) == expected and doubts == []
    assert repairs == [f"split inside a statement, and put together: {own.id!r}"]


def test_an_indented_cell_behind_an_answer_stays_a_cell_of_its_own(whole):
    expected = answers(whole)
    whole.cells.insert(index_of(whole) + 1, new_code_cell("    print(CustomBatchNorm(3))"))
    assert answers(repair(whole, NAME).notebook) == expected


def test_an_answer_that_became_a_heading_loses_the_marks(whole):
    expected = answers(whole)
    at(whole, FOLD).update(cell_type="markdown", source="## " + expected[FOLD])
    mended, repairs, _ = repair(whole, NAME)
    assert answers(mended) == expected and repairs == [f"turned into text, and read as code: {FOLD!r}"]


@pytest.mark.parametrize("label", [FOLD, "none"])
def test_a_conflict_that_was_left_open_is_for_a_person_with_its_line(whole, label):
    cell = at(whole, FOLD)
    cell.source += "\n<<<<<<< HEAD\n    return linear\n=======\n    return None\n>>>>>>> other"
    line, cell.id = cell.source.split("\n").index("<<<<<<< HEAD") + 1, label
    cell.metadata = cell.metadata if label == FOLD else {}
    doubts = repair(whole, NAME).doubts
    assert len(doubts) == 1 and doubts[0].startswith(f"line {line} of the answer {FOLD!r} begins a conflict")


def test_marks_of_a_conflict_in_a_string_or_an_experiment_are_no_conflict(whole):
    at(whole, FOLD).source += '\n\nMARK = """\n<<<<<<< HEAD\n"""'
    next(cell for cell in whole.cells if is_notebook_only(cell)).source += "\n<<<<<<< HEAD"
    assert repair(whole, NAME).doubts == []


IPYTHON = [
    "nn.BatchNorm1d?\n{}",
    "%%time\n{}",
    "\n\n%%capture shown\n{}",
    "{}\nx = %time 1 + 1",
    "{}\nif True:\n    %time 1\n",
    "!ls\n{}",
]


@pytest.mark.parametrize("form", IPYTHON)
def test_an_answer_among_ipythons_own_syntax_is_known_by_what_it_defines(whole, form):
    cell = at(whole, FOLD)
    cell.source, cell.metadata, cell.id = form.format(cell.source), {}, "none"
    assert answers(repair(whole, NAME).notebook)[FOLD] == cell.source


def test_what_an_answer_needs_comes_along_when_it_is_put_back(whole):
    """Helpers, and what these need, stand before an answer at the end of the notebook, and before its check then."""
    text = at(whole, FOLD).source
    at(whole, FOLD).source = stub()[FOLD]
    later = ["ONE = 1", "def helper():\n    return ONE", text + "\n\nhelper()", "range = 10"]
    whole.cells += [new_code_cell(one) for one in later]
    code = [cell.source for cell in repair(whole, NAME).notebook.cells]
    assert (
        code.index(later[0])
        < code.index(later[1])
        < code.index(later[2])
        < code.index(at(whole, "fold_batch_norm").source)
    )
    assert code.index(later[3]) > max(place for place, text in enumerate(code) if "fold_batch_norm(" in text)


def test_experiments_whose_variables_a_tool_renamed_are_experiments_still(whole):
    """As marimo does, which drops tags and labels too."""
    for number, cell in enumerate(whole.cells):
        if is_notebook_only(cell):
            cell.source = re.sub(r"\b(fig|axes|ax|net|nets|good|rates|runs)\b", r"_\1_2", cell.source)
        cell.id, cell.metadata = f"n{number}", {}
    mended = repair(whole, NAME).notebook
    assert [cell.id for cell in mended.cells] == [cell.id for cell in build.release_notebook(NAME).cells]


def test_a_cell_that_is_moved_is_said(whole):
    whole.cells.append(whole.cells.pop(index_of(whole)))
    assert repair(whole, NAME).repairs == [f"moved, and put back: {build.ANSWER.format(SOLUTION)!r}"]


def test_what_is_deleted_is_said_with_what_it_costs(whole):
    gone = {FOLD, "custom_batch_norm_training"}
    whole.cells = [cell for cell in whole.cells if cell.id not in gone]
    assert repair(whole, NAME).repairs == [
        f"missing, and counted as not answered: {FOLD!r}",
        "deleted, and put back: 'custom_batch_norm_training'",
    ]


def test_an_answer_that_no_task_grades_is_missed_without_cost(whole, monkeypatch):
    exercise = course.exercise(NAME)
    tasks = [task for task in exercise.tasks if task.solution != "fold_batch_norm"]
    monkeypatch.setattr(course, "exercise", lambda name: dataclasses.replace(exercise, tasks=tasks))
    whole.cells = [cell for cell in whole.cells if cell.id != FOLD]
    assert repair(whole, NAME).repairs == [f"missing, which changes no points: {FOLD!r}"]


def test_names_are_found_among_magics_and_not_in_what_cannot_be_parsed():
    assert bound("%matplotlib inline\nimport a.b, c as d\nx, y = 1, 2\ndef f():\n    z = 1") == {
        "a",
        "d",
        "x",
        "y",
        "f",
    }
    for source in ("def f(:", "x = '\0'", "(" * 10_000, "-" * 200_000 + "1", "x = 1\n" * 100_000):
        assert bound(source) == set()


TEXTS = st.sampled_from(
    ["", "x = 1", "raise SystemExit", "def f(:", "%%bash\nls", "\n\n", "import math\nprint(math.pi)", "(" * 500]
)


def split_in_two(draw, cells, place, other):
    lines = cells[place].source.split("\n")
    cut, half = draw(st.integers(0, len(lines))), copy.deepcopy(cells[place])
    cells[place].source, half.source = "\n".join(lines[:cut]), "\n".join(lines[cut:])
    cells.insert(place + 1, half)


def merge(draw, cells, place, other):
    cell = cells[place]
    cell.source += "\n" + cells.pop(other).source if other != place else ""


def unlabel(draw, cells, place, other):
    cells[place].metadata, cells[place].id = nbformat.NotebookNode(), "none"


def relabel(draw, cells, place, other):
    cells[place].metadata, cells[place].id = copy.deepcopy(cells[other].metadata), cells[other].id


def strip(draw, cells, place, other):
    unlabelled(nbformat.NotebookNode(cells=cells))


ACTIONS = [
    split_in_two, merge, unlabel, relabel, strip,
    lambda draw, cells, place, other: cells.pop(place),
    lambda draw, cells, place, other: cells.insert(other, copy.deepcopy(cells[place])),
    lambda draw, cells, place, other: cells.insert(other, cells.pop(place)),
    lambda draw, cells, place, other: cells[place].update(cell_type=draw(st.sampled_from(["code", "markdown", "raw"]))),
    lambda draw, cells, place, other: cells[place].update(source=draw(TEXTS)),
    lambda draw, cells, place, other: cells.insert(place, new_code_cell(draw(TEXTS))),
]  # fmt: skip


@st.composite
def broken(draw, notebook):
    """A notebook to which students and their editors have done several things."""
    notebook = copy.deepcopy(notebook)
    cells = notebook.cells
    places = st.integers(0, len(cells) * 2)
    for _ in range(draw(st.integers(1, 8))):
        if cells:
            place, other = draw(places) % len(cells), draw(places) % len(cells)
            draw(st.sampled_from(ACTIONS))(draw, cells, place, other)
    return notebook


@given(st.data())
@settings(max_examples=300, deadline=5000)
def test_whatever_was_done_to_it_the_exercise_keeps_its_shape(data):
    submitted = data.draw(broken(zoo.reference(NAME)))
    lines = {line for cell in submitted.cells for line in cell.source.split("\n")}
    released = build.release_notebook(NAME)
    mended, repairs, doubts = repair(submitted, NAME)
    nbformat.validate(mended)
    given_ids = [cell.id for cell in released.cells]
    assert [cell.id for cell in mended.cells if cell.id in given_ids] == given_ids
    own = {cell.id: cell for cell in mended.cells}
    for cell in released.cells:
        assert own[cell.id].metadata == cell.metadata and own[cell.id].cell_type == cell.cell_type
        text = own[cell.id].source
        assert text == cell.source or (cell.metadata.get("nbgrader", {}).get("solution") and is_made_of(text, lines))
    assert all(is_made_of(cell.source, lines) for cell in mended.cells if cell.id not in given_ids)
    assert all(isinstance(line, str) for line in repairs + doubts)
    judged = [cell for cell in mended.cells if cell.cell_type == "code" and not is_notebook_only(cell)]
    assert defined(submitted.cells) <= defined(judged)


def is_made_of(text, lines):
    """Whether a cell has the student's lines only, or says where the answer stands."""
    return text.startswith("# This answer stands in") or {line.lstrip("# ") for line in text.split("\n")} <= {
        line.lstrip("# ") for line in lines
    }


def defined(cells):
    """The names of the answers that cells define, other than in what was an experiment."""
    experiments = [
        set(cell.source.split("\n")) for cell in build.release_notebook(NAME).cells if is_notebook_only(cell)
    ]
    code = [cell for cell in cells if cell.cell_type == "code"]
    code = [
        cell
        for cell in code
        if not any(len(lines & set(cell.source.split("\n"))) > len(lines) / 3 for lines in experiments)
    ]
    return set().union(*answer_names(NAME).values()) & set().union(*(bound(cell.source) for cell in code))
