"""Hidden tests: collected once, run on a submission, compared with the reference."""
