"""The demo: five teams, their roadmaps, and both kinds of forge, all inside one process.

What it shows is the product itself: the same run, the same plan, the same requests as against a real
forge. Only the forge is embedded.
"""
