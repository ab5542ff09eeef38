"""Where nbgrader's commands meet the judge."""
