"""The course package: build, judge, report, export."""
