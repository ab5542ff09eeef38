"""The LMS's people become nbgrader's students: exactly, or they are listed."""

import pytest
from awkward import gradebook, template
from click.testing import CliRunner

from autograder import CourseError
from autograder.cli import main
from autograder.lms.people import listing, roster
from autograder.lms.people.listing import Person

PAT = ("Pat", "O'Hara, Jr.")


@pytest.mark.parametrize(
    ("name", "mapping", "people"),
    [
        ("canvas", {}, [Person("jose", "José", "Núñez", "", "901")]),
        ("moodle", {}, [Person("s1", "José", "Núñez", "jose@x.org", "s1"), Person("0012", *PAT, "pat@x.org", "0012")]),
        ("worksheet", {}, [Person("jose@x.org", "", "José Núñez", "jose@x.org")]),
        ("sakai", {}, [Person("jose", "José", "Núñez")]),
        ("brightspace", {}, [Person("jose", "José", "Núñez", "jose@x.org", "s1")]),
        ("brightspace", {"id": "OrgDefinedId"}, [Person("s1", "José", "Núñez", "jose@x.org", "s1")]),
        ("blackboard", {}, [Person("jose", "José", "Núñez", "", "s1"), Person("pat", *PAT, "", "0012")]),
        ("edx", {"id": "username", "lms_id": "user_id"}, [Person("jose", lms_id="4")]),
    ],
)
def test_the_systems_downloads_are_read(name, mapping, people):
    found = listing.read(template(name), mapping).people
    assert found[: len(people)] == people


def test_what_canvas_wraps_against_spreadsheets_is_unwrapped():
    assert Person("evil", "=HYPERLINK(1)", "=1+1", "", "904") in listing.read(template("canvas"), {}).people


def test_lines_without_an_id_are_no_people():
    assert "908" not in {person.lms_id for person in listing.read(template("canvas"), {}).people}


def test_people_without_an_id_are_listed():
    text = "First name,Last name,ID number,Email address\nAna,Lee,1,ana@x\nChloé,Fox,,chloe@x\n"
    listed = listing.read(text.encode(), {})
    assert [person.id for person in listed.people] == ["1"]
    assert listed.without_id == ["Chloé Fox chloe@x"]


@pytest.mark.parametrize("cell", ["'=Chloé", '"=""=Chloé"""', "#=Chloé"])
def test_what_guards_a_name_is_no_part_of_it(cell):
    [person] = listing.read(f"Login,Name\nc,{cell}\n".encode(), {"id": "Login", "last_name": "Name"}).people
    assert person.last_name == "=Chloé"


def test_columns_are_known_in_any_letters_and_order():
    text = "EMAIL ADDRESS;LAST NAME;USERNAME;FIRST NAME\na@x;Lee;ana;Ana\n"
    assert listing.read(text.encode(), {}).people == [Person("ana", "Ana", "Lee", "a@x")]
    assert listing.read(text.encode(), {"id": "Email Address"}).people[0].id == "a@x"


@pytest.mark.parametrize(
    "person", [Person("42", "Ana", "Lee"), Person("42", email="ana@x.org"), Person("x", lms_id="7")]
)
def test_numbers_that_lost_their_zeros_are_refused(book, person):
    book.add_student("0042", email="ana@x.org", lms_user_id="007")
    with pytest.raises(CourseError, match="a spreadsheet dropped"):
        roster.compare(book, [person])


