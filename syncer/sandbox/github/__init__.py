"""The GitHub half: REST, GraphQL, webhooks and Apps."""
