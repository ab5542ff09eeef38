"""Lets an answer measure itself: its profilers do not take the place of the hook that watches for forbidden calls."""

import cProfile
import sys

from torch.autograd import profiler


def share() -> None:
    """While a hook is set, what would take its place gives it back."""
    cProfile.Profile.enable = _brief(cProfile.Profile.enable)
    cProfile.Profile.disable = _giving_back(cProfile.Profile.disable)
    profiler.profile.config = _without_stacks(profiler.profile.config)


def _giving_back(method):
    def disable(self):
        hook = sys.getprofile()
        method(self)
        if hook is not self:
            sys.setprofile(hook)

    return disable


def _brief(method):
    def enable(self, *args, **kwargs):
        hook = sys.getprofile()
        method(self, *args, **kwargs)
        if hook is not None:
            self.disable()
            sys.setprofile(hook)

    return enable


def _without_stacks(method):
    def config(self, *args, **kwargs):
        asked = self.with_stack, self.with_modules
        if sys.getprofile() is not None:  # both would be read off by a hook of torch's
            self.with_stack = self.with_modules = False
        try:
            return method(self, *args, **kwargs)
        finally:
            self.with_stack, self.with_modules = asked

    return config
