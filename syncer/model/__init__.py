"""Values only: what a roadmap says, what a tracker says, what was settled, what is to be done.

Nothing here performs I/O, reads a clock or knows a forge. Everything is frozen.
"""
