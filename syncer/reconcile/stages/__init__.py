"""Stages and their milestones: created, followed by number, and closed only by what really is complete."""
