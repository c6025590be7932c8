"""Simulated partner operators, in a process of their own.

They speak TMF622 and e-mail/CSV like real operators do, with their bad habits, and keep a journal of all they
received and sent. The package knows nothing of the product: it is the other side of the wire.
"""
