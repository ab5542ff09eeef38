"""The walls hold: what student code tries from inside, and what a dead or hanging process costs."""

import contextlib
import json
import time
from pathlib import Path

import pytest
import torch

from autograder.judging.fence.clock import Time
from autograder.judging.fence.outputs import Outputs
from autograder.judging.fence.sandbox import TIERS, Ended, Sandbox, SandboxError
from autograder.judging.fence.scratch import Scratch
from autograder.judging.fence.settings import Seconds
from autograder.judging.fence.student import Student, StudentError
from autograder.judging.fence.worker.jail import Limits
from autograder.judging.hidden_tests.probe import travelling
from autograder.proof import doctor


def run(session, source, cpu=5.0, wall=20.0):
    return session.run(source, Time(cpu, wall))


@pytest.fixture
def session(sandbox):
    session = sandbox.session()
    yield session
    session.end()


@pytest.mark.parametrize("tier", TIERS)
def test_no_escape_gets_through(tier):
    with Sandbox(tiers=[tier]) as box:
        try:
            box.session().end()
        except SandboxError as error:
            pytest.skip(str(error))
        assert box.tier == tier
        assert [what for what, how in doctor.tried(box) if not how] == []


def test_an_escape_that_gets_through_is_told(sandbox, monkeypatch):
    monkeypatch.setattr(doctor, "ESCAPES", {"count to three": "1 + 2", "name a mistake": "open('a') + nothing"})
    assert list(doctor.tried(sandbox)) == [("count to three", ""), ("name a mistake", "FileNotFoundError")]


def test_a_submission_finds_nothing_of_the_one_before(sandbox):
    first = sandbox.session()
    run(first, "import torch, builtins\nopen('left', 'w').write('x')\nbuiltins.mine = torch.mine = 1")
    first.end()
    second = sandbox.session()
    reply = run(second, "import os, torch, builtins\nprint(os.listdir('.'), hasattr(torch, 'mine'), os.environ)")
    second.end()
    text = reply["outputs"][0]["text"]
    assert text.startswith("[] False")
    assert "SECRET" not in text and "PYTHON" not in text


def _processes(sandbox):
    """How many processes there are of the sandbox's, orphans too: forks keep the command line of the server."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes())
    return sum(str(sandbox._folder.path).encode() in line for line in lines)


def test_without_walls_a_probe_still_dies_with_its_submission():
    with Sandbox(jail=False) as box:
        answer = student(box, "def f(x):\n    return x")
        assert answer.probe("t", travelling(probe_f), (1,), 1) == 1
        assert _processes(box) > 1
        answer.end()
        deadline = time.monotonic() + 5
        while _processes(box) > 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert _processes(box) == 1


BURN = """
import time
def burn(seconds):
    while time.process_time() < seconds:
        pass
