"""The folder in which one run's submissions have their own: it goes when the run ends, or with the next run."""

import contextlib
import fcntl
import os
import subprocess
import tempfile
import time
from pathlib import Path

_PREFIX = "autograder-"
_YOUNG = 60  # seconds in which a run that has made its folder gets round to holding it


class Scratch:
    """A folder of one's own, held for as long as this process lives; leftovers of runs that were killed are removed."""

    def __init__(self):
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):  # another user's, or gone by now
                if time.time() - folder.lstat().st_mtime > _YOUNG:
                    os.close(_hold(folder))
                    delete(folder)
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._held = _hold(self.path)

    def make(self, name: str) -> str:
        """A folder in it."""
        path = self.path / name
        path.mkdir()
        return str(path)

    def close(self) -> None:
        """Delete it."""
        delete(self.path)
        os.close(self._held)


def _hold(folder):
    """Hold a folder until the process has ended, however it ends; raises OSError where another one does."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise
    return held


def delete(folder: Path | str) -> None:
    """Delete a folder, whatever submissions have put into it: it may be deeper than Python can go, or locked."""
    try:
        Path(folder).rmdir()
    except OSError:
        subprocess.run(["chmod", "--recursive", "u+rwx", folder], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "--recursive", "--force", folder], stderr=subprocess.DEVNULL)
