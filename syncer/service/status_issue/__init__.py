"""One issue per project that says what needs a person, and takes the answer as a tick."""
