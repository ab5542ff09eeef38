"""What is written for an LMS is what its importer takes, and reads back to the same grades."""

import csv
import io
import zipfile
from decimal import Decimal

import pytest
from awkward import CLASS, EXERCISE, GOLDEN, MAXIMA, row, template
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograder import CourseError
from autograder.lms.exporting import TARGETS
from autograder.lms.table.text import is_formula, parse, split

# By target, the download that it fills; "" writes without one.
TEMPLATES = {
    "canvas": ["", "canvas"], "moodle-xml": ["", "moodle"], "moodle-csv": ["", "moodle"], "csv": [""],
    "moodle-worksheet": ["worksheet"], "sakai": ["", "sakai"], "brightspace": ["", "brightspace"],
    "blackboard": ["blackboard"], "edx": ["edx"], "oneroster": ["oneroster"], "oneroster-1.1": ["oneroster-1.1"],
}  # fmt: skip
CASES = [(target, name) for target, names in TEMPLATES.items() for name in names]
BLANK = [target for target, name in CASES if not name]


def write(target, rows=CLASS, name="", maxima=MAXIMA, given=None, replace=True):
    return TARGETS[target].write(rows, maxima, given or (template(name) if name else None), replace)


def readable(target, data):
    """The file as a reviewer reads it: in UTF-8, a zip as its files one below the other."""
    if target == "blackboard":
        return data.decode("utf-16").encode()
    if TARGETS[target].suffix != "zip":
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(f"== {name}\n".encode() + archive.read(name) for name in archive.namelist())


def test_every_target_is_here():
    assert set(TEMPLATES) == set(TARGETS)


@pytest.mark.parametrize(("target", "name"), CASES)
def test_the_awkward_class_is_written_as_it_always_was(target, name):
    made = write(target, name=name)
    golden = GOLDEN / f"{target}{'-template' if name else ''}.{TARGETS[target].suffix.replace('zip', 'txt')}"
    assert readable(target, made.data) == golden.read_bytes()


@pytest.mark.parametrize(("target", "name"), CASES)
def test_what_is_written_reads_back_to_the_gradebooks_grades(target, name):
    made = write(target, name=name)
    TARGETS[target].verify(made.data, made.changes)
    assert {one.row.student for one in made.changes} | {row.student for row, _ in made.left_out} == {
        r.student for r in CLASS
    }
    assert {"jose", "0012", "ali"} <= {one.row.student for one in made.changes}


@pytest.mark.parametrize(
    ("target", "name"), [case for case in CASES if case[0] not in ("moodle-xml", "oneroster", "oneroster-1.1")]
)
def test_no_cell_is_a_formula(target, name):
    text = readable(target, write(target, name=name).data).decode("utf-8-sig")
    assert not [
        cell for line in split(text, "\t" if target == "blackboard" else ",") for cell in line if is_formula(cell)
    ]


@pytest.mark.parametrize(("target", "name"), CASES)
def test_a_grade_that_would_be_misread_is_noticed(target, name):
    made = write(target, name=name)
    with pytest.raises(CourseError, match="nothing was written"):
        TARGETS[target].verify(write(target, CLASS[1:], name).data, made.changes)


@pytest.mark.parametrize("target", [name for name, kind in TARGETS.items() if kind.template.startswith("required")])
def test_a_template_that_is_needed_is_asked_for(target):
    with pytest.raises(CourseError, match="--template"):
        write(target)


def test_ids_that_canvas_takes_for_numbers_stay():
    made = write("canvas", [row("12.345.678"), row("a.1")])
    assert [who.student for who, _ in made.left_out] == ["12.345.678"]
    assert "as the number 12345.678" in made.left_out[0][1]


