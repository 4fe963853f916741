"""What NetOps adds to NetBox's own GraphQL types."""

from typing import TYPE_CHECKING, Annotated

import strawberry
import strawberry_django
from utilities.querysets import RestrictedPrefetch

from .models import Target

if TYPE_CHECKING:
    from .graphql.types import TargetType

__all__ = ('type_extensions',)


@strawberry.type
class NetOpsTargetExtension:
    models = ('dcim.device', 'virtualization.virtualmachine')

    @strawberry_django.field(
        prefetch_related=lambda info: RestrictedPrefetch(
            'netops_target', info.context.request.user, 'view', queryset=Target.objects.all()
        ),
    )
    def netops_target(self) -> Annotated['TargetType', strawberry.lazy('netbox_netops.graphql.types')] | None:
        return getattr(self, 'netops_target', None)


type_extensions = [NetOpsTargetExtension]
