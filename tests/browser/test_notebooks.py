"""Every notebook, solved and run from top to bottom in JupyterLab, looks as it should."""

import nbformat
import pytest
from lab import MINUTE, Notebook, jupyterlab

from autograder import course
from autograder.proof import zoo

FACTS = """() => {
    const all = (selector, of) => [...document.querySelectorAll(selector)].map(of)
    const overflowing = box => [box, ...box.querySelectorAll("*")].some(
        one => one.scrollWidth > one.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
    return {
        errors: all("[data-mime-type='application/vnd.jupyter.stderr']", box => box.innerText),
        wide: all(".jp-OutputArea-output, .jp-RenderedMarkdown", box => overflowing(box) ? box.innerText || "?" : "")
            .filter(text => text),
        figures: all(".jp-RenderedImage img", image => [image.naturalWidth, image.clientWidth, image.clientHeight]),
        formulas: all("mjx-container", box => box.getBoundingClientRect().width),
        broken: all("mjx-merror, [data-mjx-error]", box => box.outerHTML),
        prose: all(".jp-RenderedMarkdown", box => box.innerText).join("\\n"),
        broken_lines: all(".jp-OutputArea-output pre", box => box.innerText).join("\\n").split("\\n")
            .filter(line => line.length > 106),
        results: all(".jp-OutputArea-executeResult", box => box.innerText),
    }
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("solved")


@pytest.fixture(scope="module")
def address(folder, tmp_path_factory):
    with jupyterlab(folder, tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.mark.parametrize("name", course.names())
def test_a_solved_notebook_runs_and_looks_as_it_should(name, folder, address, page):
    nbformat.write(zoo.reference(name), folder / f"{name}.ipynb")
    page.set_default_timeout(MINUTE)
    page.set_viewport_size({"width": 1280, "height": 900})
    notebook = Notebook.open(page, address, f"{name}.ipynb")
    notebook.run_all()
    facts = page.evaluate(FACTS)
    assert facts["errors"] == [] and facts["broken"] == [] and facts["wide"] == []
    assert facts["broken_lines"] == []
    passed = [text for text in facts["results"] if "the visible checks pass" in text]
    assert len(passed) == len(course.exercise(name).tasks)
    assert facts["figures"] and all(
        shown >= 400 and 0.75 * drawn <= shown and 150 <= height <= 900 for drawn, shown, height in facts["figures"]
    ), facts["figures"]
    assert facts["formulas"] and min(facts["formulas"]) > 0
    assert "$$" not in facts["prose"] and "\\frac" not in facts["prose"]
