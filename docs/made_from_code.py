"""The reference that the code itself writes: what commands say of themselves, and the configuration's options."""

import importlib
from collections.abc import Iterator

import click
from traitlets.config import Configurable

from autograder.cli import main, options

# The plug-ins of `nbgrader_config.py`, and what each is for.
CONFIGURED = {
    "autograder.classroom.nbgrader_seam.preprocessors.JudgeSubmission": "The limits of a submission. Reaching one "
    "costs the cell or the hidden test that reached it.",
    "autograder.lms.plugins.Canvas": "For `nbgrader export --exporter=autograder.lms.Canvas`; the other targets have "
    "the same options under their own names.",
}


def commands() -> str:
    """Every command with its help, as a terminal shows it, in the order of `course`."""
    text = f"\n```text\n{_help(main, ['course'])}\n```\n"
    for title, names in options.SECTIONS.items():
        text += f"\n## {title}\n"
        for name in names:
            for words, command in _below(main.commands[name], ["course", name]):
                text += f"\n### {' '.join(words)}\n\n```text\n{_help(command, words)}\n```\n"
    return text


def _below(command, words) -> Iterator[tuple[list[str], click.Command]]:
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _below(inner, [*words, name])


def _help(command, words):
    with click.Context(command, info_name=" ".join(words), max_content_width=88, terminal_width=88) as context:
        context.help_option_names = ["-h", "--help"]
        return command.get_help(context)


def configuration() -> str:
    """Every option of our own plug-ins."""
    return "".join(_options(*named) for named in CONFIGURED.items())


def _options(path, what):
    module, _, name = path.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    text = f"\n## {name}\n\n{what}\n\n| option | default | what it is |\n|---|---|---|\n"
    for option, trait in _own(found).items():
        default = trait.default_value_repr()
        text += f"| `c.{name}.{option}` | `{default}` | {trait.help} |\n"
    return text


def _own(found: type[Configurable]):
    """The options that are declared in this course, not those of nbgrader."""
    ours = [one for one in found.__mro__ if one.__module__.startswith("autograder.")]
    return {
        option: trait
        for option, trait in found.class_traits(config=True).items()
        if any(option in vars(one) for one in ours)
    }


PAGES = {"reference/commands": commands, "reference/configuration": configuration}
