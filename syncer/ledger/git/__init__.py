"""The ledger as one commit on a ref of the source repository, for runs without a disk.

place    where such a commit is kept: read, and replaced by compare-and-swap
layout   everything that is remembered, as the commit's files and back
journal  the journal in those files, with a stated retention
lease    who may work, and until when, as the commit says
ledger   the ledger: what is pushed at once, what waits for the next push
notes    what people have been told, beside it
"""
