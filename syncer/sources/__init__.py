"""Roadmaps that are not read through a forge's API: any git remote, or the checkout we stand in."""
