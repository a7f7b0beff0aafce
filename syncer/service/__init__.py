"""Orchestration: observe, plan, guard, apply, settle, over the ports.

project   one configured pair of a source and its trackers
book      the ledger of one project during one run
observe   looking at all sides
recover   effects whose fate is unknown
rehearse  edits tried out before anything is sent
apply     effects, each with an intent and a receipt
cycle     all of it, under a lease
"""
