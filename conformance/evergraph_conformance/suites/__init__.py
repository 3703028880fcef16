"""The suites of the kit. A case names no backend: what one lacks follows from its claims."""
