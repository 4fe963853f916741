"""What NetOps adds to NetBox's own GraphQL types."""

from typing import TYPE_CHECKING, Annotated

import strawberry
import strawberry_django

if TYPE_CHECKING:
    from .graphql.types import TargetType

__all__ = ('type_extensions',)


@strawberry.type
class NetOpsTargetExtension:
    models = ('dcim.device', 'virtualization.virtualmachine')

    # Without a resolver: so the optimizer fetches what is asked for inside of it too, restricted by its own types.
    netops_target: Annotated['TargetType', strawberry.lazy('netbox_netops.graphql.types')] | None = (
        strawberry_django.field()
    )


type_extensions = [NetOpsTargetExtension]
