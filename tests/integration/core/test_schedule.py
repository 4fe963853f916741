"""When a policy is due: in the time zone of NetBox, through the changes of its clock."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from netbox_netops.schedule import check_cron, next_time, next_times
from netops_worker.errors import NetOpsError

BERLIN = ZoneInfo('Europe/Berlin')


@pytest.fixture
def berlin():
    with override_settings(TIME_ZONE='Europe/Berlin'):
        yield


def moments(cron, start, count):
    first = next_time(cron, None, start)
    return [f'{moment:%d.%m. %H:%M %z}' for moment in next_times(cron, None, count, first)]


@pytest.mark.parametrize(
    'expression',
    [
        '0 3 * * *',
        '*/15 * * * *',
        '0 3 * * mon-fri',
        '0 3 1 jan *',
        '0 3 29 2 *',
        '0 3 L * *',
        '0 3 * * 5#2',
        ' 0   3 * * 7 ',
    ],
)
def test_expressions(expression):
    check_cron(expression)


@pytest.mark.parametrize(
    'expression',
    [
        '',
        '@daily',
        '* * * *',
        '* * * * * *',
        '60 * * * *',
        '0 24 * * *',
        '0 0 31 2 *',
        '*/0 * * * *',
        'a b c d e',
        '1,,2 * * * *',
        'R * * * *',
        'H * * * *',
        'r(0-5) * * * *',
        '0 R/2 * * *',
        '\0 * * * *',
        '9' * 95 + ' * * * *',
    ],
)
def test_what_is_none(expression):
    with pytest.raises(NetOpsError) as caught:
        check_cron(expression)
    assert caught.value.code == 'schedule:invalid'
    assert caught.value.detail


def test_a_broken_expression_does_not_pass_as_another_error():
    with pytest.raises(NetOpsError):
        next_time('61 * * * *', None, datetime(2026, 1, 1, tzinfo=UTC))


def test_without_a_schedule():
    assert next_time('', None, datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_the_time_zone_is_that_of_netbox(berlin):
    assert next_time('0 3 * * *', None, datetime(2026, 1, 1, 12, tzinfo=UTC)) == datetime(2026, 1, 2, 2, tzinfo=UTC)
    assert next_time('0 3 * * *', None, datetime(2026, 7, 1, 12, tzinfo=UTC)) == datetime(2026, 7, 2, 1, tzinfo=UTC)


def test_the_clock_is_put_forward(berlin):
    """What falls into the hour that is left out is due at its end."""
    start = datetime(2026, 3, 28, 1, tzinfo=BERLIN)
    assert moments('30 2 * * *', start, 3) == ['28.03. 02:30 +0100', '29.03. 03:00 +0200', '30.03. 02:30 +0200']
    assert moments('*/30 * * * *', datetime(2026, 3, 29, 1, 15, tzinfo=BERLIN), 3) == [
        '29.03. 01:30 +0100',
        '29.03. 03:00 +0200',
        '29.03. 03:30 +0200',
    ]


def test_the_clock_is_put_back(berlin):
    """What names its hour is due once, what is due in every hour is so in the repeated one too."""
    start = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    assert moments('30 2 * * *', start, 2) == ['25.10. 02:30 +0200', '26.10. 02:30 +0100']
    assert moments('30 * * * *', datetime(2026, 10, 25, 1, 45, tzinfo=BERLIN), 3) == [
        '25.10. 02:30 +0200',
        '25.10. 02:30 +0100',
        '25.10. 03:30 +0100',
    ]


@pytest.mark.parametrize('zone', ['Asia/Beirut', 'America/Havana', 'Australia/Lord_Howe', 'Europe/Berlin', 'UTC'])
@pytest.mark.parametrize('cron', ['0 0 * * *', '30 0 * * *', '30 1 * * *', '15 2 * * *', '0 3 * * *'])
def test_daily_is_once_a_day(zone, cron):
    with override_settings(TIME_ZONE=zone):
        moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
        days = []
        for _day in range(400):
            following = next_time(cron, None, moment)
            assert following > moment
            moment = following
            days.append(moment.date())
    assert days == [date(2026, 1, 2) + timedelta(days=number) for number in range(400)]


class TestInterval:
    START = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def test_the_first_time(self):
        assert next_time('', 15, self.START) == self.START + timedelta(minutes=15)

    def test_it_does_not_wander(self):
        after = self.START + timedelta(seconds=3)
        assert next_time('', 15, after, last=self.START) == self.START + timedelta(minutes=15)

    def test_missed_ones_are_left_out(self):
        after = self.START + timedelta(minutes=31)
        assert next_time('', 15, after, last=self.START) == self.START + timedelta(minutes=45)

    def test_exactly_then_is_not_later(self):
        after = self.START + timedelta(minutes=15)
        assert next_time('', 15, after, last=self.START) == self.START + timedelta(minutes=30)

    def test_a_clock_that_was_wrong(self):
        """`last` lies in the future: what it says is worth nothing."""
        last = self.START + timedelta(days=365)
        assert next_time('', 15, self.START, last=last) == self.START + timedelta(minutes=15)

    def test_next_times(self):
        step = timedelta(minutes=15)
        assert next_times('', 15, 3, self.START) == [self.START, self.START + step, self.START + 2 * step]


ZONES = ('UTC', 'Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Asia/Beirut', 'Pacific/Apia')
_minutes = st.integers(0, 59).map(str) | st.sampled_from(['*', '*/5', '*/7', '0,30', '10-20', '59'])
_hours = st.integers(0, 23).map(str) | st.sampled_from(['*', '*/2', '2,3', '22-23', '0-5/2'])
_days = st.integers(1, 28).map(str) | st.sampled_from(['*', 'L', '1,15', '*/10'])
_weekdays = st.sampled_from(['*', 'mon', '0', '7', '1-5', 'sat,sun'])
_crons = st.builds(' '.join, st.tuples(_minutes, _hours, _days, st.sampled_from(['*', '3', '10', 'feb']), _weekdays))
_starts = st.datetimes(datetime(2012, 1, 2), datetime(2037, 1, 1), timezones=st.just(UTC))


@given(cron=_crons, zone=st.sampled_from(ZONES), start=_starts)
def test_always_later_and_never_the_same_moment_twice(cron, zone, start):
    with override_settings(TIME_ZONE=zone):
        found = next_times(cron, None, 4, next_time(cron, None, start))
    assert len(found) == 4
    assert start < found[0]
    assert all(one < two for one, two in itertools.pairwise(found))
    # A month and a day that fall together at the latest.
    assert found[0] - start < timedelta(days=366 * 12)


@given(cron=_crons, zone=st.sampled_from(ZONES), start=_starts, share=st.floats(0, 0.999))
def test_nothing_is_due_before_the_next_time(cron, zone, start, share):
    """Whoever looks again meanwhile finds the same moment."""
    with override_settings(TIME_ZONE=zone):
        following = next_time(cron, None, start)
        meanwhile = start + (following - start) * share
        assert next_time(cron, None, meanwhile) == following


@given(minute=st.integers(0, 59), zone=st.sampled_from(ZONES), start=_starts)
def test_hourly(minute, zone, start):
    """An hour at most, and half an hour more where the clock is put back by that."""
    with override_settings(TIME_ZONE=zone):
        assert next_time(f'{minute} * * * *', None, start) - start <= timedelta(minutes=120)


@given(
    interval=st.integers(1, 60 * 24 * 366),
    after=_starts,
    last=st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),
)
def test_interval_is_always_later_and_at_most_one_interval_away(interval, after, last):
    following = next_time('', interval, after, last=last)
    step = timedelta(minutes=interval)
    assert after < following <= after + step
    if last is not None and last <= after:
        assert (following - last) % step == timedelta()
