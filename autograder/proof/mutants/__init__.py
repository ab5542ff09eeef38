"""Mutants: the reference with one small edit each. The hidden tests have to fail all that are not equivalent to it."""
