import strawberry

from ..choices import (
    CredentialProtocolChoices,
    DifferenceKindChoices,
    HostKeyStateChoices,
    NeighbourProtocolChoices,
    ReachabilityChoices,
    RunKindChoices,
    RunStatusChoices,
    RunTargetStateChoices,
    SecretProviderChoices,
    TargetStatusChoices,
    VerdictChoices,
)

__all__ = (
    'CredentialProtocolEnum',
    'DifferenceKindEnum',
    'HostKeyStateEnum',
    'NeighbourProtocolEnum',
    'ReachabilityEnum',
    'RunKindEnum',
    'RunStatusEnum',
    'RunTargetStateEnum',
    'SecretProviderEnum',
    'TargetStatusEnum',
    'VerdictEnum',
)


def _enum(choices, prefix: str):
    # Types of all plugins share one schema, and a name used twice stops NetBox from starting: ours have a prefix.
    python_enum = choices.as_enum(prefix=prefix)
    return strawberry.enum(python_enum, name=f'NetOps{python_enum.__name__}')


CredentialProtocolEnum = _enum(CredentialProtocolChoices, 'protocol')
DifferenceKindEnum = _enum(DifferenceKindChoices, 'kind')
HostKeyStateEnum = _enum(HostKeyStateChoices, 'state')
NeighbourProtocolEnum = _enum(NeighbourProtocolChoices, 'protocol')
ReachabilityEnum = _enum(ReachabilityChoices, 'reachability')
RunKindEnum = _enum(RunKindChoices, 'kind')
RunStatusEnum = _enum(RunStatusChoices, 'status')
RunTargetStateEnum = _enum(RunTargetStateChoices, 'state')
SecretProviderEnum = _enum(SecretProviderChoices, 'provider')
TargetStatusEnum = _enum(TargetStatusChoices, 'status')
VerdictEnum = _enum(VerdictChoices, 'verdict')
