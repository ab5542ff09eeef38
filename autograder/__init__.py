"""A course of nbgrader assignments that grades itself, and is graded."""


class CourseError(Exception):
    """What is wrong with a written file: where, what, and how it is mended; `course` ends with `status`."""

    status = 1