"""
LIMITS = Limits(memory_mb=256, disk_mb=8, processes=8, cell_kb=50, output_kb=80)
REACHED = {
    "256 MiB of memory": "x = bytearray(1 << 30)",
    "memory that it may use": "import torch\ntorch.ones(1 << 28)",
    "8 MiB of files": "open('a', 'wb').write(bytes(1 << 24))",
    "8 threads": "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=[9]).start()",
    "another program": "!ls",
    "the network": "import socket\nsocket.socket()",
    "1 seconds of processor time": "while True:\n    pass",
    "its end in 8 seconds": "import time\ntime.sleep(99)",
    "ended the Python process": "import os\nos.abort()",
}


@pytest.fixture(scope="module")
def small():
    with Sandbox(LIMITS) as box:
        yield box


@pytest.mark.parametrize("sentence", REACHED)
def test_reaching_a_limit_costs_the_cell_and_says_which(small, sentence):
    answer = student(small, REACHED[sentence], "def f(x):\n    return x", patience=10 - 9 * ("its end" in sentence))
    shown = str(answer.run_cells()["c0"]["outputs"])
    assert sentence in shown
    assert answer.probe("t", travelling(probe_f), (1,), 1) == 1
    answer.end()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("return bytearray(1 << 30)", "your code needs more than the 256 MiB of memory that it may use"),
        (
            "return open('a', 'wb').write(bytes(1 << 24))",
            "your code writes more than the 8 MiB of files that it may keep",
        ),
        ("while True: pass", "your code did not finish within 1 s of processor time"),
        ("time.sleep(99)", "your code did not finish within 8 s on the clock: it sleeps, or waits for something"),
        ("os._exit(0)", "your code ended the Python process: it crashed, or left Python"),
    ],
)
def test_reaching_a_limit_costs_the_probe_and_says_which(small, code, sentence):
    answer = student(
        small,
        f"import os, time\ndef f(x):\n    if x:\n        {code}\n    return x",
        patience=10 - 9 * ("sleep" in code),
    )
    answer.run_cells()
    with pytest.raises(StudentError) as error:
        answer.probe("t", travelling(probe_f), (1,), 1)
    assert answer.explain(error.value) == sentence
    assert answer.probe("t", travelling(probe_f), (0,), 1) == 0
    answer.end()


def test_a_task_that_does_not_finish_leaves_time_for_the_others(small):
    answer = student(small, BURN + "def f(x):\n    burn(x)\n    return x")
    sentences = []
    for seconds in (9, 9, 0.5):
        with pytest.raises(StudentError) as error:
            answer.probe("t", travelling(probe_f), (seconds,), 1)
        sentences.append(answer.explain(error.value))
    assert sentences[0] == sentences[1] == "your code did not finish within 1 s of processor time"
    assert "within 0.2 s of processor time (16 s on the clock), after 2 tests" in sentences[2]
    assert answer.probe("t", travelling(probe_f), (0,), 1) == 0
    assert answer.probe("another", travelling(probe_f), (0.5,), 1) == 0.5
    assert answer.stopped == {"timeout"}
    answer.end()


def test_when_a_submission_has_used_up_its_time_it_is_told_so(small):
    answer = student(small, BURN + "burn(9)", "f = 1", "g = 1", cell=9, submission=0.5)
    ran = answer.run_cells()
    assert [ran[name]["ended"] for name in ("c0", "c1", "c2")] == ["timeout", "not run", "not run"]
    assert "all of the 0.5 s of processor time" in ran["c1"]["outputs"][0].text
    with pytest.raises(StudentError) as error:
        answer.probe("t", travelling(probe_f), (1,), 1)
    assert "used up its 0.5 s of processor time" in answer.explain(error.value)
    answer.end()


def test_output_is_kept_within_the_limits_of_a_cell_and_of_all(small):
    picture = "from IPython.display import HTML, display\nfor _ in range(9):\n    display(HTML('x' * 9_000))"
    answer = student(small, picture, picture, picture)
    sizes = [len(json.dumps(ran["outputs"])) for ran in answer.run_cells().values()]
    texts = [ran["outputs"][-1]["text"] for ran in answer.ran.values()]
    answer.end()
    assert all(size < 52_000 for size in sizes) and sum(sizes) < 82_000
    assert "50 kB of a cell's output" in texts[0]
    assert "80 kB of a notebook's output" in texts[2]


def test_outputs_are_made_anew_without_what_runs():
    html = "<table><tr onclick='a()'><td>1</td></tr></table><script>alert(1)</script><style>p {}</style><iframe>"
    odd = [
        1,
        {},
        {"output_type": "stream", "name": 3},
        {"output_type": "error", "traceback": "x"},
        {"data": {"a/b": "c"}},
    ]
    shown = Outputs(LIMITS).keep([{"data": {"text/html": html, "image/png": "<b>"}}, *odd])
    assert shown[0].data == {"text/html": "<table><tbody><tr><td>1</td></tr></tbody></table>", "image/png": ""}
    assert [output.output_type for output in shown[1:]] == ["error"]
    assert Outputs(LIMITS).keep("nothing") == []


def test_output_is_bounded(session):
    reply = run(session, "print('x' * 10_000_000)\nfor _ in range(100_000):\n    print('y')")
    assert len(reply["outputs"][0]["text"]) < 25_000
    assert reply["ended"] == "ok"


def test_an_endless_cell_is_stopped_and_the_next_one_runs(session):
    assert run(session, "x = 1\nwhile True:\n    pass", 0.3)["ended"] == "timeout"
    assert run(session, "print(x)")["outputs"][0]["text"] == "1\n"


def test_a_cell_that_swallows_its_timeout_is_killed(session):
    with pytest.raises(TimeoutError):
        run(
            session,
            "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
            0.3,
        )


def test_a_dead_process_is_noticed_at_once(session):
    started = time.monotonic()
    with pytest.raises(Ended):
        run(session, "import os\nos._exit(0)")
    assert time.monotonic() - started < 2


def test_figures_and_tables_come_back_as_outputs(session):
    reply = run(
        session, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nimport pandas as pd\npd.Series([1])"
    )
    kinds = {kind for output in reply["outputs"] for kind in output["data"]}
    assert {"image/png", "text/plain"} <= kinds


def student(sandbox, *cells, patience=10, **seconds):
    limits = Seconds(**{"cell": 1, "probe": 1, "submission": 20} | seconds)
    return Student(sandbox, [(f"c{n}", cell) for n, cell in enumerate(cells)], {}, limits, patience=patience)


def probe_f(answer, x):
    return answer.f(x)


def test_a_fatal_cell_costs_itself_and_the_others_are_run_again(sandbox):
    answer = student(sandbox, "def f(x):\n    return 2 * x", "import os\nos._exit(1)", "y = f(1)")
    ran = answer.run_cells()
    assert [ran[name]["ended"] for name in ("c0", "c1", "c2")] == ["ok", "crashed", "ok"]
    assert answer.probe("t", travelling(probe_f), (torch.ones(2),), 1).tolist() == [2, 2]
    answer.end()


def test_a_fatal_probe_costs_itself(sandbox):
    code = "import os\ndef f(x):\n    if x == 1:\n        os._exit(0)\n    while x == 2:\n        pass\n    return x"
    answer = student(sandbox, code)
    answer.run_cells()
    kinds = []
    for x in (1, 2):
        with pytest.raises(StudentError) as error:
            answer.probe("t", travelling(probe_f), (x,), 1)
        kinds.append(error.value.kind)
    assert kinds == ["Died", "Timeout"]
    assert answer.probe("t", travelling(probe_f), (3,), 1) == 3
    answer.end()


def test_what_a_probe_sets_is_gone_for_the_next(sandbox):
    def probe(answer, value):
        before = answer.f
        answer.f = value
        return before

    answer = student(sandbox, "f = 1")
    answer.run_cells()
    assert [answer.probe("t", travelling(probe), (n,), 1) for n in (5, 6)] == [1, 1]
    answer.end()


def test_an_error_names_the_line_of_the_answer(sandbox):
    answer = student(sandbox, "def g(x):\n    return x['a']\n\ndef f(x):\n    return g(x)")
    answer.run_cells()
    with pytest.raises(StudentError) as error:
        answer.probe("t", travelling(probe_f), (1,), 1)
    assert answer.explain(error.value) == "your code raised TypeError in line 2 of its cell: return x['a']"
    answer.end()


def test_a_missing_name_is_told_with_what_stopped_its_cell(sandbox):
    answer = student(sandbox, "def f(x)\n    return x")
    answer.run_cells()
    with pytest.raises(StudentError) as error:
        answer.probe("t", travelling(probe_f), (1,), 1)
    assert answer.explain(error.value) == "your notebook does not define f (a cell stopped with SyntaxError)"
    answer.end()


CALLS = {
    "g(x, None, None, training=True)": "torch.nn.functional.batch_norm",
    "functools.partial(g, training=True)(x, None, None)": "torch.nn.functional.batch_norm",
    "exec('y = g(x, None, None, training=True)', globals(), {'x': x})": "torch.nn.functional.batch_norm",
    "torch.batch_norm(x, *[None] * 4, True, 0.1, 1e-5, False)": "torch.batch_norm",
    "list(map(functools.partial(torch.batch_norm, **OPTIONS), [x]))": "torch.batch_norm",
    "torch.ops.aten.native_batch_norm(x, *[None] * 4, True, 0.1, 1e-5)[0]": "torch.ops.aten.native_batch_norm",
    "layer(x)": "torch.nn.functional.batch_norm",
    "in_a_thread(x)": "torch.nn.functional.batch_norm",
    "sys.setprofile(None)": "sys.setprofile",
    "scripted.layer(x)": "torch.ops.aten.native_batch_norm",
    "scripted.layer(x) + 1": "TorchScript",
    "forged(x, g)": "torch.nn.functional.batch_norm",
    "_thread.start_new_thread(print, ())": "sys.setprofile",
    "(own := cProfile.Profile(), own.enable(), x * 2, own.disable(), own.create_stats())": None,
    "(own := cProfile.Profile(), own.enable(), own.disable(), g(x, None, None, training=True))": (
        "torch.nn.functional.batch_norm"
    ),
    "x * 2": None,
    "torch.nn.functional.layer_norm(x, (2,))": None,
}


def probe_call(answer, x, number):
    return answer.f(x, number)


def test_forbidden_functions_are_noticed_under_any_name(sandbox):
    code = '''
import _thread, cProfile, functools, sys, threading, torch
from torch.nn import functional as F
g = getattr(F, "batch_" + "norm")
layer = vars(torch.nn)["Batch" + "Norm1d"](2)
OPTIONS = dict.fromkeys(["weight", "bias", "running_mean", "running_var"])
OPTIONS |= {"training": True, "momentum": 0.1, "eps": 1e-5, "cudnn_enabled": False}
scope = {}
exec(compile("def forged(x, g): return g(x, None, None, training=True)", F.__file__, "exec"), scope)
forged = scope["forged"]
scripted = torch.jit.CompilationUnit("""
def layer(x):
    return torch.batch_norm(x, None, None, None, None, True, 0.1, 1e-5, False)
