"""Where items come from. One module per way of writing; each turns a scan into drafts.

    checklist        list items with a box
    status_table     rows of a table with a status column
    milestone_table  rows that are stages, and blocks that repeat one of them

A new dialect is one module here and one call in :mod:`syncer.roadmap.parse`.
"""
