"""The lesson's Markdown: markdown-it with the rules that lessons add or change."""
