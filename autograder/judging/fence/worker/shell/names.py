"""The notebook's names as they stood when a task's check came: what is tried out below it costs nothing above it."""

import builtins

_BUILTINS = frozenset(vars(builtins))


class Names:
    """Takes a namespace back to an earlier state, in place: functions of the notebook look names up there."""

    def __init__(self, namespace: dict):
        self._namespace = namespace
        self._marks: dict[str, tuple[dict, list]] = {}
        self._last: dict | None = None

    def mark(self, tasks: list[str]) -> None:
        """The checks of these tasks have come."""
        if tasks:
            now = dict(self._namespace)
            own = [thing for thing in now.values() if isinstance(thing, type) and thing.__module__ == "__main__"]
            self._marks |= dict.fromkeys(tasks, (now, [(kind, dict(vars(kind))) for kind in [builtins, *own]]))

    def go_to(self, task: str) -> None:
        """Bind each name as at the task's check; those that came later stay, but where they hide a builtin.

        So with the attributes of the notebook's classes, and those that hide an inherited one.
        """
        self._last = self._last or dict(self._namespace)
        then, kinds = self._marks.get(task, (self._last, []))
        later = {name: value for name, value in self._last.items() if name not in _BUILTINS}
        self._namespace.clear()
        self._namespace.update(later | then)
        for thing, attributes in kinds:
            for name, value in attributes.items():
                if vars(thing).get(name) is not value:
                    setattr(thing, name, value)
            for name in vars(thing).keys() - attributes.keys():
                if isinstance(thing, type) and any(name in vars(base) for base in thing.__mro__[1:]):
                    delattr(thing, name)
