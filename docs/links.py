"""Follows every link of a built site: what it leads to has to be there, and nothing may need the network."""

import functools
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

# What a browser fetches by itself when it shows a page.
_LOADED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}


def broken(site: Path) -> list[str]:
    """What is wrong with the links of a site, a line each."""
    return [f"{page.relative_to(site)}: {problem}" for page in sorted(site.rglob("*.html")) for problem in _page(page)]


def _page(page: Path) -> Iterator[str]:
    for element in _soup(page).find_all([*_LOADED, "a"]):
        target = element.get(_LOADED.get(element.name, "href"))
        if target and (problem := _problem(page, target, loaded=element.name != "a")):
            yield f"{target} {problem}"


def _problem(page, target, loaded):
    parts = urlsplit(target)
    if parts.scheme in ("data", "mailto"):
        return ""
    if parts.scheme or parts.netloc:
        return _outside(parts, loaded)
    path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not path.is_file():
        return "is not there"
    if parts.fragment and path.suffix == ".html" and unquote(parts.fragment) not in _anchors(path):
        return "has no such anchor"
    return ""


def _outside(parts, loaded):
    """What lies elsewhere is not visited: there need not be a network."""
    if loaded:
        return "is fetched from the network"
    return (
        "" if parts.scheme in ("http", "https") and "." in parts.netloc and " " not in parts.path else "is no address"
    )


@functools.cache
def _soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@functools.cache
def _anchors(path):
    return {element["id"] for element in _soup(path).find_all(id=True)} | {""}
