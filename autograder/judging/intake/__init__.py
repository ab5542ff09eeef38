"""What was handed in, in whatever state, becomes a notebook that can be judged, or the reason why not."""