@pytest.mark.parametrize(
    ("text", "mapping", "words"),
    [
        ("Name,Login\nAna,ana\n", {}, "say which is which, such as --map id=Login"),
        ("Name,Login\nAna,ana\n", {"id": "Logn"}, "no column 'Logn'; it has 'Name', 'Login'"),
        ("Name,Login\nAna,ana\n", {"id": "Login", "age": "Name"}, "no field 'age'"),
        ("Name,Login\nAna,ana\nBob,ana\n", {"id": "Login"}, "id 'ana' is there twice, in rows 2 and 3"),
        ("Mail,Login\na@x,ana\nA@X,bob\n", {"id": "Login", "email": "Mail"}, "email 'a@x' is there twice"),
        ("Name,Login\nAna,a/b\n", {"id": "Login"}, "row 2: 'a/b' can't be .* the name of a folder"),
        ("Name,Login\nAna,1.2E+11\n", {"id": "Login"}, "row 2: a spreadsheet rounded the id"),
        ("Name,Login\nAna,\n", {"id": "Login"}, "nobody"),
        ("Name,Login\nAna,ana,1\n", {"id": "Login"}, "more cells than the header"),
        ("", {}, "is empty"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text, mapping, words):
    with pytest.raises(CourseError, match=words):
        listing.read(text.encode(), mapping)


def test_a_file_in_another_encoding_is_refused():
    with pytest.raises(CourseError, match="not UTF-8"):
        listing.read("Name,Login\nJosé,jose\n".encode("cp1252"), {"id": "Login"})


@pytest.fixture
def book(tmp_path):
    with gradebook(tmp_path) as book:
        yield book


def test_an_empty_gradebook_takes_everybody_as_they_are(book, tmp_path):
    (tmp_path / "canvas.csv").write_bytes(template("canvas"))
    done = CliRunner().invoke(main, ["roster", "import", str(tmp_path / "canvas.csv"), "--course-dir", str(tmp_path)])
    assert done.exit_code == 0, done.output
    found = {one.id: (one.first_name, one.last_name, one.lms_user_id) for one in book.students}
    assert "1 without an id" in done.output and "Student, Test" in done.output
    assert found["0012"][2] == "902"
    assert found["ali"] == ("علي 😀", "محمد", "906")
    assert found["evil"] == ("=HYPERLINK(1)", "=1+1", "904")
    assert len(found) == 7


def test_known_students_are_matched_by_id_email_or_lms_id_and_the_others_are_listed(book):
    book.add_student("ana", first_name="Anna", last_name="Old")
    book.add_student("b1", email="BOB@x.org")
    book.add_student("zoe", first_name="Zoë", last_name="Kim")
    ana, bob = Person("ana", "Ana", "Lee", "ana@x.org", "1"), Person("bob", email="bob@x.org")
    people = [ana, bob, Person("zk", "Zoe", "Kim")]
    found = roster.compare(book, people)
    assert set(found.known) == {"ana", "b1"}
    assert list(found.new) == [people[2]] and "Zoë Kim zoe" in found.new[people[2]]
    assert list(found.absent) == ["zoe"] and "Zoe Kim" in found.absent["zoe"]
    roster.apply(book, found, add=False)
    ana = book.find_student("ana")
    assert (ana.first_name, ana.last_name, ana.email, ana.lms_user_id) == ("Ana", "Lee", "ana@x.org", "1")
    assert {one.id for one in book.students} == {"ana", "b1", "zoe"}
    roster.apply(book, found, add=True)
    assert book.find_student("zk").last_name == "Kim"


def test_a_field_that_the_file_does_not_have_stays(book):
    book.add_student("ana", email="ana@x.org", lms_user_id="7")
    roster.apply(book, roster.compare(book, [Person("ana", "Ana", "Lee")]), add=False)
    assert (book.find_student("ana").email, book.find_student("ana").lms_user_id) == ("ana@x.org", "7")


def test_one_student_who_would_be_two_people_is_refused(book):
    book.add_student("ana", email="bob@x.org")
    with pytest.raises(CourseError, match="ana is on 2 lines of the file"):
        roster.compare(book, [Person("ana"), Person("bob", email="bob@x.org")])


def test_a_dry_run_writes_nothing(book, tmp_path):
    (tmp_path / "sakai.csv").write_bytes(template("sakai"))
    arguments = ["roster", "import", str(tmp_path / "sakai.csv"), "--dry-run", "--course-dir", str(tmp_path)]
    done = CliRunner().invoke(main, arguments, env={"COLUMNS": "200"})
    assert "6 in the file only" in done.output and "José Núñez" in done.output
    assert not book.students
