"""Turns an English lesson in Markdown into a Notion page with spoken study text."""
