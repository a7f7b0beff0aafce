"""Turning the model into GitHub's JSON. Nothing here decides anything."""
