"""The student's evening in JupyterLab: fetch, open, fail, learn why, mend, submit."""

import json

from lab import MINUTE, Notebook, jupyterlab, menu
from playwright.sync_api import expect

from autograder import course
from autograder.course import build
from autograder.proof import zoo

NAME = "ex04_batch_norm"
SOLUTION = "custom_batch_norm"
CELLS = [cell.id for cell in build.release_notebook(NAME).cells]
ANSWER, CHECK = CELLS.index(build.ANSWER.format(SOLUTION)), CELLS.index(f"{SOLUTION}_training")


def answer(notebook):
    return next(cell.source for cell in notebook.cells if cell.id == CELLS[ANSWER])


def test_an_evening_from_fetching_to_a_grade(people, tmp_path, page):
    people.run(people.instructor, "generate_assignment", NAME)
    people.run(people.instructor, "release_assignment", NAME)
    page.set_default_timeout(MINUTE)
    with jupyterlab(people.student, tmp_path) as address:

        def step(name):
            page.screenshot(path=tmp_path / "steps" / f"{name}.png")

        page.goto(f"{address}/lab?reset")
        menu(page, "Nbgrader", "Assignment List")
        page.get_by_role("button", name="Fetch").click()
        expect(page.get_by_role("button", name="Submit")).to_be_visible()
        step("1 fetched")

        notebook = Notebook.open(page, address, f"{NAME}/{NAME}.ipynb")
        errors = page.locator("[data-mime-type='application/vnd.jupyter.stderr']")
        result = notebook.cell(CHECK).locator(".jp-OutputArea-output")
        notebook.run_all()
        result.scroll_into_view_if_needed()
        step("2 untouched")
        expect(errors).to_have_count(1)
        expect(result).to_contain_text("NotImplementedError: Replace this line by your code")
        expect(result).to_contain_text("then run this cell and the one below it")

        wrong = next(one for one in course.misconceptions(NAME) if one.name.endswith("with the unbiased variance"))
        for text, words, name in [
            (answer(zoo.wrong(NAME, wrong)), "It looks as if you normalize with the unbiased variance", "3 wrong"),
            (answer(zoo.reference(NAME)), "the visible checks pass", "4 right"),
        ]:
            notebook.write(ANSWER, text)
            notebook.run(ANSWER)
            notebook.run(CHECK)
            result.scroll_into_view_if_needed()
            step(name)
            expect(result).to_contain_text(words)
        expect(errors).to_have_count(0)
        notebook.save()

        menu(page, "Nbgrader", "Assignment List")
        page.get_by_role("button", name="Submit").click()
        expect(page.locator("#submitted_assignments_list .list_item").first).to_contain_text(NAME)
        step("5 submitted")

    people.run(people.instructor, "collect", NAME)
    people.run(people.instructor, "autograde", NAME)
    (path,) = people.instructor.glob(f"autograded/*/{NAME}/verdict.json")
    earned = sum(task.points for task in course.exercise(NAME).tasks_of(SOLUTION))
    assert json.loads(path.read_text())["points"] == earned == 70
