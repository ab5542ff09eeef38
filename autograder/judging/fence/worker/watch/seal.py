"""Notices when student code has rewritten the code that asks it: functions, classes, names of the worker's modules."""

from collections.abc import Callable, Iterable
from types import FunctionType, ModuleType


def seal(modules: Iterable[ModuleType]) -> Callable[[], bool]:  # noqa: C901 (for what is in it)
    """A function that tells whether the modules still are as they are now; it looks nothing up by name."""
    modules = list(modules)
    for module in modules:  # Python notes there which warnings were shown; it does so when an answer warns, too
        vars(module).setdefault("__warningregistry__", {})
    own = {module.__name__ for module in modules}
    things = [thing for module in modules for thing in vars(module).values()]
    kinds = [thing for thing in things if isinstance(thing, type) and thing.__module__ in own]
    methods = [thing for kind in kinds for thing in vars(kind).values()]
    functions = [
        (thing, thing.__code__, thing.__defaults__, thing.__kwdefaults__)
        for thing in [*things, *methods]
        if isinstance(thing, FunctionType) and thing.__module__ in own
    ]
    names = [(vars(module), dict(vars(module))) for module in modules]
    attributes = [(kind, name, value) for kind in kinds for name, value in vars(kind).items()]

    sizes = [(kind, len(vars(kind))) for kind in kinds]

    def unbroken(static=type.__getattribute__, get=dict.get, size=len):  # noqa: C901 (a function of its own could be another by then)
        for function, code, defaults, by_name in functions:
            if function.__code__ is not code or function.__defaults__ is not defaults:
                return False
            if function.__kwdefaults__ is not by_name:
                return False
        for now, then in names:
            if size(now) != size(then):
                return False
            for name in then:
                if get(now, name) is not then[name]:
                    return False
        for kind, count in sizes:
            if size(static(kind, "__dict__")) != count:
                return False
        for kind, name, value in attributes:  # noqa: SIM110 (`all` could be anything by then)
            if get(static(kind, "__dict__").copy(), name) is not value:
                return False
        return True

    return unbroken
