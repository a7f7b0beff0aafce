"""GitHub's GraphQL API: schema, nodes, mutations, costs."""
