"""The feedback page says what to do, loads and runs nothing, and shows what a student wrote as what it is: text."""

import html
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import nbformat
import pytest
import torch

from autograder import CourseError, course
from autograder.classroom.verdict_files import FILE, write
from autograder.judging.fence.settings import Seconds
from autograder.judging.hidden_tests.compare import show
from autograder.judging.judge import judge
from autograder.judging.verdict import TaskResult, TestResult, Verdict
from autograder.pages import feedback_page, grade_cell, markup, value_tables
from autograder.proof import zoo

NAME = "ex04_batch_norm"
SCRIPT = "<script>document.title = 'owned'</script>"
ATTACKS = [
    SCRIPT,
    "<img src=http://example.com/pixel onerror=alert(1)>",
    "![pixel](http://example.com/pixel) [a](javascript:alert(1))",
    "<details open onclick=alert(1)>",
    r"$\text{<img src=http://example.com/pixel onerror=alert(1)>}$",
    r"$\href{javascript:alert(1)}{x} \style{background:url(http://example.com)}{y} \class{z}{z}$",
    "```<script>alert(1)</script>\n<script>alert(1)</script>\n```",
    f'# "><script>alert(1)</script>\n\n[x]: http://example.com "{SCRIPT}"\n\n[{SCRIPT}][x]',
    "| <script>alert(1)</script> | $x$ |\n|---|---|\n| <iframe src=http://example.com> | 1 |",
]


class Page(HTMLParser):
    """The tags of a page, and what they would load."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.tags.append((tag, known))
        self.ids += [known["id"]] if "id" in known else []
        self.links += [known["href"]] if tag == "a" else []

    def loads_nothing(self):
        """Whether no tag runs a script or fetches anything."""
        for tag, known in self.tags:
            if tag in {"script", "link", "iframe", "object", "embed", "base", "form"}:
                return False
            if any(key.startswith("on") or (key == "href" and tag != "a") for key in known):
                return False
            if "src" in known and not known["src"].startswith("data:image/png;base64,"):
                return False
        return not any(link.startswith(("javascript:", "data:")) for link in self.links)


def shown(verdict, notebook, student="ana"):
    """The page as nbgrader's facts would have it."""
    results = {task.name: task for task in verdict.tasks}
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade"):
            result = results[marks.grade_id]
            marks.score, marks.points = result.points, result.max_points
        if marks.get("solution"):
            marks.setdefault("comment", None)
    facts = {"student": student, "score": verdict.points, "max_score": verdict.max_points, "late_penalty": 0}
    return feedback_page.render(verdict, notebook, facts)


@pytest.fixture(scope="module")
def wrong(sandbox):
    """The verdict on a wrong answer among attacks, and its notebook."""
    mistake = next(one for one in course.misconceptions(NAME) if one.name == "keeps the biased variance")
    notebook = zoo.wrong(NAME, mistake)
    for number, attack in enumerate(ATTACKS):
        notebook.cells.insert(3, nbformat.v4.new_markdown_cell(attack, id=f"attack-{number}"))
    loud = f"from IPython.display import *\ntext = {SCRIPT!r}\nprint(text)\ndisplay(HTML(text))\nraise OSError(text)"
    notebook.cells.insert(3, nbformat.v4.new_code_cell(loud, id="loud"))
    return mistake, *judge(notebook, NAME, sandbox, Seconds(30, 5, 120))


def test_the_page_has_score_next_step_sentence_hint_and_links_that_lead_somewhere(wrong):
    mistake, verdict, notebook = wrong
    text = shown(verdict, notebook)
    lost = next(task for task in verdict.tasks if task.name == mistake.task)
    failed = next(test for test in lost.tests if test.outcome == "failed")
    assert f"<b>{verdict.points:g}</b> of 100 points" in text
    assert f"It looks like an answer that {mistake.name}: read the hint." in text
    for part in (failed.sentence, re.split("[`*]", mistake.hint)[0], f'id="task-{mistake.task}"', "✗"):
        assert part in html.unescape(text)
    found = Page(text)
    assert len(found.ids) == len(set(found.ids))
    local = [link.removeprefix("#") for link in found.links if link.startswith("#")]
    assert set(local) - {"harmful-link"} <= set(found.ids)
    assert "cell-custom_batch_norm-answer" in local


def test_the_page_loads_and_runs_nothing_whatever_a_notebook_holds(wrong):
    _, verdict, notebook = wrong
    text = shown(verdict, notebook, student=SCRIPT)
    assert Page(text).loads_nothing()
    assert SCRIPT not in text and "&lt;script&gt;document.title" in text
    assert "default-src 'none'" in text


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_written_in_a_cell_stays_text(attack):
    assert Page(markup.markdown(attack)).loads_nothing()
    assert not {"img", "script", "style"} & {tag for tag, _ in Page(markup.markdown(attack)).tags}


def test_a_check_of_this_test_can_fail():
    for bad in (SCRIPT, "<img src=http://example.com>", "<p onclick=x>", '<a href="javascript:x">', "<mrow href='x'>"):
        assert not Page(bad).loads_nothing()


def test_no_hidden_test_or_probe_is_in_the_page(wrong):
    _, verdict, notebook = wrong
    text = shown(verdict, notebook)
    assert not re.search(r"def test_|def probe|assert_close|autograder/|Mismatch", text)


