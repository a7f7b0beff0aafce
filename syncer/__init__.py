"""syncer keeps Markdown roadmaps and issue trackers in agreement, both ways."""

__version__ = "0.1.0"
