"""Partners by e-mail: orders out as a CSV attachment, updates in as mails or uploaded files."""
