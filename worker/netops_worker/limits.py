"""Concurrency, rates and device locks, shared by all workers through Redis: one call for a whole batch.

What is held has a time to live, so that what a killed worker held frees itself. Redis is not the truth about work: when
it was emptied, or started with an old snapshot, `acquire` says so, and `seed` tells it anew what is running.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = (
    'Held',
    'Limit',
    'Limits',
    'NotSeeded',
    'Rate',
    'Verdict',
    'Wish',
)


class _Script(Protocol):
    def __call__(self, *, keys: Sequence[str], args: Sequence[str]) -> Any: ...


class RedisClient(Protocol):
    """What is used of `redis.Redis`."""

    def register_script(self, script: str) -> _Script: ...


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` at the same time of all that names it. `code` (`waiting:…`) says what one waits for."""

    name: str
    most: int
    code: str


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `per_second` starts, after up to `burst` at once."""

    name: str
    per_second: float
    burst: float
    code: str


@dataclass(frozen=True, slots=True)
class Wish:
    """To work on something under the lease `token`; alone on `device`, unless that is None."""

    token: str
    device: int | None = None
    limits: tuple[Limit, ...] = ()
    rates: tuple[Rate, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is empty for what was granted, and else says what to wait for; `seconds` how long, if that is known."""

    code: str = ''
    name: str = ''
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A wish that was granted before, and for how many seconds more."""

    wish: Wish
    seconds: float


class NotSeeded(Exception):
    """Redis does not know what is running: it is new, was emptied, or has started since it was told."""


# Which process of the server it is. What one was told may be missing in the snapshot that the next one starts with.
_RUN_ID = """
local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or 'unknown'
"""

# A wish is granted whole or not at all. What is short of one's own kind is told first, a rate last.
_ACQUIRE = (
    _RUN_ID
    + """
local prefix, given = KEYS[1], cjson.decode(ARGV[1])
if redis.call('GET', prefix .. ':seeded') ~= run_id then return 0 end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local used, tokens, taken = {}, {}, {}
for i, limit in ipairs(given.limits) do
    local key = prefix .. ':limit:' .. limit[1]
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    used[i] = redis.call('ZCARD', key)
end
for i, rate in ipairs(given.rates) do
    local state = redis.call('HMGET', prefix .. ':rate:' .. rate[1], 'tokens', 'at')
    local have, at = tonumber(state[1]) or rate[3], tonumber(state[2]) or now
    tokens[i] = math.min(rate[3], have + math.max(0, now - at) * rate[2])
end
local verdicts = {}
for n, wish in ipairs(given.wishes) do
    local token, device, limits, rates = wish[1], wish[2], wish[3], wish[4]
    local lock = device ~= 0 and prefix .. ':lock:device:' .. device
    local holder = lock and redis.call('GET', lock)
    local verdict = {0, 0, ''}
    if holder and holder ~= token then
        verdict = {1, 0, ''}
    else
        for _, i in ipairs(limits) do
            if used[i] >= given.limits[i][2] then verdict = {2, i, ''} break end
        end
        if verdict[1] == 0 then
            for _, i in ipairs(rates) do
                if tokens[i] < 1 then
                    verdict = {3, i, tostring((1 - tokens[i]) / given.rates[i][2])}
                    break
                end
            end
        end
    end
    if verdict[1] == 0 then
        local names = {}
        for k, i in ipairs(limits) do
            used[i] = used[i] + 1
            names[k] = given.limits[i][1]
            redis.call('ZADD', prefix .. ':limit:' .. names[k], now + given.lease, token)
        end
        for _, i in ipairs(rates) do
            tokens[i] = tokens[i] - 1
            taken[i] = true
        end
        local life = math.ceil(given.lease * 1000)
        if lock then redis.call('SET', lock, token, 'PX', life) end
        redis.call('SET', prefix .. ':held:' .. token, cjson.encode({device, names}), 'PX', life)
    end
    verdicts[n] = verdict
end
for i, rate in ipairs(given.rates) do
    if taken[i] then
        local key = prefix .. ':rate:' .. rate[1]
        redis.call('HSET', key, 'tokens', tostring(tokens[i]), 'at', tostring(now))
        redis.call('PEXPIRE', key, math.ceil(rate[3] / rate[2] * 1000) + 1000)
    end
end
for i, limit in ipairs(given.limits) do
    redis.call('PEXPIRE', prefix .. ':limit:' .. limit[1], math.ceil(given.lease * 1000) + 60000)
