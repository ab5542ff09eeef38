"""What students are handed: complete, the same bytes every time, and nothing where something is wrong with it."""

import io
import zipfile

import pytest
from click.testing import CliRunner

from autograder import course
from autograder.cli import main
from autograder.course import build
from autograder.proof import release, zoo

NAME = "ex04_batch_norm"


@pytest.fixture
def sound(monkeypatch):
    """The invariants are tested where they belong; judging twenty submissions takes its time."""
    monkeypatch.setattr(release, "_unsound", lambda name, sandbox: [])


def run(folder):
    return CliRunner().invoke(main, ["release", "--to", str(folder)])


def contents(path):
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry).decode() for entry in archive.infolist()}


def test_there_is_a_zip_for_each_exercise_and_one_of_all(tmp_path, sound):
    result = run(tmp_path / "bundles")
    assert result.exit_code == 0, result.output
    made = {path.stem: contents(path) for path in (tmp_path / "bundles").iterdir()}
    assert set(made) == {*course.names(), release.ALL}
    for name in course.names():
        files = {f"{name}/{file}" for file in ("README.md", "requirements.txt", f"{name}.ipynb")}
        assert set(made[name]) == files
        text = build.derive()[f"release/{name}/{name}.ipynb"]
        assert made[name][f"{name}/{name}.ipynb"] == made[release.ALL][f"{release.ALL}/{name}/{name}.ipynb"] == text
    assert len(made[release.ALL]) == len(course.names()) + 2
    for words in ("# Batch normalization", "JupyterLab", "VS Code", "Colab", f"nbgrader submit {NAME}"):
        assert words in made[NAME][f"{NAME}/README.md"]


def test_packing_twice_gives_the_same_bytes_whatever_the_clock_and_the_order(monkeypatch):
    files = release.files(NAME, [NAME])
    once = release.pack(files)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert release.pack(dict(reversed(files.items()))) == once
    with zipfile.ZipFile(io.BytesIO(once)) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert oct(entry.external_attr >> 16) == "0o100644"


def test_requirements_are_what_the_notebook_imports_as_pinned():
    pins = (course.ROOT / "constraints.txt").read_text().splitlines()
    for name, packages in {
        NAME: ["ipykernel", "matplotlib", "scikit-learn", "torch"],
        "ex01_gradient_flow": ["ipykernel", "matplotlib", "numpy", "pandas", "scikit-learn", "torch"],
    }.items():
        lines = release.files(name, [name])[f"{name}/requirements.txt"].splitlines()
        assert set(lines) <= set(pins)
        assert [line.partition("==")[0] for line in lines] == packages


def test_what_is_stale_is_not_packed(tmp_path, monkeypatch, sound):
    monkeypatch.setattr(build, "drift", lambda: ["stale       release/x.ipynb"])
    result = run(tmp_path / "bundles")
    assert result.exit_code == 1
    assert "release/x.ipynb" in result.output and "run `course build`" in result.output
    assert not (tmp_path / "bundles").exists()


@pytest.mark.parametrize("name", course.names())
def test_nothing_of_a_solution_or_a_hidden_test_is_in_the_release(name):
    assert release.leaks(name, build.release_notebook(name)) == []


LEAKS = {
    "a marker": "### END SOLUTION",
    "a line of a solution": "self.register_buffer('x', 1); var = x.var(dims, unbiased=False, keepdim=True)",
    "a line of a hidden test": (course.HIDDEN / f"test_{NAME}.py").read_text().splitlines()[-1],
    "a line of a misconception": f"# {course.misconceptions(NAME)[0].hint}",
}


@pytest.mark.parametrize("what", LEAKS)
def test_a_leak_is_not_packed_and_named_with_its_cell(what, tmp_path, monkeypatch, sound):
    notebook = build.release_notebook(NAME)
    notebook.cells[3].source += f"\n{LEAKS[what]}"
    monkeypatch.setattr(release, "_notebook", lambda name: notebook if name == NAME else build.release_notebook(name))
    result = run(tmp_path / "bundles")
    assert result.exit_code == 1
    assert f"release/{NAME}, cell {notebook.cells[3].id}" in result.output
    assert what.removeprefix("a line of ") in result.output and "`course build`" in result.output
    assert not (tmp_path / "bundles").exists()


def test_an_exercise_that_is_not_sound_is_not_packed(tmp_path, monkeypatch):
    wrong = zoo.wrong(NAME, course.misconceptions(NAME)[0])
    monkeypatch.setattr(course, "names", lambda: [NAME])
    monkeypatch.setattr(build, "drift", lambda: [])
    monkeypatch.setattr(zoo, "reference", lambda name: wrong)
    monkeypatch.setattr(zoo, "submission", lambda name, answers: wrong)
    result = run(tmp_path / "bundles")
    assert result.exit_code == 1
    for words in (f"{NAME}, the reference: ", f"{NAME}, the untouched release: ", "earns", "`course check`"):
        assert words in result.output
    assert not (tmp_path / "bundles").exists()


def test_a_sound_exercise_is_found_sound(sandbox):
    assert list(release._unsound(NAME, sandbox)) == []
