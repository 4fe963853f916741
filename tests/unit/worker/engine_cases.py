"""What the tests of the engine share."""

import asyncio
import threading

from netops_worker.engine import Engine
from netops_worker.probes import ProbeOutcome
from netops_worker.secrets import SecretResolver
from netops_worker.testing import MemorySink, MemorySource


async def trivial(task, context):
    return ProbeOutcome({'echo': {'id': task.id}}, credential=7)


async def endless(task, context):
    await asyncio.Event().wait()


def run(tasks, probe=trivial, sink=None, source=None, limits=None, resolver=None, **options):
    sink = MemorySink() if sink is None else sink
    source = source or MemorySource(tasks)
    resolver = resolver or SecretResolver({})
    engine = Engine(source, sink, {'device-scan': probe}, resolver, worker='w1', limits=limits)
    return engine.run(**options), sink.results


def engine_threads():
    return [thread for thread in threading.enumerate() if thread.name == 'netops-engine']
