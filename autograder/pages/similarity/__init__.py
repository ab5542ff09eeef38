"""Pairs of submissions that share more than the course explains: a place to look, not a verdict.

Compared are runs of tokens without the student's own names, texts and comments, wherever in the notebook they stand, so
that neither renaming nor reordering hides a copy. (S. Schleimer, D. Wilkerson, A. Aiken: *Winnowing*, SIGMOD 2003. They
keep a sample of the runs; one class is small enough to keep all.)
"""

import difflib
import functools
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from nbformat import NotebookNode
from sklearn.preprocessing import MultiLabelBinarizer

from autograder import course
from autograder.classroom import submissions
from autograder.classroom.folder import course_in
from autograder.course import build
from autograder.course.model import Exercise
from autograder.files import write_atomically
from autograder.judging.intake.reading import NoNotebook
from autograder.pages.rendering import template
from autograder.pages.similarity.tokens import RUN, Run, runs

# Of 194 pairs of right answers in the zoo, which are independent, the closest shares 42 runs of 16 tokens; half of its
# single answers have more than 136 of their own.
ENOUGH = 50
SHOWN = 100
_CHARACTERS = 50_000
_OTHER = "other cells"


@dataclass(frozen=True)
class Answer:
    """What one student wrote, by the name of the solution cell; what the released notebook has as well is left out."""

    student: str
    cells: Mapping[str, str]

    @functools.cached_property
    def runs(self) -> list[tuple[str, Run]]:
        """Every run of tokens, each with the name of its cell."""
        return [(cell, run) for cell, source in self.cells.items() for run in runs(source)]


@dataclass(frozen=True)
class Pair:
    """Two answers, the runs that both have, and what share that is of the runs that are each one's own."""

    answers: tuple[Answer, Answer]
    shares: tuple[float, float]
    shared: Collection[str]


@dataclass(frozen=True)
class Found:
    """What a class's comparison gave; runs that more than `common` students have counted for nothing."""

    exercise: Exercise
    compared: int
    common: int
    pairs: Sequence[Pair] = ()
    not_shown: int = 0
    left_out: Mapping[str, str] = field(default_factory=dict)


def write(folder: Path, exercise: str, path: Path) -> Found:
    """Compare what was handed in in an exercise of the course in `folder`, and write the page; raises CourseError."""
    answers, left_out = [], {}
    for one in submissions.find(course_in(folder), [exercise]):
        try:
            if not one.given.text:
                raise NoNotebook(one.given.status, one.given.note or one.given.failure)
            answers.append(answer(one.student, exercise, one.given.notebook()[0]))
        except NoNotebook as error:
            left_out[one.student] = str(error)
    found = compare(exercise, answers, left_out)
    write_atomically(path, page(found))
    return found


def answer(student: str, exercise: str, notebook: NotebookNode) -> Answer:
    """What a student wrote into a notebook; raises NoNotebook for more than can be compared."""
    solutions = {build.ANSWER.format(name): name for name in course.exercise(exercise).solutions}
    released, cells = _released(exercise), {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source not in released:
            label = cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)
            cells.setdefault(solutions.get(label, _OTHER), []).append(cell.source)
    written = {cell: "\n\n\n".join(sources) for cell, sources in cells.items()}
    if (length := sum(map(len, written.values()))) > _CHARACTERS:
        raise NoNotebook("needs_review", f"{length:,} characters of code are too many to compare: look by hand")
    return Answer(student, written)


def compare(exercise: str, answers: Sequence[Answer], left_out: Mapping[str, str]) -> Found:
    """The pairs that share many runs that neither the course nor a large part of the class explains.

    First come those that share the most, where a run that n students have counts 1 / (n - 1).
    """
    common = max(8, len(answers) // 10)
    names = MultiLabelBinarizer(sparse_output=True)
    has = names.fit_transform([{run.text for _, run in one.runs} - known(exercise) for one in answers])
    holders = np.asarray(has.sum(axis=0)).ravel()
    rare = holders <= common
    has, texts, weights = has[:, rare], names.classes_[rare], 1 / np.maximum(1, holders[rare] - 1)
    own, together = np.asarray(has.sum(axis=1)).ravel(), np.triu((has @ has.T).toarray(), 1)
    telling = (has.multiply(weights).tocsr() @ has.T).toarray()  # what only two have says more than what twenty have
    places = sorted(np.argwhere(together >= ENOUGH), key=lambda place: -telling[tuple(place)])
    pairs = [
        Pair((answers[i], answers[j]), tuple(together[i, j] / own[[i, j]]), set(texts[has[i].multiply(has[j]).indices]))
        for i, j in places[:SHOWN]
    ]
    return Found(course.exercise(exercise), len(answers), common, pairs, len(places) - len(pairs), left_out)


@functools.cache
def known(exercise: str) -> frozenset[str]:
    """The runs that the course itself explains: of the released notebook, the reference and the misconceptions."""
    wrong = [course.answer_with(exercise, one) for one in course.misconceptions(exercise)]
    texts = {text for cells in [course.exercise(exercise).solutions, *wrong] for text in cells.values()}
    return frozenset(run.text for text in texts | _released(exercise) for run in runs(text))


@functools.cache
def _released(exercise):
    return frozenset(cell.source for cell in build.release_notebook(exercise).cells if cell.cell_type == "code")


def page(found: Found) -> str:
    """What was found as one HTML page that needs nothing beside itself."""
    pairs = [(pair, list(side_by_side(pair))) for pair in found.pairs]
    return template("similarity.html.j2").render(found=found, pairs=pairs, run=RUN, enough=ENOUGH)


def side_by_side(pair: Pair) -> Iterator[tuple[tuple[str, str], list]]:
    """The two cells of every shared part, once: each one's text in pieces, with the number of the part or 0."""
    painted = [{cell: np.zeros(len(text), int) for cell, text in one.cells.items()} for one in pair.answers]
    cells = {}
    for number, parts in enumerate(_parts(pair), 1):
        cells[tuple(part[0][0] for part in parts)] = None
        for numbers, part in zip(painted, parts, strict=True):
            for cell, run in part:
                place = numbers[cell][run.start : run.end]
                place[place == 0] = number
    for both in cells:
        sides = zip(pair.answers, painted, both, strict=True)
        yield both, [_pieces(one.cells[cell], numbers[cell]) for one, numbers, cell in sides]


def _pieces(text, numbers):
    groups = itertools.groupby(zip(text, numbers, strict=True), key=lambda pair: int(pair[1]))
    return [("".join(character for character, _ in group), number) for number, group in groups]


def _parts(pair):
    """The shared parts, about the longest first, as the runs of either side; a part lies within one cell.

    (Greedy string tiling: M. Wise, 1993.)
    """
    sides = [[run.text if run.text in pair.shared else object() for _, run in one.runs] for one in pair.answers]
    while (match := difflib.SequenceMatcher(None, *sides, autojunk=False).find_longest_match()).size:
        starts = match.a, match.b
        parts = [one.runs[start : start + match.size] for one, start in zip(pair.answers, starts, strict=True)]
        size = min(sum(cell == part[0][0] for cell, _ in part) for part in parts)
        yield [part[:size] for part in parts]
        for side, start in zip(sides, starts, strict=True):
            side[start : start + size] = [object() for _ in range(size)]
