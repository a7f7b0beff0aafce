"""Everything is killed and restarted at random, under load, and in the end both sides have to be equal."""
