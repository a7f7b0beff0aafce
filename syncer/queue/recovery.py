"""Jobs of workers that are gone: given to others, or covered by a wake-up that already waits."""

from __future__ import annotations

from collections.abc import Collection

import procrastinate
import psycopg
from procrastinate import exceptions as trouble
from procrastinate import jobs

from syncer.queue.postgres import QUEUE

_WIDEN = """
UPDATE procrastinate_jobs SET args = args - 'issues' WHERE queueing_lock = %(key)s AND status = 'todo'
"""
_COVER = """
UPDATE syncer_deliveries AS d SET job = newer.id FROM procrastinate_jobs AS newer
WHERE d.job = %(job)s AND newer.queueing_lock = %(key)s AND newer.status = 'todo'
"""


_DOING = "SELECT id FROM procrastinate_jobs WHERE id = ANY(%(ids)s) AND status = 'doing'"


async def reopen(app: procrastinate.App, ended: Collection[int]) -> None:
    """Give jobs to others that have ended here although the database could not be told.

    Args:
        app: with an asynchronous connector, open.
        ended: jobs of this process that ended a while ago.
    """
    for row in await app.connector.execute_query_all_async(_DOING, ids=list(ended)):
        for job in await app.job_manager.list_jobs_async(id=row["id"]):
            await _wait_again(app, job)


async def recover(app: procrastinate.App, seconds: float) -> int:
    """Give the jobs of workers that are gone to others. The answer says how many there were.

    procrastinate finds such jobs and leaves it to us what becomes of them. Two processes may recover
    the same job: the second finds it waiting already.

    Args:
        app: with an asynchronous connector, open.
        seconds: without a sign of life after which a worker is gone.
    """
    count = 0
    for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=seconds):
        count += 1
        await _wait_again(app, job)
    return count


async def _wait_again(app: procrastinate.App, job: jobs.Job) -> None:
    try:
        await app.job_manager.retry_job(job)
    except trouble.ConnectorException as error:
        if not _already_waiting(error):
            raise
        # A newer wake-up of the same project waits, and cannot begin before this one has ended. It
        # covers this one and its deliveries, whatever issues they were about.
        await app.connector.execute_query_async(_WIDEN, key=job.queueing_lock)
        await app.connector.execute_query_async(_COVER, job=job.id, key=job.queueing_lock)
        await app.job_manager.finish_job(job, jobs.Status.FAILED, delete_job=True)


def _already_waiting(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, (trouble.UniqueViolation, psycopg.errors.UniqueViolation)):
            return True
        error = error.__cause__
    return False
