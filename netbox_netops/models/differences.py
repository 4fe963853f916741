from django.db import models
from django.utils.translation import gettext_lazy as _

from ..choices import DifferenceKindChoices
from .base import DatabaseForeignKey, TargetChildModel

__all__ = ('Difference',)

# What is stored of a yes or no, in the language of the reader.
_WORDS = {'enabled': _('Enabled'), 'disabled': _('Disabled')}


class Difference(TargetChildModel):
    """What the newest scan of a target found, where NetBox documents something else.

    The id stands for what the row says: when that changes, so does the id. Who refers to a row by its id has agreed
    to nothing else.
    """

    target = DatabaseForeignKey(
        to='netbox_netops.Target', related_name='differences', verbose_name=_('target'), db_index=False
    )
    kind = models.CharField(verbose_name=_('kind'), max_length=30, choices=DifferenceKindChoices)
    key = models.CharField(
        verbose_name=_('subject'),
        max_length=255,
        blank=True,
        help_text=_('What it is about inside of the target: the name of an interface, an address'),
    )
    found = models.CharField(verbose_name=_('found'), max_length=500, blank=True)
    documented = models.CharField(verbose_name=_('documented'), max_length=500, blank=True)
    data = models.JSONField(default=dict, blank=True)
    applicable = models.BooleanField(
        verbose_name=_('applicable'), help_text=_('Whether NetBox can be changed to what was found by a click')
    )
    ignored = models.BooleanField(
        verbose_name=_('ignored'),
        default=False,
        help_text=_('Muted by a user, for as long as neither side changes'),
    )
    first_seen = models.DateTimeField(verbose_name=_('first seen'))
    interface = DatabaseForeignKey(
        to='dcim.Interface',
        related_name='netops_differences',
        verbose_name=_('interface'),
        blank=True,
        null=True,
        db_index=False,
    )
    vm_interface = DatabaseForeignKey(
        to='virtualization.VMInterface',
        related_name='netops_differences',
        verbose_name=_('VM interface'),
        blank=True,
        null=True,
        db_index=False,
    )
    ip_address = DatabaseForeignKey(
        to='ipam.IPAddress',
        related_name='netops_differences',
        verbose_name=_('IP address'),
        blank=True,
        null=True,
        db_index=False,
    )

    class Meta:
        # The newest scans first, and the rows of each as they were found: in the order of the device.
        ordering = ('-first_seen', 'pk')
        verbose_name = _('difference')
        verbose_name_plural = _('differences')
        indexes = (
            models.Index(fields=('-first_seen', 'id')),
            models.Index(fields=('kind',)),
            models.Index(
                fields=('interface',), condition=models.Q(interface__isnull=False), name='netops_difference_interface'
            ),
            models.Index(
                fields=('vm_interface',),
                condition=models.Q(vm_interface__isnull=False),
                name='netops_difference_vm_interface',
            ),
            models.Index(
                fields=('ip_address',),
                condition=models.Q(ip_address__isnull=False),
                name='netops_difference_ip_address',
            ),
        )
        constraints = (models.UniqueConstraint(name='netops_difference_unique', fields=('target', 'kind', 'key')),)

    def __str__(self):
        # Without the target: printing a list must not cost a query per row.
        return f'{self.get_kind_display()} {self.key}'.strip()

    def get_kind_color(self):
        return DifferenceKindChoices.colors.get(self.kind)

    @property
    def found_display(self) -> str:
        return self._display(self.found)

    @property
    def documented_display(self) -> str:
        return self._display(self.documented)

    def _display(self, value: str) -> str:
        return str(_WORDS.get(value, value)) if self.kind == DifferenceKindChoices.INTERFACE_ENABLED else value