@pytest.mark.parametrize(
    ("target", "name", "old", "new", "words"),
    [
        ("canvas", "canvas", "10.00,100.00", "10,50", "worth 50 points in the template and ex04_batch_norm 100 here"),
        ("canvas", "canvas", "10.00,100.00", "10.00,", "doesn't tell the maximum of 'ex04_batch_norm (42)'"),
        ("canvas", "canvas", "    Points Possible", "Moved", "doesn't tell the maximum"),
        ("canvas", "canvas", "ex04_batch_norm (42)", "other (42)", "no columns 'ex04_batch_norm'; it has 'Quiz'"),
        ("canvas", "canvas", "Quiz (11)", "ex04_batch_norm (11)", "2 columns 'ex04_batch_norm'"),
        ("canvas", "canvas", "10.00,100.00", "10,(read only)", "read-only in Canvas"),
        ("canvas", "canvas", ",Section", ",Klasse", "no column 'Section'"),
        ("canvas", "canvas", "Student,ID,SIS User ID", "SIS User ID,ID,Student", "'Student' and 'ID' don't come first"),
        ("canvas", "canvas", "u7,other", "u7,jose", "jose is on 2 lines of the template"),
        ("canvas", "canvas", "903,u3,sam", "903,jose,sam", "jose is on 2 lines"),
        ("moodle-worksheet", "worksheet", "100.00", "10.00", "worth 10.00 points in the template"),
        ("moodle-worksheet", "worksheet", "100.00", '"10,00"', "worth 10,00 points in the template"),
        ("moodle-worksheet", "worksheet", "Identifier", "Kennung", "no column 'Identifier'; .*in English"),
        ("moodle-worksheet", "worksheet", "Maximum grade", "Max", "no column 'Maximum grade'"),
        ("moodle-worksheet", "worksheet", "Maximum grade", "Scale", "a column 'Scale'"),
        ("moodle-worksheet", "worksheet", "Grade can be changed", "Changes", "no column 'Grade can be changed'"),
        ("moodle-worksheet", "worksheet", "Email address", "Mail", "no column .*'Email address', and names nobody"),
        ("moodle-csv", "moodle", "norm (Real)", "norm (Percentage)", "norm (Percentage)' and not the points"),
        ("moodle-xml", "moodle", "norm (Real)", "norm (Letter)", "'ex04_batch_norm (Letter)' and not the points"),
        ("moodle-xml", "moodle", "norm (Real)", "other (Real)", "no columns 'ex04_batch_norm'"),
        ("moodle-xml", "moodle", "ID number", "Nummer", "no column 'ID number'"),
        ("moodle-xml", "moodle", ",0012,", ",12,", "has '12' as ID number of 0012"),
        ("sakai", "sakai", '"ex04_batch_norm [100]"', '"ex04_batch_norm"', "doesn't tell the maximum"),
        ("sakai", "sakai", '"Student ID","Name"', '"Name","Student ID"', "'Student ID' is not the template's first"),
        ("edx", "edx", "previous_override-1a2b3c4d", "previous", "no column 'previous_override-1a2b3c4d'"),
        ("sakai", "sakai", "[100]", "[12.5]", "worth 12.5 points"),
        ("brightspace", "brightspace", "MaxPoints:100", "MaxPoints:20", "worth 20 points"),
        ("edx", "edx", "ex04_batch_norm", "Batch norm", "no subsection 'ex04_batch_norm'; it has 'Batch norm', 'Quiz'"),
        ("edx", "edx", "course_id", "course", "no column 'course_id'"),
    ],
)  # fmt: skip
def test_a_template_that_would_go_wrong_is_refused(target, name, old, new, words):
    data = template(name).replace(old.encode(), new.encode())
    assert data != template(name)
    with pytest.raises(CourseError, match=words.replace("(", r"\(").replace(")", r"\)")):
        write(target, given=data)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("moodle-csv", "refuses the whole file"),
        ("moodle-xml", "caps it"),
        ("sakai", "asks about it"),
        ("brightspace", "caps it"),
    ],
)
def test_more_than_the_maximum_is_written_only_where_it_is_taken(target, words):
    made = write(target, [row("ana", "105")])
    assert not made.changes and words in made.left_out[0][1]
    assert write("canvas", [row("ana", "105")]).changes