""")
def in_a_thread(x):
    thread = threading.Thread(target=lambda: g(x, None, None, training=True))
    thread.start()
    thread.join()
def f(x, number):
    return [CALLS][number]()
'''.replace("CALLS", ", ".join(f"lambda: {call}" for call in CALLS))
    patterns = {"t": ["torch.nn.functional.batch_norm", "torch.ops.aten.native_batch_norm*", "torch.batch_norm"]}
    answer = Student(sandbox, [("c", code)], patterns, Seconds())
    answer.run_cells()
    for number, (call, seen) in enumerate(CALLS.items()):
        answer.calls.clear()
        with contextlib.suppress(StudentError):
            answer.probe("t", travelling(probe_call), (torch.randn(4, 2), number), 1)
        assert seen in answer.calls["t"] if seen else not answer.calls["t"], call
    answer.end()


def test_what_a_probe_itself_calls_is_not_the_answers(sandbox):
    def probe(answer, x):
        return torch.nn.functional.batch_norm(answer.f(x), None, None, training=True)

    patterns = {"t": ["torch.nn.functional.batch_norm", "torch.ops.aten.native_batch_norm*"]}
    answer = Student(sandbox, [("c", "def f(x):\n    return x")], patterns, Seconds())
    answer.probe("t", travelling(probe), (torch.randn(4, 2),), 1)
    assert answer.calls["t"] == set()
    answer.end()


def test_walls_that_cannot_be_had_are_a_refusal_with_the_way_out(monkeypatch):
    monkeypatch.setattr(Scratch, "make", lambda self, name: "/proc/nowhere")
    with Sandbox() as box, pytest.raises(SandboxError) as error:
        box.session()
    assert "does not let student code be walled in" in str(error.value)
    assert "course doctor" in str(error.value)


def test_the_next_tier_is_taken_where_the_first_cannot_be_had():
    with Sandbox(tiers=["landlock"]) as box:
        box.session().end()
        assert box.tier == "landlock"


def test_a_flood_of_stderr_costs_the_next_submission_nothing(sandbox):
    first = sandbox.session()
    run(first, "import os\nfor _ in range(100):\n    os.write(2, b'x' * (1 << 20))")
    first.end()
    second = sandbox.session()
    assert run(second, "import os\nprint(os.write(2, b'y'), os.write(1, b'y'))")["outputs"][0]["text"] == "1 1\n"
    second.end()
