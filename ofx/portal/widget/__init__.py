"""The help that a provider embeds in its own portal: guides, known errors, the state of faults (docs/portal.md)."""
