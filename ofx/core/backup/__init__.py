"""One file that holds an installation: the database, the files of people, and checksums of both."""
