"""The GitLab half: REST v4, a little GraphQL, webhooks."""
