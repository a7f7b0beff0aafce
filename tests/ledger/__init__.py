"""The ledger: one contract for all its homes, and what is special about a ref."""
