"""Roadmaps: bytes in, a :class:`~syncer.model.document.Document` out, and edits back to bytes.

Pure. Nothing here opens a file, reads a clock, or changes a byte that an edit did not name.

    admit     which bytes are a roadmap at all
    scan      Markdown structure with byte positions (the only module that knows the parser)
    brackets  bullets and boxes in the bytes, where the parser's ranges are not exact enough
    mojibake  double-encoded text, folded for reading
    words     status words and glyphs of many languages
    headings  what a heading's text says besides its name
    titles    what an item's text says besides its title
    outline   sections and stages
    dialects  where items come from: checklists, status tables, milestone tables
    parse     all of it together
    reference how people name a place in a roadmap
    edit      splices, proven by reading again (verify); texts, insert, move and links make them
"""
