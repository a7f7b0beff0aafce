"""Turning the model into GitLab's JSON. Nothing here decides anything."""
