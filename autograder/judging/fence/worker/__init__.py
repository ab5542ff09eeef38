"""The student's side of the fence: this folder runs as a program of its own and imports nothing else of ours."""
