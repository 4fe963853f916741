"""`credential-check` without a shell against a full netmiko login, on the same OpenSSH server in the same run.

CPU is user and system time of this process: the engine with its probe, or netmiko in as many threads. The server and
its children are not counted. One device each time, so that a login is all there is to do.
Environment: BENCH_LOGINS (400 checks at concurrency 50), BENCH_BASELINE (100 netmiko logins).
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from netmiko import ConnectHandler

from benchmarks._metering import calibrate
from lab.process import LabError, stop_on_signals
from lab.runs import RunDirectory
from lab.sshd import Sshd, SshUser
from lab.system import find_program, install_packages, say
from netops_worker.engine import Engine, EngineLimits
from netops_worker.probes import Probe
from netops_worker.probes.ssh.check import CredentialCheckProbe
from netops_worker.secrets import EnvironmentProvider, SecretResolver
from netops_worker.testing import MemorySink, MemorySource, make_task
from netops_worker.wire import CredentialRef

USER, PASSWORD = 'operator', 'measured-password'
CONCURRENCY = 50
# Logins one after the other, of which the median counts; and those before, which import and warm up.
SINGLE, WARM = 15, 3
VARIABLE = 'NETOPS_SECRET_BENCH'


def main() -> int:
    stop_on_signals()
    checks = int(os.environ.get('BENCH_LOGINS', '400'))
    baseline = int(os.environ.get('BENCH_BASELINE', '100'))
    if checks < CONCURRENCY or baseline < CONCURRENCY:
        say(f'BENCH_LOGINS and BENCH_BASELINE must be at least {CONCURRENCY}.')
        return 2
    try:
        print(json.dumps(measure(checks, baseline)), flush=True)
    except LabError as error:
        say(f'\n{error}')
        return 1
    return 0


def measure(checks: int, baseline: int) -> dict:
    if find_program('sshd') is None:
        install_packages('openssh-server')
    calibrations = [calibrate()]
    with RunDirectory('bench-ssh') as run, Sshd(run, [SshUser(USER, PASSWORD)]) as sshd:
        probe = CredentialCheckProbe()
        check(sshd, probe, WARM, 1)
        log_in(sshd, WARM, 1)
        # Parts of both in turn, so that a busy minute of the machine hits both.
        ours, theirs = [], []
        for part in range(4):
            ours.append(cpu_ms(lambda: check(sshd, probe, checks // 4, CONCURRENCY)) / (checks // 4))
            theirs.append(cpu_ms(lambda: log_in(sshd, baseline // 4, CONCURRENCY)) / (baseline // 4))
            say(f'part {part + 1}: {ours[-1]:.2f} CPU ms per check, {theirs[-1]:.2f} per netmiko login')
        calibrations.append(calibrate())
        latencies = [result.duration_ms for result in check(sshd, probe, SINGLE, 1)]
        walls = log_in(sshd, SINGLE, 1)
    calibrations.append(calibrate())
    ours_ms, theirs_ms = statistics.median(ours), statistics.median(theirs)
    check_ms, netmiko_ms = statistics.median(latencies), statistics.median(walls)
    return {
        'checks': checks,
        'cpu_ms_per_check': round(ours_ms, 2),
        'netmiko_cpu_ms': round(theirs_ms, 2),
        'cpu_ratio': round(theirs_ms / ours_ms, 1),
        'check_ms': round(check_ms, 1),
        'netmiko_ms': round(netmiko_ms, 1),
        'wall_ratio': round(netmiko_ms / check_ms, 1),
        'calibration_ms': round(statistics.median(calibrations), 1),
    }


def cpu_ms(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


def check(sshd: Sshd, probe: Probe, number: int, concurrency: int) -> list:
    """The results of that many checks, through the engine."""
    credential = CredentialRef(1, 'bench', 'ssh-password', 'environment', VARIABLE, {'username': USER})
    options = {'ssh': {'port': sshd.port, 'timeout': 60}}
    tasks = [
        make_task(pk, kind='credential-check', address=sshd.address, options=options, credentials=(credential,))
        for pk in range(1, number + 1)
    ]
    sink = MemorySink()
    resolver = SecretResolver({'environment': EnvironmentProvider({VARIABLE: PASSWORD})})
    limits = EngineLimits(concurrency=concurrency)
    Engine(MemorySource(tasks), sink, {'credential-check': probe}, resolver, worker='bench', limits=limits).run()
    results = list(sink.results.values())
    if bad := [result for result in results if not result.ok] or len(results) != number:
        raise LabError(f'{len(results)} of {number} checks came back, not all of them accepted: {bad}')
    return results


def log_in(sshd: Sshd, number: int, concurrency: int) -> list[float]:
    """Milliseconds of that many full logins with netmiko: to the prompt, and out again."""

    def one(_number: int) -> float:
        begun = time.monotonic()
        connection = ConnectHandler(
            device_type='linux', host=sshd.address, port=sshd.port, username=USER, password=PASSWORD,
            conn_timeout=60, banner_timeout=60, auth_timeout=60,
        )  # fmt: skip
        prompt = connection.find_prompt()
        took = (time.monotonic() - begun) * 1000
        connection.disconnect()
        if not prompt:
            raise LabError('netmiko found no prompt')
        return took

    with ThreadPoolExecutor(concurrency) as threads:
        return list(threads.map(one, range(number)))


if __name__ == '__main__':
    sys.exit(main())
