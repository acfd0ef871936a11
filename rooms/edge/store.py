"""A room in Redis (contract vote-websocket.md): who is connected, each user's vote and its time, the history.

Each change is one script, so that counts, votes and users never disagree. All keys of a room share a hash tag and may
live on any node of a cluster; the clock is Redis's own, one for all processes. All of it may be lost at any moment (law 1):
processes then report their users and votes again, and Postgres has the history up to a minute ago.
"""

from collections.abc import Iterable
from uuid import UUID

from realtime import store
from rooms.ticks import Tick

KIND = "room"
# The ids of the rooms that processes count: open ones, and closed ones whose last ticks are not in Postgres yet.
OPEN = "tl:rooms"
# A ticker that does not come back within this time is replaced.
LEASE_MS = 2_500
# A process that has not reported for this long is dead, and so are its sockets. Processes report each second.
DEAD_AFTER_MS = 8_000
# How long a closed room stays readable here.
CLOSED_FOR_S = 600
# How long processes may take to report a room that Redis had lost. They do in their next second, or in the one after, for the
# first try may use a connection that broke.
REPORT_WITHIN_S = 3
# A vote from further ahead counts as now (contract).
MOST_AHEAD_S = 5

_PARTS = ("meta", "users", "votes", "times", "heard", "beats", "history")


def keys(room_id: UUID | str) -> list[str]:
    """The room's keys, in the order in which the scripts take them."""
    return [f"tl:room:{{{room_id}}}:{part}" for part in _PARTS]


def types(room_ids: Iterable[UUID]) -> dict[str, bytes]:
    """Every key that rooms may have, and its type as Redis names it."""
    sorted_sets = {"beats", "history"}
    of_rooms = {
        key: b"zset" if part in sorted_sets else b"hash"
        for room_id in room_ids
        for key, part in zip(keys(room_id), _PARTS, strict=True)
    }
    return {OPEN: b"set", **of_rooms}


def topic(room_id: UUID | str) -> str:
    """The topic of the room (realtime/pubsub.py)."""
    return store.key(KIND, str(room_id))


def members(ticks: Iterable[Tick]) -> dict[str, int]:
    """Ticks as members of the history, "ts yes no", each with its score, the ts."""
    return {f"{tick.ts} {tick.yes} {tick.no}": tick.ts for tick in ticks}


def tick_of(member: bytes) -> Tick:
    """The tick that a member of the history stands for."""
    return Tick(*map(int, member.split()))


_COMMON = """
local meta, users, votes, times, heard, beats, history = unpack(KEYS)
local function now_us()
    local t = redis.call('TIME')
    return t[1] * 1000000 + t[2]
end
local function now_ms()
    return math.floor(now_us() / 1000)
end
local function withdraw(user)
    local had = redis.call('HGET', votes, user)
    if had then
        redis.call('HINCRBY', meta, had, -1)
        redis.call('HDEL', votes, user)
    end
end
-- A user's processes are one string, each between spaces: " p1 p2 ".
local function leave(user, process)
    local at = redis.call('HGET', users, user)
    if not at then return end
    local from, to = string.find(at, ' ' .. process .. ' ', 1, true)
    if not from then return end
    local left = string.sub(at, 1, from) .. string.sub(at, to + 1)
    if left == ' ' then
        redis.call('HDEL', users, user)
        withdraw(user)
        redis.call('HDEL', times, user)
        redis.call('HDEL', heard, user)
    else
        redis.call('HSET', users, user, left)
    end
end
"""


def _script(body: str) -> str:
    """A script that may use the names above."""
    return _COMMON + body


# Opens the room unless it is open. ARGV: the last second of the history; for how many seconds from now none is counted. Counts
# the votes that are stored.
SEED = _script("""
if redis.call('HEXISTS', meta, 'open') == 1 then return 0 end
local counted = {yes = 0, no = 0}
for _, value in ipairs(redis.call('HVALS', votes)) do counted[value] = counted[value] + 1 end
local last = math.max(tonumber(ARGV[1]), math.floor(now_ms() / 1000) + ARGV[2] - 1)
redis.call('HSET', meta, 'open', '1', 'yes', counted.yes, 'no', counted.no, 'last', string.format('%d', last))
for _, key in ipairs(KEYS) do redis.call('PERSIST', key) end
return 1
""")

