"""The pages that we make can be read and used by everybody: axe finds nothing serious, and the keyboard reaches all."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from autograder.proof import matrix

NAME = "ex04_batch_norm"


def pages(folder):
    feedback = folder / "feedback"
    return {
        "feedback": feedback / "ben" / NAME / f"{NAME}.html",
        "feedback that is open": feedback / "dan" / NAME / f"{NAME}.html",
        "report": folder / "report.html",
        "matrix": matrix.path(NAME),
        "matrix index": matrix.FOLDER / "index.html",
    }


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", pages(matrix.FOLDER))
def test_axe_finds_nothing_serious(classroom, page, name, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(pages(classroom)[name].as_uri())
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"], len(one["nodes"])) for one in serious] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"


def test_axe_finds_what_is_there(page):
    page.set_content("<img src='data:,'><p style='color: #999; background: #aaa'>Too faint.</p>")
    assert {"image-alt", "color-contrast"} <= {one["id"] for one in Axe().run(page).response["violations"]}


def test_every_picture_has_words_and_every_table_headings(classroom, page):
    for path in pages(classroom).values():
        page.goto(path.as_uri())
        assert page.locator("img:not([alt]), img[alt=''], svg:not([aria-label]):not([aria-hidden])").count() == 0
        assert page.locator("table:not(:has(th[scope]))").count() == 0


def test_the_heat_map_is_sorted_by_the_keyboard(classroom, page):
    page.goto((classroom / "report.html").as_uri())
    heading = page.locator(".heat thead tr:last-child th button").first
    heading.focus()
    names = page.locator(".heat tbody th")
    for key, order, ends in [("Enter", "ascending", ("ana", "dan")), ("Space", "descending", ("dan", "ana"))]:
        page.keyboard.press(key)
        assert page.locator(".heat thead tr:last-child th").first.get_attribute("aria-sort") == order
        assert (names.first.inner_text(), names.last.inner_text()) == ends


@pytest.mark.parametrize("name", pages(matrix.FOLDER))
def test_the_keyboard_reaches_what_can_be_pressed_and_shows_where_it_is(classroom, page, name):
    page.goto(pages(classroom)[name].as_uri())
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        tag, style = page.evaluate(
            "[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]"
        )
        if tag != "BODY":
            assert style != "none", page.evaluate("document.activeElement.outerHTML")
            seen.add(tag)
    assert seen & {"A", "SUMMARY", "BUTTON"} or name == "feedback that is open"
