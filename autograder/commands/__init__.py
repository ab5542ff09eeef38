"""The commands of `course`, by what a person does with them: thin, over the package's functions."""
