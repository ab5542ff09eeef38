"""A course of nbgrader assignments that grades itself, and is graded.

What is where, in the order in which a submission meets it:

    hidden/, misconceptions/   the course's own content, a file for each exercise; the rest is the engine
    course/      the author writes: an exercise as its text, and the notebooks derived from it
    proof/       the author proves: what makes an exercise's grades trustworthy, and the made-up class of the demo
    judging/     1 from a notebook to its verdict: intake, fence, hidden tests, rules, diagnosis
    classroom/   2 from a class to the gradebook: what is handed in, judged in parallel, recorded through nbgrader
    pages/       3 what people read: the grade cells, feedback, the class report, similar answers
    lms/         4 grades leave, and people come
    cli/         the command `course`
    files        how files are written

`docs/developing.md` has the map and tells the rest. The errors, and who is meant by each:

    CourseError          a person can mend it: where, what, and the command; `course` shows it and ends with 1 or 2
      SandboxError       walls cannot be had, or the server behind them is gone: nobody can be judged
      Unreachable        the LMS does not answer
    NoNotebook           what was handed in cannot be judged: it ends as a status of the verdict
    StudentError         the student's code did not answer a probe: the hidden test fails
    Mismatch             it answered, but not what is expected: the hidden test fails (an AssertionError)
    Ended                the student's process is gone: the next cell or probe gets another one
    WireError            what came through the fence is no plain data: as if the process were gone
    JailError            behind the fence: a wall could not be raised, so that nothing is run
    CellTimeout          behind the fence: a cell's time is over (a BaseException, which students' code seldom catches)

Any other error is a fault of ours: in judging it makes the verdict `needs_review`, elsewhere `course` ends with 3.
"""


class CourseError(Exception):
    """What is wrong with a written file: where, what, and how it is mended; `course` ends with `status`."""

    status = 1
