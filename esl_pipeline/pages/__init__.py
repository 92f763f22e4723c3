"""Pages: a lesson as Notion's blocks and properties, and what to send so that a page shows them.

Nothing is loaded here, because Dagster's definitions ask for the names of the presets and for no page.
"""
