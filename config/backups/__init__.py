"""Backups: one file with the database, the files of documents and what proves the audit log.

`making` writes one, `checking` reads it through, `restoring` brings it back, and `trying` does so in a database that is
thrown away (docs/decisions/0026-backups.md).
"""
