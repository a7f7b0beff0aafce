"""Examples that are documentation and tests at once: Markdown files, executed as they stand."""
