"""What the daemon hears and says over HTTP: webhooks in, health, metrics and status out."""
