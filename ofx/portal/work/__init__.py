"""My work: what I own, what I watch, what I was told."""
