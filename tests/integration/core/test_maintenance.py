"""Maintenance windows of the config context: when they are open, what is wrong with them, and who keeps to them."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from django.utils import timezone
from extras.models import ConfigContext
from hypothesis import given, settings
from hypothesis import strategies as st
from utilities.testing import TestCase

from netbox_netops.dispatch import enqueue
from netbox_netops.inventory import sync
from netbox_netops.jobs.source import RunSource
from netbox_netops.maintenance import DAYS, check_windows, seconds_left
from netbox_netops.models import RunTarget, Target
from netbox_netops.options import parse_device_options
from netbox_netops.settings import get_settings
from tests.integration.factories import make_credential, make_device, make_site, make_target

BERLIN = ZoneInfo('Europe/Berlin')
# Of the southern hemisphere, of half an hour, and at midnight.
ZONES = ('UTC', 'Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Asia/Beirut', 'Pacific/Apia')


def left(window, now):
    return seconds_left({'maintenance': check_windows([window])}, now)


def hours(window, *now):
    """Hours left at this moment (UTC)."""
    return left(window, datetime(*now, tzinfo=UTC)) / 3600


class TestWeekly:
    NIGHT = {'from': '22:00', 'to': '04:00'}
    DAY = {'from': '09:30', 'to': '17:00'}

    @pytest.mark.parametrize(
        ('time', 'expected'),
        [((9, 29), 0), ((9, 30), 7.5), ((12, 0), 5), ((16, 59, 59), 1 / 3600), ((17, 0), 0), ((23, 0), 0)],
    )
    def test_within_a_day(self, time, expected):
        assert hours(self.DAY, 2026, 5, 6, *time) == pytest.approx(expected)

    @pytest.mark.parametrize(
        ('time', 'expected'),
        [((21, 59), 0), ((22, 0), 6), ((23, 30), 4.5), ((0, 0), 4), ((3, 0), 1), ((4, 0), 0), ((12, 0), 0)],
    )
    def test_over_midnight(self, time, expected):
        assert hours(self.NIGHT, 2026, 5, 6, *time) == pytest.approx(expected)

    def test_days_are_those_on_which_it_begins(self):
        """2026-05-09 is a Saturday."""
        window = self.NIGHT | {'days': ['sat']}
        assert [hours(window, 2026, 5, day, 23) for day in (8, 9, 10)] == [0, 5, 0]
        assert [hours(window, 2026, 5, day, 3) for day in (9, 10, 11)] == [0, 1, 0]

    def test_several_days(self):
        window = self.DAY | {'days': ['mon', 'fri']}
        open_on = [hours(window, 2026, 5, day, 12) > 0 for day in range(4, 11)]
        assert open_on == [True, False, False, False, True, False, False]

    def test_all_day(self):
        window = {'from': '06:00', 'to': '06:00'}
        assert [hours(window, 2026, 5, 6, hour) for hour in (5, 6, 7)] == [1, 24, 23]
        # Only that of Wednesday, which reaches into Thursday.
        window['days'] = ['wed']
        assert [hours(window, 2026, 5, *moment) for moment in ((6, 5), (6, 6), (7, 5), (7, 6))] == [0, 24, 1, 0]

    def test_time_zone_of_netbox(self):
        window = {'from': '02:00', 'to': '04:00'}
        with override_settings(TIME_ZONE='Europe/Berlin'):
            assert hours(window, 2026, 1, 1, 1) == 2
            assert hours(window, 2026, 1, 1, 2) == 1
            assert hours(window, 2026, 7, 1, 1) == 1
            assert hours(window, 2026, 7, 1, 2) == 0

    def test_clock_that_is_put_forward(self):
        """At 01:00 UTC it is 02:00 and then 03:00: an hour of the window is left out."""
        with override_settings(TIME_ZONE='Europe/Berlin'):
            assert hours({'from': '01:00', 'to': '04:00'}, 2026, 3, 29, 0) == 2
            assert hours(self.NIGHT, 2026, 3, 28, 21) == 5
            # What lies in that hour alone never opens.
            window = {'from': '02:00', 'to': '03:00'}
            assert {hours(window, 2026, 3, 29, hour) for hour in range(24)} == {0}

    def test_clock_that_is_put_back(self):
        """At 01:00 UTC it is 03:00 and then 02:00 again: an hour of the window comes twice."""
        with override_settings(TIME_ZONE='Europe/Berlin'):
            assert hours({'from': '01:00', 'to': '04:00'}, 2026, 10, 24, 23) == 4
            window = {'from': '02:00', 'to': '03:00'}
            assert [hours(window, 2026, 10, 25, hour) for hour in (0, 1, 2)] == [2, 1, 0]


class TestAbsolute:
    def test_once(self):
        window = {'start': '2026-05-06T22:00:00+00:00', 'end': '2026-05-08T04:00:00+00:00'}
        assert hours(window, 2026, 5, 6, 21, 59) == 0
        assert hours(window, 2026, 5, 6, 22) == 30
        assert hours(window, 2026, 5, 8, 3) == 1
        assert hours(window, 2026, 5, 8, 4) == 0

    def test_without_an_offset_it_is_the_time_of_netbox(self):
        with override_settings(TIME_ZONE='Europe/Berlin'):
            assert check_windows([{'start': '2026-07-01T00:00', 'end': '2026-07-01T01:00'}]) == [
                {'start': '2026-07-01T00:00:00+02:00', 'end': '2026-07-01T01:00:00+02:00'}
            ]


def test_the_last_of_those_that_are_open_counts():
    windows = [
        {'from': '10:00', 'to': '14:00'},
        {'from': '11:00', 'to': '16:00'},
        {'from': '15:00', 'to': '20:00'},
        {'start': '2026-05-06T11:30+00:00', 'end': '2026-05-06T12:30+00:00'},
    ]
    options = {'maintenance': check_windows(windows)}
    assert seconds_left(options, datetime(2026, 5, 6, 12, tzinfo=UTC)) == 4 * 3600
    assert seconds_left({}, datetime(2026, 5, 6, 12, tzinfo=UTC)) == 0


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ('value', 'said'),
        [
            ({'from': '22:00', 'to': '04:00'}, 'must be a list'),
            ('22:00-04:00', 'must be a list'),
            ([{'from': '22:00', 'to': '04:00'}] * 51, 'at most 50'),
            (['22:00-04:00'], 'list of objects'),
            ([{}], 'names neither'),
            ([{'from': '22:00'}], 'names neither'),
            ([{'from': '22:00', 'to': '04:00', 'day': ['sat']}], 'names neither'),
            ([{'from': '22:00', 'to': '04:00', 'start': 'x', 'end': 'y'}], 'names neither'),
            ([{'start': '2026-05-06T22:00', 'end': '2026-05-07T22:00', 'days': ['sat']}], 'names neither'),
            ([{'from': '22', 'to': '04:00'}], '"from" is not a time'),
            ([{'from': '22:00', 'to': '24:00'}], '"to" is not a time'),
            ([{'from': '22:00', 'to': '4:00'}], '"to" is not a time'),
            ([{'from': 22, 'to': '04:00'}], '"from" is not a time'),
            ([{'from': '22:00', 'to': '04:00\n'}], '"to" is not a time'),
            ([{'from': '22:00', 'to': '04:00', 'days': []}], '"days" are not some of'),
            ([{'from': '22:00', 'to': '04:00', 'days': 'sat'}], '"days" are not some of'),
            ([{'from': '22:00', 'to': '04:00', 'days': ['Sat']}], '"days" are not some of mon, tue'),
            ([{'from': '22:00', 'to': '04:00', 'days': [['sat']]}], '"days" are not some of'),
            ([{'start': '2026-05-06T22:00', 'end': '2026-05-06T22:00'}], 'end is not after its start'),
            ([{'start': '2026-05-06T22:00', 'end': '2026-05-06T21:00'}], 'end is not after its start'),
            ([{'start': 'tonight', 'end': '2026-05-06T21:00'}], '"start" or "end" is not a moment'),
            ([{'start': '2026-13-06T22:00', 'end': '2026-05-06T21:00'}], '"start" or "end" is not a moment'),
            ([{'start': 1, 'end': 2}], '"start" or "end" is not a moment'),
        ],
    )
    def test_it_is_said(self, value, said):
        with pytest.raises(ValueError, match=said):
            check_windows(value)
        options, error = parse_device_options({'maintenance': value})
        assert options == {}
        assert error.startswith('netops.maintenance ')
        assert said in error

    def test_none(self):
        assert check_windows([]) == []
        assert parse_device_options({'maintenance': []}) == ({'maintenance': []}, '')


# Properties

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
_times = st.builds('{:02}:{:02}'.format, st.integers(0, 23), st.integers(0, 59))
_days = st.lists(st.sampled_from(DAYS), min_size=1, unique=True)
_weekly = st.fixed_dictionaries({'from': _times, 'to': _times}, optional={'days': _days})
_moments = st.datetimes(timezones=st.none() | st.sampled_from(ZONES).map(ZoneInfo)).map(datetime.isoformat)
_absolute = st.fixed_dictionaries({'start': _moments, 'end': _moments})
_odd = st.dictionaries(
    st.sampled_from(['from', 'to', 'days', 'start', 'end', 'x']), _times | _moments | _days | _json, max_size=4
)
_now = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@contextmanager
def time_zone(name):
    with override_settings(TIME_ZONE=name):
        yield


@given(value=_json | st.lists(_weekly | _absolute | _odd, max_size=4), zone=st.sampled_from(ZONES), now=_now)
def test_any_value_is_refused_in_words_or_can_be_used(value, zone, now):
    with time_zone(zone):
        try:
            windows = check_windows(value)
        except ValueError:
            return
        # What is stored would be accepted again, and means the same.
        assert check_windows(windows) == windows
        assert seconds_left({'maintenance': windows}, now) >= 0


@given(window=_weekly, now=_now)
def test_weekly_window_by_the_clock(window, now):
    """In a zone without changes of the clock: minute for minute what the words say."""
    with time_zone('UTC'):
        seconds = left(window, now)
    minute = now.hour * 60 + now.minute
    begin, end = (int(window[name][:2]) * 60 + int(window[name][3:]) for name in ('from', 'to'))
    today, yesterday = (DAYS[(now - timedelta(days=back)).weekday()] in window.get('days', DAYS) for back in (0, 1))
    over_midnight = end <= begin
    within = today and begin <= minute and (over_midnight or minute < end)
    within = within or (yesterday and over_midnight and minute < end)
    assert (seconds > 0) == within
    if within:
        following = now + timedelta(seconds=seconds)
        assert (following.hour * 60 + following.minute, following.second, following.microsecond) == (end, 0, 0)
        assert seconds <= 24 * 3600


@settings(max_examples=300)
@given(
    window=_weekly.filter(lambda window: window['from'] != window['to']),
    zone=st.sampled_from(ZONES),
    # Not before the calendar of Samoa lost a day.
    now=st.datetimes(datetime(2012, 1, 2), datetime(2037, 12, 30), timezones=st.just(UTC)),
)
def test_weekly_window_ends_when_it_says(window, zone, now):
    with time_zone(zone):
        seconds = left(window, now)
        # A day and what a change of the clock can add.
        assert 0 <= seconds <= 26 * 3600
        if seconds:
            end = now + timedelta(seconds=seconds)
            assert left(window, end) == 0
            almost = seconds / 2
            assert left(window, now + timedelta(seconds=almost)) == pytest.approx(seconds - almost)
            assert end.astimezone(ZoneInfo(zone)).strftime('%H:%M') >= window['to']


class ContextTest(TestCase):
    """From the config context of NetBox to the work that waits."""

    NIGHT = [{'from': '00:00', 'to': '00:00'}]

    def setUp(self):
        super().setUp()
        make_credential()
        self.site = make_site()

    def context(self, windows, **values):
        context = ConfigContext.objects.create(name='Maintenance', data={'netops': {'maintenance': windows}})
        context.sites.add(values.get('site', self.site))
        sync()
        return context

    def source(self, *targets, **values):
        run = enqueue('device-scan', user=None, devices=[target.device_id for target in targets], **values).run
        return run, RunSource(run, worker='w', settings=get_settings())

    def test_site_in_maintenance_waits_and_the_others_do_not(self):
        within, other = make_target(site=self.site), make_target()
        end = timezone.now() + timedelta(hours=3)
        self.context([{'start': '2026-01-01T00:00:00+00:00', 'end': end.isoformat()}])
        run, source = self.source(within, other)
        self.assertEqual([task.target for task in source.claim(10)], [other.pk])
        row = run.targets.get(target=within)
        self.assertEqual((row.state, row.blocked, row.attempt), ('waiting', 'waiting:maintenance', 0))
        self.assertAlmostEqual(row.next_attempt, end, delta=timedelta(seconds=30))
        self.assertGreater(row.expires, end + timedelta(minutes=50))
        self.assertEqual((source.claim(10), source.again_after), ([], None))

    def test_when_it_ends_the_work_begins(self):
        target = make_target(site=self.site)
        context = self.context(self.NIGHT)
        run, source = self.source(target)
        self.assertEqual(source.claim(10), [])
        context.delete()
        sync()
        RunTarget.objects.update(next_attempt=timezone.now())
        (task,) = source.claim(10)
        self.assertEqual((task.target, task.attempt), (target.pk, 1))
        self.assertEqual(run.targets.get().blocked, '')

    def test_window_that_goes_on_when_it_is_looked_at_again(self):
        target = make_target(site=self.site)
        self.context(self.NIGHT)
        run, source = self.source(target)
        for _time in range(5):
            self.assertEqual(source.claim(10), [])
            row = run.targets.get()
            self.assertEqual((row.state, row.attempt, row.returns), ('waiting', 0, 0))
            RunTarget.objects.update(next_attempt=timezone.now())

    def test_who_waits_for_the_answer_is_not_made_to_wait(self):
        target = make_target(site=self.site)
        self.context(self.NIGHT)
        _run, source = self.source(target, interactive=True)
        self.assertEqual([task.target for task in source.claim(10)], [target.pk])

    def test_device_that_cannot_be_operated_is_refused_at_once(self):
        target = make_target(site=self.site, address=None)
        self.context(self.NIGHT)
        run, source = self.source(target)
        self.assertEqual(source.claim(10), [])
        self.assertEqual(run.targets.get().error_code, 'target:no-address')

    def test_invalid_windows_are_said_at_the_device_and_at_its_runs(self):
        target = make_target(site=self.site)
        self.context([{'from': '22:00', 'to': '25:00'}])
        target.refresh_from_db()
        self.assertEqual(
            target.options_error, 'netops.maintenance has a window whose "to" is not a time such as "22:00"'
        )
        self.assertEqual(target.options, {})
        run, source = self.source(target)
        self.assertEqual(source.claim(10), [])
        row = run.targets.get()
        self.assertEqual(
            (row.state, row.error_code, row.error_detail), ('failed', 'target:invalid-options', target.options_error)
        )

    def test_own_context_of_a_device(self):
        device = make_device(
            site=self.site, address='192.0.2.7', local_context_data={'netops': {'maintenance': self.NIGHT}}
        )
        sync()
        self.assertEqual(Target.objects.get(device=device).options, {'maintenance': self.NIGHT})
