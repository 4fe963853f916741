"""What may be deleted, and that nothing selected means nothing done."""

from netbox_netops.models import Credential, InterfaceState, Run, RunTarget, ScanResult, Target
from tests.integration.factories import make_site, make_target

from .base import HTMX, UiCase, make_state


class DeletionCase(UiCase):
    def setUp(self):
        super().setUp()
        self.active = make_target('active', address='192.0.2.1')
        self.retired = make_target('retired', address='192.0.2.2')
        self.rows = make_state(self.retired)
        Target.objects.filter(pk=self.retired.pk).update(status='retired')
        self.view_everything()
        self.grant('delete', Run, Target, Credential)
        self.grant('change', Credential)


class TargetTest(DeletionCase):
    def test_only_retired_targets(self):
        url = self.url(Target, 'delete', self.active.pk)
        for response in (self.client.get(url, follow=True), self.client.post(url, {'confirm': True}, follow=True)):
            self.assertEqual(response.redirect_chain[-1][0], self.active.get_absolute_url())
            self.assertIn('Only retired targets', self.messages(response)[0])
        response = self.client.get(url, **HTMX)
        self.assertEqual(response.headers['HX-Redirect'], self.active.get_absolute_url())
        self.assertEqual(Target.objects.count(), 2)

    def test_a_retired_target_goes_with_its_rows(self):
        url = self.url(Target, 'delete', self.retired.pk)
        self.page(url)
        self.assertHttpStatus(self.client.post(url, {'confirm': True}), 302)
        self.assertEqual(list(Target.objects.all()), [self.active])
        self.assertFalse(ScanResult.objects.exists())
        self.assertFalse(InterfaceState.objects.exists())
        # What was done stays on record.
        self.assertEqual(RunTarget.objects.get().target, None)

    def test_buttons(self):
        self.assertIn(self.url(Target, 'delete', self.retired.pk), self.page(self.retired.get_absolute_url()))
        self.assertNotIn(self.url(Target, 'delete', self.active.pk), self.page(self.active.get_absolute_url()))
        page = self.page(self.url(Target, 'list'))
        self.assertIn(self.url(Target, 'delete', self.retired.pk), page)
        self.assertNotIn(self.url(Target, 'delete', self.active.pk), page)

    def bulk(self, data):
        return self.client.post(self.url(Target, 'bulk_delete'), data, follow=True)

    def test_bulk(self):
        both = [self.active.pk, self.retired.pk]
        response = self.bulk({'pk': both})
        self.assertEqual([row.record for row in response.context['table'].rows], [self.retired])
        self.assertIn('1 target is not retired', self.messages(response)[0])
        self.bulk({'pk': both, '_confirm': '1', 'confirm': True})
        self.assertEqual(list(Target.objects.all()), [self.active])

    def test_bulk_all(self):
        response = self.bulk({'_all': '1'})
        self.assertIn('1 target is not retired', self.messages(response)[0])
        self.bulk({'_all': '1', 'pk': [self.retired.pk], '_confirm': '1', 'confirm': True})
        self.assertEqual(list(Target.objects.all()), [self.active])

    def test_bulk_without_any_retired(self):
        response = self.bulk({'pk': [self.active.pk], '_confirm': '1', 'confirm': True})
        self.assertHttpStatus(response, 200)
        self.assertEqual(Target.objects.count(), 2)

    def test_constraints(self):
        self.remove_permissions('netbox_netops.delete_target')
        self.grant('delete', Target, site=make_site('elsewhere').pk)
        self.assertHttpStatus(self.client.post(self.url(Target, 'delete', self.retired.pk), {'confirm': True}), 404)
        self.bulk({'pk': [self.retired.pk], '_confirm': '1', 'confirm': True})
        self.assertEqual(Target.objects.count(), 2)


class RunTest(DeletionCase):
    def test_a_run_goes_with_its_rows_but_not_with_what_it_found(self):
        run = self.rows[Run]
        self.assertHttpStatus(self.client.post(self.url(Run, 'delete', run.pk), {'confirm': True}), 302)
        self.assertFalse(Run.objects.exists())
        self.assertFalse(RunTarget.objects.exists())
        self.assertEqual(ScanResult.objects.get().run_id, None)

    def test_bulk(self):
        data = {'pk': [self.rows[Run].pk], '_confirm': '1', 'confirm': True}
        self.assertHttpStatus(self.client.post(self.url(Run, 'bulk_delete'), data), 302)
        self.assertFalse(Run.objects.exists())


class NothingSelectedTest(DeletionCase):
    def test_nothing_selected_means_nothing_done(self):
        Target.objects.update(status='retired')
        before = {model: model.objects.count() for model in (Credential, Run, Target)}
        for model, action in (
            (Target, 'bulk_delete'),
            (Run, 'bulk_delete'),
            (Credential, 'bulk_delete'),
            (Credential, 'bulk_edit'),
        ):
            for data in ({}, {'_confirm': '1', 'confirm': True}, {'_apply': '1', 'weight': 7}):
                with self.subTest(model=model.__name__, action=action, data=data):
                    response = self.client.post(self.url(model, action), data, follow=True)
                    self.assertHttpStatus(response, 200)
                    self.assertIn('No ', self.messages(response)[0])
        self.assertEqual(before, {model: model.objects.count() for model in (Credential, Run, Target)})
        self.assertFalse(Credential.objects.filter(weight=7).exists())
