"""Telling people outside: what needs somebody, once, by webhook."""