@pytest.mark.parametrize("name", course.names())
def test_every_formula_of_the_course_is_readable_without_a_network(name):
    formulas = 0
    for cell in course.exercise(name).cells:
        if cell.cell_type == "markdown":
            text = markup.markdown(cell.source)
            formulas += text.count("<math")
            assert "$" not in re.sub(r"<(code|pre)\b.*?</\1>", "", text, flags=re.DOTALL)
            assert not re.search(r"<code>[^<]*\\(frac|mathcal|sqrt|sum|text)", text)
    assert formulas > 0


@pytest.mark.parametrize("latex", [r"\bad{", "{" * 1500, r"\newcommand{\a}{\a\a}\a", "x" * 5000, r"\begin{x", ""])
def test_a_formula_that_is_none_is_shown_as_it_was_written_and_stops_nothing(latex):
    assert len(markup.math(latex, "inline")) < 5000


def test_what_is_long_is_cut():
    cell = {"output_type": "stream", "name": "stdout", "text": "x" * 1_000_000}
    assert len(markup.output(nbformat.from_dict(cell))) < 25_000
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 5_000_000, "text/plain": "a figure"}}
    assert markup.output(nbformat.from_dict(picture)) == '<pre class="out">a figure</pre>'


@pytest.mark.parametrize("shape", [(3,), (2, 3), (7, 4), (12,), (2, 3, 9)])
def test_numbers_are_read_back_as_they_were_written(shape):
    numbers = value_tables.read(show(torch.arange(1.0, 1 + torch.Size(shape).numel()).reshape(shape) / 7))
    assert len(numbers.rows) <= 4 and len(numbers.rows[0]) == min(shape[-1], 6)
    assert numbers.rows[0][0] == "0.1429"
    assert bool(numbers.shape) == (len(shape) == 3 or shape in {(7, 4), (12,)})


@pytest.mark.parametrize("text", ["", "2 entries", "shape (7, 5)", "1  2\n3", "[0.1, 0.2]", "None"])
def test_other_texts_are_no_numbers(text):
    assert value_tables.read(text) is None


def test_a_long_row_is_a_curve_and_only_where_both_are():
    long, short, odd = value_tables.read("1 2 3 4 5 60"), value_tables.read("1 2 3"), value_tables.read("1 2 3 4 5 nan")
    curve = value_tables.curves(long, value_tables.read("6 5 4 3 2 1"))
    assert curve.is_log and len(curve.observed) == 6
    assert curve.observed[-1][1] < curve.observed[0][1] == curve.expected[-1][1]
    assert (
        value_tables.curves(long, short) is value_tables.curves(short, short) is value_tables.curves(long, odd) is None
    )


def test_entries_that_differ_are_marked_unless_all_do():
    one, other = value_tables.read("1 2\n3 4"), value_tables.read("1 2\n3 5")
    assert value_tables.differing(one, other) == {(1, 1)}
    assert (
        value_tables.differing(one, value_tables.read("5 6\n7 8"))
        == value_tables.differing(one, value_tables.read("1 2 3"))
        == set()
    )


def test_what_a_message_says_is_not_said_again():
    pages = [page_of(TestResult("test_it_adds", "failed", message, "1", "2")) for message in ("1 instead of 2", "no")]
    assert ["<samp>" in text for text in pages] == [False, True]


def page_of(*tests, points=0.0):
    """The page of a verdict whose first task has these tests."""
    tasks = [TaskResult(task.name, float(task.points), points, list(tests)) for task in course.exercise(NAME).tasks]
    notebook = zoo.submission(NAME, {})
    return shown(Verdict(NAME, "graded" if points is not None else "needs_review", tasks), notebook)


def test_one_reason_for_many_failures_is_said_once_and_is_the_next_step():
    text = page_of(*[TestResult(f"test_{name}", "failed", "this is not written yet") for name in "abc"])
    assert "This is not written yet." in text
    assert text.count("this is not written yet") == len(course.exercise(NAME).tasks)


def test_open_points_are_never_a_zero_and_show_no_error_of_ours():
    text = page_of(TestResult("test_it_holds", "broken", "KeyError: of ours"), points=None)
    assert "not decided yet, of 100 points" in text and "<b>0</b>" not in text
    assert "in the grader failed" in text and "of ours" not in text


def test_the_banner_of_the_notebook_is_not_repeated(wrong):
    _, verdict, notebook = wrong
    mended = Verdict(NAME, "graded", verdict.tasks, repairs=["a cell was put back"])
    notebook = nbformat.from_dict(notebook)
    notebook.cells[:0] = grade_cell.banner(mended)
    assert shown(mended, notebook).count("a cell was put back") == 1


def test_a_notebook_without_a_verdict_says_how_to_get_one(tmp_path):
    folder = tmp_path / "autograded" / "ana" / NAME
    with pytest.raises(CourseError, match=rf"nbgrader autograde {NAME} --student=ana --force"):
        feedback_page.read_verdict(folder)
    write(Verdict(NAME, "graded", []), folder)
    assert (folder / FILE).is_file() and feedback_page.read_verdict(folder).status == "graded"


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"\text{min\_delta}", "min_delta"),
        (r"\Big\|x\Big\|", "‖x‖"),
        (r"34\,\%", "34%"),
        (r"\text{5\% \& more}", "5%\N{NO-BREAK SPACE}&\N{NO-BREAK SPACE}more"),
    ],
)
def test_what_latex_escapes_is_shown_without_its_backslash(latex, shown):
    tree = ElementTree.fromstring(markup.math(latex, "inline"))
    assert "".join(tree.itertext()) == shown
