"""What hidden tests import: `assert_close` and `Forbidden`; the fixtures `student` and `reference` come by name."""

from dataclasses import dataclass

from autograder.judging.hidden_tests.compare import assert_close

__all__ = ["Forbidden", "assert_close"]


@dataclass(frozen=True)
class Forbidden:
    """Calls that would make a task pointless: dotted names, the last part may have wildcards, and the reason."""

    names: list[str]
    because: str
