"""The part of GitLab's GraphQL API that work items need."""