def test_students_who_are_not_in_the_template_are_listed_with_the_closest():
    [(who, reason)] = write("canvas", [row("jose"), row("joes", first="José", last="Nuñez")], "canvas").left_out
    assert who.student == "joes"
    assert reason.startswith("not in the template; closest:")
    with pytest.raises(CourseError, match=r"none of 1 students is in the template.*course roster import"):
        write("canvas", [row("nobody")], "canvas")


def test_two_students_on_one_line_are_refused():
    with pytest.raises(CourseError, match="are one person in the template"):
        write("canvas", [row("jose"), row("joe", lms_id="901")], "canvas")


def test_comments_that_a_person_wrote_in_sakai_stay():
    kept, ours = template("sakai"), template("sakai").replace(b"see me", b"forward 1/30; state 2/70")
    assert b'0012,"O\'Hara, Jr., Pat",0,see me\r\n' in write("sakai", given=kept).data
    assert b'0012,"O\'Hara, Jr., Pat",0,forward 0/30; state 0/70\r\n' in write("sakai", given=ours).data


def reasons(made):
    return {row.student: reason for row, reason in made.left_out}


ABSENT = row("jose", "0", lms_id="s1", status="absent")


@pytest.mark.parametrize(
    ("target", "name", "student", "theirs"),
    [("canvas", "canvas", "jose", "1.00"), ("canvas", "canvas", "sam", "82.50"), ("sakai", "sakai", "0012", "50"),
     ("moodle-xml", "moodle", "0012", "50.00"), ("moodle-csv", "moodle", "0012", "50.00"),
     ("moodle-worksheet", "worksheet", "0012", "50.00"), ("edx", "edx", "0012", "77.0")],
)  # fmt: skip
def test_another_grade_in_the_lms_stays_unless_it_is_to_be_replaced(target, name, student, theirs):
    kept, replaced = write(target, name=name, replace=False), write(target, name=name)
    assert f"the LMS has {theirs}: --replace writes" in reasons(kept)[student]
    assert {one.row.student: one.before for one in replaced.changes}[student] == theirs


def test_what_is_there_already_is_no_change():
    made = write("moodle-xml", [row("0012", "50", email="pat@x.org")], "moodle", replace=False)
    assert [one.is_new for one in made.changes] == [False]
    assert [one.is_new for one in write("moodle-xml", [row("0012", "50")]).changes] == [True]


@pytest.mark.parametrize("excuse", ["EX", "ex", "Excused"])
def test_what_canvas_excuses_stays_excused(excuse):
    data = template("canvas").replace(b"Section A,5.00,1.00", f"Section A,5.00,{excuse}".encode())
    assert reasons(write("canvas", given=data))["jose"] == "excused in Canvas"


def test_a_zero_for_nothing_replaces_no_grade():
    made = write("canvas", [ABSENT], "canvas")
    assert "nothing was handed in here: find out who is right" in reasons(made)["jose"]


def test_there_is_no_zero_where_moodle_has_a_hand_in():
    assert "Moodle says 'Submitted for grading'" in reasons(write("moodle-worksheet", [ABSENT], "worksheet"))["jose"]


def test_there_is_no_zero_while_a_hand_in_is_nobodys_in_the_template():
    ming, stranger = row("ming", "0", lms_id="s6", status="absent"), row("wang", "90")
    assert not write("moodle-csv", [ming], "moodle").left_out
    assert "settle 'wang' first" in reasons(write("moodle-csv", [ming, stranger], "moodle"))["ming"]


def test_what_moodle_says_can_not_be_changed_stays():
    assert "locked, or overridden in the gradebook" in reasons(write("moodle-worksheet", name="worksheet"))["sam"]


def test_moodles_worksheet_comes_back_without_the_comments():
    data = write("moodle-worksheet", name="worksheet").data
    assert b"Feedback" not in data and b"See me" not in data


def test_a_german_download_is_to_be_made_in_english():
    data = template("moodle").replace(b"ID number", b"ID-Nummer").replace(b"Email address", b"E-Mail-Adresse")
    with pytest.raises(CourseError, match=r"no column 'Username' or 'ID number' or .* names nobody: .* in English"):
        write("moodle-csv", given=data.replace(b"(Real)", b"(Punkte)"))


