import strawberry
import strawberry_django

from .types import CredentialType, InterfaceStateType, RunTargetType, RunType, ScanResultType, TargetType

__all__ = ('schema',)


@strawberry.type(name='Query')
class NetOpsQuery:
    credential: CredentialType = strawberry_django.field()
    credential_list: list[CredentialType] = strawberry_django.field()

    interface_state: InterfaceStateType = strawberry_django.field()
    interface_state_list: list[InterfaceStateType] = strawberry_django.field()

    run: RunType = strawberry_django.field()
    run_list: list[RunType] = strawberry_django.field()

    run_target: RunTargetType = strawberry_django.field()
    run_target_list: list[RunTargetType] = strawberry_django.field()

    scan_result: ScanResultType = strawberry_django.field()
    scan_result_list: list[ScanResultType] = strawberry_django.field()

    target: TargetType = strawberry_django.field()
    target_list: list[TargetType] = strawberry_django.field()


schema = [NetOpsQuery]
