"""Wake-ups that survive: who wants a project looked at, until somebody has looked.

A wake-up is a key, the project, never a job: two of them are one, and what happened is read from the
world by the sync. Two engines keep them: :mod:`syncer.queue.sqlite` in a file of one process, and
:mod:`syncer.queue.distributed` in PostgreSQL for any number of processes.
"""