def test_a_download_that_lists_nobody_is_refused():
    header = template("worksheet").splitlines()[0]
    with pytest.raises(CourseError, match="lists no students: download it"):
        write("moodle-worksheet", given=header)


def test_e_mail_addresses_and_numbers_are_no_user_names_in_moodle():
    people = [row("ana@x.org", email=""), row("0012", lms_id="0012", email=""), row("bob", email="")]
    header, *lines = split(write("moodle-csv", people).data.decode())
    assert header[:3] == ["Username", "ID number", "Email address"]
    assert [line[:3] for line in lines] == [["", "", "ana@x.org"], ["", "0012", ""], ["bob", "", ""]]
    assert split(write("moodle-csv", people[:1]).data.decode())[0][0] == "Email address"


def test_semicolons_in_titles_make_no_table_of_semicolons():
    data = template("canvas").replace(b"Quiz (11)", b"Quiz; parts a; b; c; d; e; f; g; h; i; j; k; l; m; n (11)")
    assert write("canvas", given=data).data == write("canvas", name="canvas").data


def test_sakai_of_a_country_with_decimal_commas_gets_semicolons():
    text = template("sakai").decode("utf-8-sig").replace('","', '";"').replace("[100]", "[100,0]")
    made = write("sakai", given=b"\xef\xbb\xbf" + text.encode())
    TARGETS["sakai"].verify(made.data, made.changes)
    assert b"jose;" in made.data


@pytest.mark.parametrize("title", ["Current Score of week 1", "1.2.3", "=1+1"])
def test_exercises_that_canvas_can_not_import_by_their_names_are_refused(title):
    with pytest.raises(CourseError, match="rename"):
        write("canvas", [], maxima={title: Decimal(10)})


class TestImporters:
    """The readers know what the systems' own importers do; each line was tried with them, or read in their code."""

    def read(self, target, text):
        return TARGETS[target].read(text.encode() if isinstance(text, str) else text)

    def test_canvas_reads_separators_as_numbers_and_blanks_as_nothing(self):
        head = "Student,ID,SIS User ID,SIS Login ID,Section,hw (1)\n    Points Possible,,,,,10\n"
        assert self.read("canvas", head + '"A, B",7,,a,,"1,234"\n') == {("7", "hw (1)"): Decimal("1.234")}
        assert self.read("canvas", head + '"A, B",7,,a,,\n') == {("7", "hw (1)"): None}

    @pytest.mark.parametrize(
        "text",
        ['\ufeff"Student",ID,Section,hw\n', "Student,ID,Section,hw\r\nA,1,,2\n", "Student,ID,Section,hw\nA,1,2\n"],
    )
    def test_canvas_refuses(self, text):
        with pytest.raises(CourseError):
            self.read("canvas", text)

    @pytest.mark.parametrize(
        "text", ["Username,hw\na,9.5\n,\n", "Username,hw\na\n", 'Username,hw\na,"9,5"\n', "Username,hw\na,95%\n",
                 "Username,hw\na,1\na,2\n", 'Username,Name,hw\na,"x\\",1\n']
    )  # fmt: skip
    def test_moodle_refuses(self, text):
        with pytest.raises(CourseError):
            self.read("moodle-csv", text)

    def test_sakai_needs_the_mark(self):
        good = "\ufeffStudent ID,Student Name,hw [10]\r\na,A,1\r\n"
        assert self.read("sakai", good) == {("a", "hw [10]"): 1}
        with pytest.raises(CourseError, match="byte order mark"):
            self.read("sakai", good.removeprefix("\ufeff"))


TEXT = st.text(max_size=12)
PEOPLE = st.lists(
    st.builds(
        row,
        st.text("abcXYZ019-_.@=+é明😀", min_size=1, max_size=8),
        st.decimals(0, 120, places=2),
        TEXT,
        TEXT,
        lms_id=st.one_of(st.just(""), st.integers(1, 10**9).map(str), st.text("lms0.", max_size=6)),
        email=st.one_of(st.just(""), TEXT),
    ),
    max_size=6,
    unique_by=lambda one: one.student,
)


