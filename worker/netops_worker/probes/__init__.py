"""Probes: the code that talks to devices, one package or module per protocol."""

from netops_worker.probes.base import Probe, ProbeContext, ProbeOutcome

__all__ = (
    'Probe',
    'ProbeContext',
    'ProbeOutcome',
    'default_probes',
)


def default_probes() -> dict[str, Probe]:
    """The probe of each kind of run that this version can execute."""
    # Here, because the probes import this package themselves.
    from netops_worker.probes.snmp.scan import DeviceScanProbe
    from netops_worker.probes.ssh.check import CredentialCheckProbe

    return {'credential-check': CredentialCheckProbe(), 'device-scan': DeviceScanProbe()}
