"""Groups: a checkbox with checkboxes below it, as a parent with children or with a checklist."""
