"""The daemon: it looks at projects when they ask for it, one at a time each, until it is told to stop."""
