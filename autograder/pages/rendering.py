"""Renders the package's page templates."""

import functools
import re

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape


@functools.cache
def template(name: str) -> Template:
    """One of the package's page templates; everything that is put into them is escaped."""
    loader = PackageLoader("autograder.pages")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.filters["prose"] = _prose
    return environment.get_template(name)


def _prose(text: str) -> Markup:
    """A sentence as HTML: what stands between backticks is code, between asterisks stressed; all else is only text."""
    parts = re.split(r"`([^`]+)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if i % 2 else _stressed(part) for i, part in enumerate(parts)
    )


def _stressed(text):
    # Not the asterisks of a product or a power.
    return Markup(re.sub(r"(?<![\w*])\*(?=\w)([^*]+)(?<=\w)\*(?![\w*])", r"<em>\1</em>", str(escape(text))))