# ARGV, in seconds: how long the keys stay; how long processes may take to report a room that Redis had lost. Returns 1 when no
# more ticks will come; 0 when the room had been lost: call it again.
CLOSE = _script("""
local open = redis.call('HGET', meta, 'open')
if open ~= '0' then redis.call('HSET', meta, 'open', '0', 'final', open and 0 or now_ms() + ARGV[2] * 1000) end
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[1]) end
return tonumber(redis.call('HGET', meta, 'final') or 0) <= now_ms() and 1 or 0
""")

# ARGV: user, process. Returns 1: in; 2: in, and this process was unknown here; 0: no such open room here (yet).
JOIN = _script("""
if redis.call('HGET', meta, 'open') ~= '1' then return 0 end
local at = redis.call('HGET', users, ARGV[1]) or ' '
if not string.find(at, ' ' .. ARGV[2] .. ' ', 1, true) then
    redis.call('HSET', users, ARGV[1], at .. ARGV[2] .. ' ')
end
return 1 + redis.call('ZADD', beats, now_ms(), ARGV[2])
""")

# ARGV: user, process.
LEAVE = _script("leave(ARGV[1], ARGV[2])")

# ARGV: user, "yes", "no" or "cancel", time in seconds, how far ahead it may be, and when it was received, in microseconds, or
# "" for now. Returns "time received" as it counts; "" when it is not the user's latest; 0 when Redis does not know the user as
# connected. Of equal times the one received last wins (contract), also when processes report votes again.
VOTE = _script("""
if redis.call('HEXISTS', users, ARGV[1]) == 0 then return 0 end
local last, before = tonumber(redis.call('HGET', times, ARGV[1]) or ''), tonumber(redis.call('HGET', heard, ARGV[1]) or 0)
local at, received, now = tonumber(ARGV[3]), tonumber(ARGV[5]), now_ms() / 1000
-- Too far ahead: it counts as now, and is still the latest.
if at > now + tonumber(ARGV[4]) then at = math.max(now, last or 0) end
-- New votes are received in the order in which they come, also when the clock is set back.
if not received then received = math.max(now_us(), before + 1) end
if last and (at < last or at == last and received <= before) then return '' end
local shown, order = string.format('%.17g', at), string.format('%.0f', received)
redis.call('HSET', times, ARGV[1], shown)
redis.call('HSET', heard, ARGV[1], order)
withdraw(ARGV[1])
if ARGV[2] ~= 'cancel' then
    redis.call('HSET', votes, ARGV[1], ARGV[2])
    redis.call('HINCRBY', meta, ARGV[2], 1)
end
return shown .. ' ' .. order
""")

# ARGV: process. Returns 1 when it is known here; 0 when it must report its users again.
BEAT = _script("""
if not redis.call('ZSCORE', beats, ARGV[1]) then return 0 end
redis.call('ZADD', beats, now_ms(), ARGV[1])
return 1
""")

# The answer of TICK to the process that has counted a second.
COUNTED = 1
# ARGV: process, lease in ms, dead after ms. Counts this second, once, if the lease is ours or free; the dead
# processes' users leave first. Returns {what happened, the time in ms}: 1 counted, 2 counted before, 0 another process's turn, -1
# not open. `since`, when the lease was taken, gives other processes time to report after Redis was away.
TICK = _script("""
local now = now_ms()
local state = redis.call('HMGET', meta, 'open', 'holder', 'until', 'since', 'last')
if state[1] ~= '1' then return {-1, now} end
local mine, free = state[2] == ARGV[1], (tonumber(state[3]) or 0) <= now
if not mine and not free then return {0, now} end
local since = tonumber(state[4])
if not mine or free then since = now end
redis.call('HSET', meta, 'holder', ARGV[1], 'until', now + ARGV[2], 'since', since)
if now - since > tonumber(ARGV[3]) then
    for _, process in ipairs(redis.call('ZRANGEBYSCORE', beats, '-inf', now - ARGV[3])) do
        for _, user in ipairs(redis.call('HKEYS', users)) do leave(user, process) end
        redis.call('ZREM', beats, process)
    end
end
local ts = math.floor(now / 1000)
if (tonumber(state[5]) or 0) >= ts then return {2, now} end
local counted = redis.call('HMGET', meta, 'yes', 'no')
local second = string.format('%d', ts)
redis.call('ZADD', history, ts, second .. ' ' .. counted[1] .. ' ' .. counted[2])
redis.call('HSET', meta, 'last', second)
return {1, now}
""")

# ARGV: process. Releases the lease, so that another process counts the next second.
RELEASE = _script("""
if redis.call('HGET', meta, 'holder') == ARGV[1] then redis.call('HSET', meta, 'until', 0) end
""")
