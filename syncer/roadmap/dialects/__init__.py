"""Where items come from. One module per way of writing; each turns a scan into drafts.

    checklist        list items with a box
    heading_boxes    headings with a box
    status_table     rows of a table with a status column
    milestone_table  rows that are stages
    mirrors          blocks that repeat one of those rows
    columns, cells   what the columns of a table are for, and what its status cells say

A new dialect is one module here and one call in :mod:`syncer.roadmap.parse`.
"""
