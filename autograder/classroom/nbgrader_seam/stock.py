"""What is changed in nbgrader 0.9.6 itself, where neither its configuration nor a class of ours would be asked."""

import functools

import nbgrader.api
from nbgrader.converters.base import BaseConverter

# `Gradebook` calls this name of its own module, eight times for each submission, and each time gets an engine that has
# compiled no statement yet. With one engine for all of them each statement is compiled once.
nbgrader.api.create_engine = functools.cache(nbgrader.api.create_engine)


def take_over(converter: BaseConverter, kind: type[BaseConverter]) -> None:
    """Make a converter of nbgrader's one of ours.

    Its commands and its formgrader name the converter's class in their code. What they take from the configuration is
    the exporter, which is made when the converter starts, before that has looked for anything.
    """
    converter.__class__ = kind
