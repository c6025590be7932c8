"""Template tags of faults."""
