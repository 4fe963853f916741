"""The objects of NetBox that differences are about, read at once for all of a request, with what a user may do."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from dcim.models import Device, DeviceType, Interface, MACAddress, Platform
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet, prefetch_related_objects
from ipam.models import IPAddress
from utilities.permissions import get_permission_for_model
from virtualization.models import VirtualMachine, VMInterface

from netops_worker.errors import NetOpsError

from ..choices import DifferenceKindChoices as Kind
from ..models import Difference

__all__ = ('Objects',)

# By their names in the `data` of a difference.
_NAMED = {
    'device': Device,
    'device_type': DeviceType,
    'platform': Platform,
    'interface': Interface,
    'remote_interface': Interface,
    'vm_interface': VMInterface,
    'ip_address': IPAddress,
}
# Device types and platforms are only referred to.
_WRITTEN = (Device, VirtualMachine, Interface, VMInterface, IPAddress)
# What NetBox looks at whenever it checks and saves one.
_RELATED = {
    Interface: ('device__site', 'device__location', 'device__rack', 'vrf'),
    VMInterface: ('virtual_machine__site', 'vrf'),
}


class Objects:
    """One instance of each object for all of these differences. Rights are those at the first question.

    Who takes back what he saved must `forget` the instance.
    """

    def __init__(self, differences: Iterable[Difference], user):
        self.user = user
        self._wanted: dict[type[Model], set[int]] = defaultdict(set)
        self._loaded: dict[type[Model], dict[int, Model]] = defaultdict(dict)
        self._permitted: dict[tuple[type[Model], str], set[int]] = {}
        self._mac_values: set[str] = set()
        self._macs: dict[str, list[int]] | None = None
        for difference in differences:
            for model, pk in _references(difference):
                if pk:
                    self._wanted[model].add(pk)
            if difference.kind == Kind.INTERFACE_MAC:
                self._mac_values.add(difference.data['mac'])

    def lock(self) -> None:
        """Nobody else writes to them until the end of the transaction: save() would overwrite it, field by field.

        Comes before anything is read. Always in one order, or two of them could wait for each other in a circle.
        """
        for model in _WRITTEN:
            if pks := self._wanted[model]:
                list(_locked(model.objects.filter(pk__in=pks)).values_list('pk', flat=True))
        self._read_macs(_locked)

    def may(self, model: type[Model], action: str, pks: Collection[int]) -> set[int]:
        """Those of them that the user may do this to, as they are now."""
        allowed = model.objects.restrict(self.user, action).filter(pk__in=pks)
        return set(allowed.order_by().values_list('pk', flat=True))

    def get(self, model: type[Model], pk: int | None, action: str):
        """The object if the user may do this to it. For him others do not exist.

        Raises NetOpsError permission:denied.
        """
        if (model, action) not in self._permitted:
            self._permitted[model, action] = self.may(model, action, self._wanted[model])
        permitted = self._permitted[model, action]
        obj = self._find(model, pk, permitted) if pk in permitted else None
        if obj is None:
            raise NetOpsError('permission:denied', get_permission_for_model(model, action))
        return obj

    def get_mac(self, value: str, interface: Model) -> MACAddress | None:
        """The MAC address object of the interface, or else the only one that is assigned to nothing.

        Raises NetOpsError permission:denied if the user may not assign that one.
        """
        if self._macs is None:
            self._read_macs(lambda queryset: queryset)
        pks = self._macs.get(value, ())
        macs = [self._find(MACAddress, pk, pks) for pk in pks]
        owner = (ContentType.objects.get_for_model(interface).pk, interface.pk)
        for mac in macs:
            if (mac.assigned_object_type_id, mac.assigned_object_id) == owner:
                return mac
        free = [mac.pk for mac in macs if mac.assigned_object_id is None]
        return self.get(MACAddress, free[0], 'change') if len(free) == 1 else None

    def forget(self, obj: Model) -> None:
        """It is read again when it is needed next."""
        self._loaded[type(obj)].pop(obj.pk, None)

    def _find(self, model: type[Model], pk: int, others: Iterable[int]) -> Model | None:
        loaded = self._loaded[model]
        if pk not in loaded:
            self._load(model, model.objects.filter(pk__in={pk, *others} - loaded.keys()))
        return loaded.get(pk)

    def _load(self, model: type[Model], queryset: QuerySet) -> list[Model]:
        objects = list(queryset.order_by('pk'))
        if model is Interface:
            for obj in objects:
                # What is written to the device is seen by its interfaces.
                if device := self._loaded[Device].get(obj.device_id):
                    obj.device = device
        # NetBox's changelog has all of the many-to-many fields, before and after.
        many = (field.name for field in model._meta.many_to_many)
        prefetch_related_objects(objects, *many, *_RELATED.get(model, ()))
        self._loaded[model].update((obj.pk, obj) for obj in objects)
        return objects

    def _read_macs(self, prepare) -> None:
        """Those of the values found that are free, or on one of the interfaces."""
        self._macs = defaultdict(list)
        if not self._mac_values:
            return
        owners = Q(assigned_object_id=None)
        for model in (Interface, VMInterface):
            kind = ContentType.objects.get_for_model(model)
            owners |= Q(assigned_object_type=kind, assigned_object_id__in=self._wanted[model])
        for mac in self._load(MACAddress, prepare(MACAddress.objects.filter(owners, mac_address__in=self._mac_values))):
            self._macs[str(mac.mac_address).lower()].append(mac.pk)
            self._wanted[MACAddress].add(mac.pk)


def _references(difference: Difference) -> Iterator[tuple[type[Model], int | None]]:
    target, data = difference.target, difference.data
    yield Device, target.device_id
    yield VirtualMachine, target.virtual_machine_id
    yield Interface, difference.interface_id
    yield VMInterface, difference.vm_interface_id
    yield IPAddress, difference.ip_address_id
    for name, model in _NAMED.items():
        yield model, data.get(name)


def _locked(queryset: QuerySet) -> QuerySet:
    """Weaker than FOR UPDATE: who only refers to one of the rows, as scans do, need not wait."""
    return queryset.order_by('pk').select_for_update(of=('self',), no_key=True)
