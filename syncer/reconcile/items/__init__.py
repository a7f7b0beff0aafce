"""The law applied to bound items, one field per module."""
