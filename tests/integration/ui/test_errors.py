"""Each error code has a page that says what happened and what to do."""

from django.test.utils import override_settings
from django.urls import reverse
from django.utils.html import escape

from netbox_netops.errors import error_url
from netbox_netops.models import RunTarget
from netops_worker.errors import ERRORS

from .base import UiCase


class ErrorPageTest(UiCase):
    def test_every_code(self):
        for code, info in ERRORS.items():
            with self.subTest(code=code):
                url = error_url(code)
                self.assertEqual(url, f'/plugins/netops/errors/{code}/')
                response = self.client.get(url)
                self.assertHttpStatus(response, 200)
                self.assertEqual(response.context['error'], info)
                self.assertContains(response, code)
                self.assertContains(response, escape(info.hint))

    def test_unknown_codes(self):
        for code in ('future:code', 'x', '..'):
            self.assertEqual(error_url(code), '')
            self.page(f'/plugins/netops/errors/{code}/', 404)

    def test_rows_are_linked_for_those_who_may_see_them(self):
        url, rows = error_url('credential:none'), f'{self.url(RunTarget, "list")}?error_code=credential%3Anone'
        self.assertNotIn(rows, self.page(url))
        self.grant('view', RunTarget)
        self.assertIn(rows, self.page(url))

    @override_settings(LOGIN_REQUIRED=False)
    def test_needs_a_login(self):
        self.client.logout()
        for method in (self.client.get, self.client.head):
            response = method(error_url('credential:none'))
            self.assertHttpStatus(response, 302)
            self.assertTrue(response.url.startswith(reverse('login')))
