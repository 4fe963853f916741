from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404
from django.shortcuts import render
from django.views.generic import View

from netops_worker.errors import ERRORS

__all__ = ('ErrorView',)


class ErrorView(LoginRequiredMixin, View):
    """What an error code means and what to do, for those who have no other documentation at hand."""

    http_method_names = ('get', 'head', 'options')

    def get(self, request, code):
        if code not in ERRORS:
            raise Http404
        return render(request, 'netbox_netops/error.html', {'code': code, 'error': ERRORS[code]})
