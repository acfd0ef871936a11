"""Backups: one encrypted file with all databases, files that Postgres does not hold and, on request, secrets (decision 0073)."""
