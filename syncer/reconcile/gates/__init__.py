"""Gates: one issue for all criteria of a stage, ticked both ways line by line."""
