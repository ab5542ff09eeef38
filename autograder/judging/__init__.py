"""From a notebook to its verdict: read and mended, run behind the fence, asked by hidden tests, diagnosed."""
