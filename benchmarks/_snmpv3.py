"""One side of the SNMP v3 benchmark: `python -m benchmarks._snmpv3 ours|pysnmp PORT NETWORK DEVICES [OBJECTS]`.

Prints JSON: `ok` devices, `codes` of the others, `cpu_s` of the reading alone (imports and start are not counted).
"""

import asyncio
import json
import sys
import time
from collections import Counter

from benchmarks.fleet import AUTH_PASSPHRASE, PRIVACY_PASSPHRASE

USER = 'bench'
MAX_REPETITIONS = 25


def addresses(network: str, number: int) -> list[str]:
    return [f'{network}.{n // 250}.{n % 250 + 1}' for n in range(number)]


def ours(port: int, devices: list[str]) -> dict:
    """Through the engine, as a worker does it, with source and sink in memory."""
    from netops_worker.engine import Engine, EngineLimits
    from netops_worker.probes import default_probes
    from netops_worker.secrets import EnvironmentProvider, SecretResolver
    from netops_worker.testing import MemorySink, MemorySource, make_task
    from netops_worker.wire import CredentialRef

    credential = CredentialRef(
        1, 'bench', 'snmp-v3', 'environment', 'NETOPS_SECRET_AUTH',
        {'username': USER, 'auth_protocol': 'SHA', 'privacy_protocol': 'AES',
         'privacy_reference': 'NETOPS_SECRET_PRIVACY'},
    )  # fmt: skip
    resolver = SecretResolver({
        'environment': EnvironmentProvider(
            {'NETOPS_SECRET_AUTH': AUTH_PASSPHRASE, 'NETOPS_SECRET_PRIVACY': PRIVACY_PASSPHRASE}
        )
    })  # fmt: skip
    tasks = [
        make_task(number, address=address, credentials=(credential,), options={'port': port, 'retries': 0})
        for number, address in enumerate(devices, 1)
    ]
    source, sink, probes = MemorySource(tasks), MemorySink(), default_probes()
    begun = time.process_time()
    Engine(source, sink, probes, resolver, worker='bench', limits=EngineLimits(concurrency=100)).run()
    cpu = time.process_time() - begun
    results = sink.results.values()
    codes = Counter(result.error_code for result in results if not result.ok)
    return {
        'ok': sum(result.ok for result in results),
        'codes': codes,
        'rows': sum(len(result.data.get(name, ())) for result in results for name in ('interfaces', 'bgp')),
        'cpu_s': cpu,
    }


def pysnmp(port: int, devices: list[str], asked: dict[str, list[str]]) -> dict:
    """The same objects by pysnmp: one engine for all devices, columns one after the other."""
    from pysnmp.hlapi.v3arch.asyncio import (
        ContextData,
        ObjectIdentity,
        ObjectType,
        SnmpEngine,
        UdpTransportTarget,
        UsmUserData,
        bulk_walk_cmd,
        get_cmd,
        usmAesCfb128Protocol,
        usmHMACSHAAuthProtocol,
    )  # fmt: skip

    def checked(answer):
        indication, status, _index, bindings = answer
        if indication or status:
            raise RuntimeError(str(indication or status))
        return bindings

    def named(oid: str):
        return ObjectType(ObjectIdentity(oid))

    async def read(engine, address: str) -> int:
        user = UsmUserData(
            USER, AUTH_PASSPHRASE, PRIVACY_PASSPHRASE,
            authProtocol=usmHMACSHAAuthProtocol, privProtocol=usmAesCfb128Protocol,
        )  # fmt: skip
        transport = await UdpTransportTarget.create((address, port), timeout=5, retries=1)
        session = (engine, user, transport, ContextData())
        count = len(checked(await get_cmd(*session, *map(named, asked['objects']), lookupMib=False)))
        for column in asked['columns']:
            async for answer in bulk_walk_cmd(
                *session, 0, MAX_REPETITIONS, named(column), lexicographicMode=False, lookupMib=False
            ):
                count += len(checked(answer))
        return count

    async def read_all() -> int:
        engine = SnmpEngine()
        # Once, before the clock starts: loading its MIBs is not a device's cost.
        await read(engine, devices[0])
        nonlocal begun
        begun = time.process_time()
        counts = [await read(engine, address) for address in devices[1:]]
        engine.close_dispatcher()
        return sum(bool(count) for count in counts)

    begun = 0.0
    ok = asyncio.run(read_all())
    return {'ok': ok, 'cpu_s': time.process_time() - begun}


if __name__ == '__main__':
    side, port, network, number, *rest = sys.argv[1:]
    chosen = addresses(network, int(number))
    answer = ours(int(port), chosen) if side == 'ours' else pysnmp(int(port), chosen, json.loads(rest[0]))
    print(json.dumps(answer))
