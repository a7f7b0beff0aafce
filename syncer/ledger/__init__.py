"""The ledger's homes: SQLite by default, PostgreSQL to scale, memory for tests.

codec    model values to and from JSON text
schema   the tables
sql      the ledger over SQLAlchemy Core
locks    sole rights to a project that end with the process
upgrade  bringing a database to the present schema
memory   the same promises without a disk
"""
