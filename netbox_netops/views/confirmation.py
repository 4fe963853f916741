"""Asking before something is done: a page, or the content of NetBox's modal where the button asked for that."""

from dataclasses import dataclass, field

from django.shortcuts import render
from utilities.htmx import htmx_partial

__all__ = (
    'Confirmation',
    'ask',
)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`lines`: what it concerns; `warnings`: what to know before. `hidden`: sent back with the confirmation.

    Not `possible`: there is nothing to confirm, and no button.
    """

    title: str
    text: str
    button: str
    icon: str
    return_url: str
    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    hidden: dict[str, str] = field(default_factory=dict)
    button_class: str = 'primary'
    possible: bool = True


def ask(request, confirmation: Confirmation):
    template = 'netbox_netops/inc/confirm_form.html' if htmx_partial(request) else 'netbox_netops/confirm.html'
    return render(request, template, {'confirmation': confirmation})
