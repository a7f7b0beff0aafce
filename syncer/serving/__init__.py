"""The composition root of the daemon: from a configuration to something that serves."""
