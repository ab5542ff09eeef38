"""JupyterLab as a student has it: a server of its own, and a notebook opened in the browser."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Locator, Page, expect

MINUTE = 60_000
expect.set_options(timeout=MINUTE)

# No question about news, which needs a network; and every cell on the page, also those out of sight.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}


@contextlib.contextmanager
def jupyterlab(folder: Path, home: Path) -> Iterator[str]:
    """A server on `folder` that knows no configuration but what is below `home`; yields its address."""
    for name, values in SETTINGS.items():
        path = home / "config" / "lab" / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
    ]
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], cwd=folder, env=_environment(home), stdout=log, stderr=log
        )
    try:
        _wait(address := f"http://127.0.0.1:{port}", server, home / "server.log")
        yield address
    finally:
        server.terminate()
        server.wait(60)


def _environment(home):
    own = {"HOME": "", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    own |= {"IPYTHONDIR": "ipython", "MPLCONFIGDIR": "matplotlib"}
    # One thread, so that two notebooks at a time do not stand in each other's way.
    return os.environ | {key: str(home / name) for key, name in own.items()} | {"OMP_NUM_THREADS": "1"}


def _wait(address, server, log):
    for _ in range(240):
        with contextlib.suppress(URLError), urlopen(f"{address}/api", timeout=5):
            return
        if server.poll() is not None:
            break
        time.sleep(0.5)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


@dataclass
class Notebook:
    """One notebook, open in JupyterLab."""

    page: Page

    @classmethod
    def open(cls, page: Page, address: str, path: str) -> "Notebook":
        """Open the notebook at `path` and wait until its kernel can be asked."""
        page.goto(f"{address}/lab/tree/{path}?reset")
        expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=2 * MINUTE)
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=2 * MINUTE)
        return cls(page)

    def cell(self, number: int) -> Locator:
        """The cell of that number, from 0 on."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def write(self, number: int, text: str) -> None:
        """Put a text in place of what a cell holds."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)

    def run(self, number: int) -> None:
        """Run one cell, and wait until it is done."""
        self.cell(number).locator(".cm-content").click()
        self._run(self.cell(number), lambda: self.page.keyboard.press("Shift+Enter"))

    def run_all(self) -> None:
        """Run all cells, and wait until the last of them, or the first that fails, is done."""
        first = self.page.locator(".jp-Notebook .jp-CodeCell").first
        self._run(first, lambda: menu(self.page, "Run", "Run All Cells"))

    def _run(self, first, start):
        """Start something, and wait until the first of its cells has a new number and no cell is waiting for one."""
        prompt = first.locator(".jp-InputPrompt")
        before = prompt.inner_text()
        start()
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=20 * MINUTE)
        expect(prompt).not_to_have_text(before, timeout=20 * MINUTE)
        expect(self.page.locator(".jp-InputPrompt", has_text="[*]")).to_have_count(0, timeout=20 * MINUTE)

    def save(self) -> None:
        """Save the notebook, and wait until it is on disk."""
        self.page.keyboard.press("ControlOrMeta+S")
        expect(self.page.get_by_text("Saving completed")).to_be_visible()


def menu(page: Page, name: str, entry: str) -> None:
    """Choose an entry of JupyterLab's menu."""
    page.locator(".lm-MenuBar-itemLabel").get_by_text(name, exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()