@settings(deadline=None)
@given(rows=PEOPLE)
@pytest.mark.parametrize("target", BLANK)
def test_whatever_the_gradebook_holds_reads_back_or_is_listed(target, rows):
    try:
        made = write(target, rows)
    except CourseError as error:
        assume("lines of" not in str(error) and "one person" not in str(error))
        raise
    TARGETS[target].verify(made.data, made.changes)
    assert sorted([*(one.row.student for one in made.changes), *(one.student for one, _ in made.left_out)]) == sorted(
        one.student for one in rows
    )


@settings(deadline=None)
@given(rows=PEOPLE, others=st.lists(st.tuples(TEXT, TEXT), max_size=3))
def test_any_canvas_template_reads_back_and_keeps_what_is_not_ours(rows, others):
    assume(all(one.student.isprintable() for one in rows))
    out = io.StringIO()
    lines = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Quiz (3)", f"{EXERCISE} (4)"]]
    lines += [["    Points Possible", "", "", "", "", "10", "100"]]
    lines += [[f"{one.last_name}, x", str(10**10 + n), "", one.student, "A", "1", ""] for n, one in enumerate(rows)]
    lines += [
        [f"{name}, y", str(10**11 + n), "", f"other {n}", section, "2", "3"] for n, (name, section) in enumerate(others)
    ]
    csv.writer(out, lineterminator="\n").writerows(lines)
    try:
        made = write("canvas", rows, given=out.getvalue().encode())
    except CourseError as error:
        assume(not any(words in str(error) for words in ("lines of", "one person", "none of", "no students", "zeros")))
        raise
    TARGETS["canvas"].verify(made.data, made.changes)
    assert {one.who for one in made.changes} <= {str(10**10 + n) for n in range(len(rows))}


# How people and programs change a download on the way, without changing what it says.
CASES_OF_LETTERS = st.sampled_from([str, str.upper, str.lower, str.title])


@st.composite
def disguised_table(draw, data):
    """A table with its columns shuffled, in other letters, with another delimiter, mark and line end; its columns."""
    lines, letters = parse(data)[0], draw(CASES_OF_LETTERS)
    # Canvas and Sakai refuse almost any order unless some columns stay where they are.
    width = len(lines[0])
    stay = draw(st.integers(0, min(3, width)))
    order = [*range(stay), *draw(st.permutations(range(stay, width)))]
    delimiter, end = draw(st.sampled_from(",;\t")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    out = io.StringIO()
    # Python's writer puts quotes around line ends of its own kind only.
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        [[letters(lines[0][n]) for n in order], *([line[n] for n in order] for line in lines[1:])]
    )
    return out.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))), lines[0]


@st.composite
def disguised(draw, name):
    """A system's download in disguise, a zip with each of its tables in another one; and all of its columns."""
    if not zipfile.is_zipfile(io.BytesIO(template(name))):
        return draw(disguised_table(template(name)))
    out, columns = io.BytesIO(), []
    with zipfile.ZipFile(io.BytesIO(template(name))) as given, zipfile.ZipFile(out, "w") as archive:
        for member in given.namelist():
            data, header = draw(disguised_table(given.read(member)))
            archive.writestr(member, data)
            columns += header
    return out.getvalue(), columns


@settings(deadline=None)
@given(data=st.data())
@pytest.mark.parametrize(("target", "name"), [case for case in CASES if case[1]])
def test_a_disguised_download_gives_the_right_grades_or_a_refusal_that_names_the_column(target, name, data):
    given, header = data.draw(disguised(name))
    expected = {one.row.student: (one.who, one.row.points) for one in write(target, name=name).changes}
    try:
        made = write(target, given=given)
    except CourseError as error:
        assert any(f"'{text}'".casefold() in str(error).casefold() for text in header)
        return
    TARGETS[target].verify(made.data, made.changes)
    assert {one.row.student: (one.who, one.row.points) for one in made.changes} == expected
