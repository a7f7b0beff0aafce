"""What an operator sees of a running syncer: numbers. Logs are :mod:`syncer.logs`."""
