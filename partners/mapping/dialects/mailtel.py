"""Mailtel (simulated): e-mail with CSV, KCI codes of Fibre Café, block words of the maps."""

from partners.mapping.mail import MailDialect
from partners.mapping.words import BLOCK_WORDS

MAILTEL = MailDialect(version="mailtel/1", reasons=BLOCK_WORDS)