end
return verdicts
"""
)

_RELEASE = """
local prefix = KEYS[1]
local released = 0
for _, token in ipairs(ARGV) do
    local held = redis.call('GET', prefix .. ':held:' .. token)
    if held then
        local device, names = unpack(cjson.decode(held))
        for _, name in ipairs(names) do redis.call('ZREM', prefix .. ':limit:' .. name, token) end
        local lock = prefix .. ':lock:device:' .. device
        if device ~= 0 and redis.call('GET', lock) == token then redis.call('DEL', lock) end
        redis.call('DEL', prefix .. ':held:' .. token)
        released = released + 1
    end
end
return released
"""

_SEED = (
    _RUN_ID
    + """
local prefix, given = KEYS[1], cjson.decode(ARGV[1])
if redis.call('GET', prefix .. ':seeded') == run_id then return 0 end
redis.call('SET', prefix .. ':seeded', run_id)
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
for _, held in ipairs(given) do
    local token, device, names, seconds = held[1], held[2], held[3], held[4]
    local life = math.ceil(seconds * 1000)
    for _, name in ipairs(names) do
        redis.call('ZADD', prefix .. ':limit:' .. name, now + seconds, token)
        redis.call('PEXPIRE', prefix .. ':limit:' .. name, life + 60000)
    end
    if device ~= 0 then redis.call('SET', prefix .. ':lock:device:' .. device, token, 'PX', life) end
    redis.call('SET', prefix .. ':held:' .. token, cjson.encode({device, names}), 'PX', life)
end
return 1
"""
)

_USAGE = """
local prefix = KEYS[1]
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local counts = {}
for i, name in ipairs(ARGV) do counts[i] = redis.call('ZCOUNT', prefix .. ':limit:' .. name, now, '+inf') end
return counts
"""


class Limits:
    """`prefix` keeps several NetBoxes on one Redis apart."""

    def __init__(self, redis: RedisClient, prefix: str = 'netops') -> None:
        self._prefix = prefix
        self._acquire, self._release, self._seed, self._usage = map(
            redis.register_script, (_ACQUIRE, _RELEASE, _SEED, _USAGE)
        )

    def acquire(self, wishes: Sequence[Wish], lease_seconds: float) -> list[Verdict]:
        """Grant what the limits leave room for, in this order; a verdict for each wish.

        Raises NotSeeded when Redis cannot know what is running, and what redis-py raises when it does not answer.
        """
        limits: dict[str, tuple[int, Limit]] = {}
        rates: dict[str, tuple[int, Rate]] = {}
        encoded = []
        for wish in wishes:
            for limit in wish.limits:
                limits.setdefault(limit.name, (len(limits) + 1, limit))
            for rate in wish.rates:
                rates.setdefault(rate.name, (len(rates) + 1, rate))
            encoded.append(
                [
                    wish.token,
                    wish.device or 0,
                    [limits[limit.name][0] for limit in wish.limits],
                    [rates[rate.name][0] for rate in wish.rates],
                ]
            )
        limit_list = [limit for _number, limit in limits.values()]
        rate_list = [rate for _number, rate in rates.values()]
        answer = self._acquire(
            keys=[self._prefix],
            args=[
                json.dumps(
                    {
                        'lease': lease_seconds,
                        'limits': [[limit.name, limit.most] for limit in limit_list],
                        'rates': [[rate.name, rate.per_second, rate.burst] for rate in rate_list],
                        'wishes': encoded,
                    },
                    separators=(',', ':'),
                )
            ],
        )
        if answer == 0:
            raise NotSeeded
        return [_verdict(item, limit_list, rate_list) for item in answer]

    def release(self, tokens: Sequence[str]) -> int:
        """Give back what these leases hold. Returns how many held anything still."""
        return self._release(keys=[self._prefix], args=list(tokens)) if tokens else 0

    def seed(self, held: Sequence[Held]) -> bool:
        """Tell a Redis that was emptied or restarted what is running. False when somebody else has done so.

        What an old snapshot holds besides ends with its lease.
        """
        rows = [
            [item.wish.token, item.wish.device or 0, [limit.name for limit in item.wish.limits], item.seconds]
            for item in held
            if item.seconds > 0
        ]
        return bool(self._seed(keys=[self._prefix], args=[json.dumps(rows, separators=(',', ':'))]))

    def usage(self, names: Sequence[str]) -> dict[str, int]:
        """How many are at work under each of these limits."""
        if not names:
            return {}
        return dict(zip(names, self._usage(keys=[self._prefix], args=list(names)), strict=True))


def _verdict(item: Sequence[Any], limits: Sequence[Limit], rates: Sequence[Rate]) -> Verdict:
    what, index, seconds = int(item[0]), int(item[1]), item[2]
    if what == 0:
        return Verdict()
    if what == 1:
        return Verdict('waiting:busy')
    if what == 2:
        limit = limits[index - 1]
        return Verdict(limit.code, limit.name)
    rate = rates[index - 1]
    return Verdict(rate.code, rate.name, float(seconds))
