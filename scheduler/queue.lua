-- A run in Redis: its keys, waves, and what agents do, as Redis Functions.
-- scheduler/queue_code.c makes one library of a first line with the name and
-- `local PROTOCOL, REVISION, DIGEST`, this file, queue_load.lua and
-- queue_read.lua. scheduler/queue.h says what the functions mean.
--
-- Every function has one key, {r:<run>}:meta; the others hang on its prefix,
-- so that a run is one slot. Jobs have numbers 1, 2, … as they are first named.
--
--   meta      hash    protocol plan policy sealed paused cancelled · last (number) total edges · counts w d b c
--                     (the other states are counted by their index) · cursor (into the first wave) · swept (by cancel)
--                     · slices (turns of the waves, for check) · backoff slice (milliseconds, jobs: settable by tests)
--   t:<c>     list    ids of the jobs 100c+1 … 100c+100
--   j:<id>    hash    # number · k kind · p rank · s state · n needs not done · d dependents (numbers; "*" at the end:
--                     more in d:<number>) · f fence · h holder · t started · e ended · z how the newest fence ended ·
--                     a attempts · c crashes · g digest · y category · v passed over · q needs linked so far, while u ·
--                     x<number> extended by that job
--   d:<n>     list    further dependents of job n
--   b:<n>     zset    needs of job n that are failed, dead or blocked
--   ready failed dead zset (-rank, number) · lease delay zset (milliseconds, number) · out why hash number → text
--   miss      set     named by somebody, but not (wholly) loaded
--   prop      list    waves to do: d (a need is resolved), b (it went bad), u (no longer bad), and the job's number
--   wake      list    a token for each agent that may find work; agents block on it
--   ev        stream  0-1, 0-2, …: gapless
--
-- States: u unknown yet, w waiting, r ready, l leased, y delayed, d done, f failed, x dead, b blocked, c cancelled.
-- Waves run in order of their making: a job that is retried and done again can never be overtaken by its old failure.
-- A call does at most `slice` dependents; whoever calls next goes on.
--
-- An ACL user needs: ~{r:* ~gophersnake:* +ping +select +info +fcall +fcall_ro +function|load +time +exists +del +hget +hmget
-- +hset +hsetnx +hdel +hincrby +hexists +lindex +llen +lrange +lpop +rpush +blpop +sadd +srem +scard +smembers +srandmember
-- +zadd +zrem +zpopmin +zrange +zcard +xadd +xlen +xrange +xrevrange +xinfo. All of them: one that lacks stops a function midway.
--
-- (money.lua needs ~{gophersnake}:* +set +expire +pttl +zrangebyscore besides.)
--
-- Room for what comes: the epoch of a rebuilt run goes into meta and behind the arguments that claim, beat, finish and fail
-- have; finish may answer with the next claim behind its word.

local CHUNK, SLICE, SWEEP, INLINE, EVENTS, WAKE = 100, 500, 100, 60, 20000, 16
local TRIES, CRASHES, BACKOFF, HOPS = 3, 3, 1000, 1000

local function refuse(text)
	return redis.error_reply('REFUSED ' .. text)
end

local function pad(number)
	return string.format('%010d', number)
end

local function whole(number)
	return string.format('%.0f', number)
end

-- ---- a call's view of the run ----------------------------------------------------------------------------------------

local function open(keys)
	local meta = keys[1]
	local m = redis.call('HMGET', meta, 'protocol', 'sealed', 'paused', 'cancelled', 'policy', 'backoff', 'slice')
	if not m[1] then
		if redis.call('EXISTS', meta) == 1 then
			return nil, redis.error_reply('FOREIGN ' .. meta)
		end
		return nil, redis.error_reply('NORUN there is no such run')
	end
	if m[1] ~= tostring(PROTOCOL) then
		return nil, redis.error_reply('PROTOCOL ' .. m[1])
	end
	local time = redis.call('TIME')
	local seconds, micros = tonumber(time[1]), tonumber(time[2])
	return {
		p = meta:sub(1, -5), meta = meta, sealed = m[2] == '1', paused = m[3] == '1', cancelled = m[4] == '1', policy = m[5],
		backoff = tonumber(m[6]) or BACKOFF, left = tonumber(m[7]) or SLICE,
		ms = seconds * 1000 + math.floor(micros / 1000), us = seconds * 1000000 + micros,
		w = 0, d = 0, b = 0, c = 0, total = 0, edges = 0,
	}
end

local function name(r, number)
	return redis.call('LINDEX', r.p .. 't:' .. math.floor((number - 1) / CHUNK), (number - 1) % CHUNK)
end

local function event(r, kind, number, extra)
	redis.call('XADD', r.p .. 'ev', 'MAXLEN', '~', EVENTS, '0-*', 'e', kind, 'j', number, 't', whole(r.ms), 'x', extra or '')
end

local function pending(r)
	return redis.call('EXISTS', r.p .. 'prop') == 1 or (r.cancelled and redis.call('HEXISTS', r.meta, 'swept') == 1)
end

-- Nothing is ready and nothing will be.
local function over(r)
	return r.sealed and redis.call('HGET', r.meta, 'w') == '0' and redis.call('EXISTS', r.p .. 'ready', r.p .. 'lease', r.p .. 'delay') == 0
		and not pending(r)
end

-- As many tokens as there is work for. A token that is lost with its agent costs the others at most the second that
-- they block; every call sets it right again. Tokens for which there is no work any more are taken away by the claim that
-- finds none.
local function wake(r, found_none)
	local want, have = 0, redis.call('LLEN', r.p .. 'wake')
	if have >= WAKE and not found_none then
		return
	end
	if r.sealed and not r.paused then
		want = math.min(redis.call('ZCARD', r.p .. 'ready'), WAKE)
	end
	if want == 0 then
		if r.cancelled or over(r) then
			want = WAKE
		elseif pending(r) then
			want = 1
		end
	end
	if want == 0 and have > 0 then
		redis.call('DEL', r.p .. 'wake')
	end
	for _ = have + 1, want do
		redis.call('RPUSH', r.p .. 'wake', '1')
	end
end

local function close(r, found_none)
	for _, field in ipairs({'w', 'd', 'b', 'c', 'total', 'edges'}) do
		if r[field] ~= 0 then
			redis.call('HINCRBY', r.meta, field, r[field])
		end
	end
	wake(r, found_none)
end

local function make_ready(r, key, number, rank)
	if r.cancelled then
		redis.call('HSET', key, 's', 'c')
		r.c = r.c + 1
		return
	end
	redis.call('HSET', key, 's', 'r')
	redis.call('ZADD', r.p .. 'ready', string.format('%.17g', -tonumber(rank)), pad(number))
end

-- ---- waves -----------------------------------------------------------------------------------------------------------

-- What has been passed over goes on without being told again: it passes nothing on, whatever becomes of it at a later try.
local function apply(r, wave, source, number)
	local key = r.p .. 'j:' .. name(r, number)
	local j = redis.call('HMGET', key, 's', 'n', 'p', 'd', 'v')
	if wave == 'd' then
		local left = tonumber(j[2]) - 1
		redis.call('HSET', key, 'n', left)
		if left == 0 and j[1] == 'w' then
			r.w = r.w - 1
			make_ready(r, key, number, j[3])
		end
	elseif wave == 'b' then
		redis.call('ZADD', r.p .. 'b:' .. number, source, source)
		if j[1] == 'w' then
			redis.call('HSET', key, 's', 'b')
			r.w, r.b = r.w - 1, r.b + 1
			event(r, 'blocked', number)
			if j[4] and not j[5] then
				redis.call('RPUSH', r.p .. 'prop', 'b' .. number)
			end
		end
	elseif redis.call('ZREM', r.p .. 'b:' .. number, source) == 1 and j[1] == 'b' and redis.call('EXISTS', r.p .. 'b:' .. number) == 0 then
		-- The need that was bad is not done, so n > 0: it waits again.
		r.b = r.b - 1
		redis.call('HSET', key, 's', r.cancelled and 'c' or 'w')
		if r.cancelled then
			r.c = r.c + 1
		else
			r.w = r.w + 1
			event(r, 'unblocked', number)
		end
		if j[4] and not j[5] then
			redis.call('RPUSH', r.p .. 'prop', 'u' .. number)
		end
	end
end

-- At most count dependents from position first (0, 1, …), and whether these are the last.
local function dependents(r, number, inline, first, count)
	local out, at = {}, 0
	for dependent in inline:gmatch('%d+') do
		if at >= first and #out < count then
			out[#out + 1] = tonumber(dependent)
		end
		at = at + 1
	end
	if inline:sub(-1) == '*' then
		local list = r.p .. 'd:' .. number
		if #out < count then
			local skip = math.max(0, first - at)
			for _, dependent in ipairs(redis.call('LRANGE', list, skip, skip + count - #out - 1)) do
				out[#out + 1] = tonumber(dependent)
			end
		end
		at = at + redis.call('LLEN', list)
	end
	return out, first + #out >= at
end

local function drain(r)
	local turned = false
	while r.left > 0 do
		local head = redis.call('LINDEX', r.p .. 'prop', 0)
		if not head then
			break
		end
		local wave, number = head:sub(1, 1), tonumber(head:sub(2))
		local cursor = tonumber(redis.call('HGET', r.meta, 'cursor')) or 0
		local inline = redis.call('HGET', r.p .. 'j:' .. name(r, number), 'd') or ''
		local batch, last = dependents(r, number, inline, cursor, r.left)
		for _, dependent in ipairs(batch) do
			apply(r, wave, number, dependent)
		end
		r.left = r.left - math.max(#batch, 1)
		if last then
			redis.call('LPOP', r.p .. 'prop')
			redis.call('HDEL', r.meta, 'cursor')
		else
			redis.call('HSET', r.meta, 'cursor', cursor + #batch)
		end
		turned = true
	end
	if turned then
		redis.call('HINCRBY', r.meta, 'slices', 1)
	end
end

-- Begins a wave. True when it is done and no other is pending.
local function spread(r, wave, number, inline)
	if not inline then
		return false
	end
	if wave == 'd' and inline:sub(-1) ~= '*' and r.left > INLINE and redis.call('EXISTS', r.p .. 'prop') == 0 then
		for dependent in inline:gmatch('%d+') do -- the common case: few, and nobody before them
			apply(r, wave, number, tonumber(dependent))
			r.left = r.left - 1
		end
		return true
	end
	redis.call('RPUSH', r.p .. 'prop', wave .. number)
	drain(r)
	return false
end

-- A final failure. Under the policy "bridge" the dependents of a translation go on without it: the bridge stays.
local function give_up(r, number, j, index)
	redis.call('ZADD', r.p .. index, string.format('%.17g', -tonumber(j.p)), pad(number))
	if j.v then
		return
	end
	if j.k == 't' and r.policy == 'bridge' then
		redis.call('HSET', j.key, 'v', '1')
		spread(r, 'd', number, j.d)
	else
		spread(r, 'b', number, j.d)
	end
end

-- ---- what time brings ------------------------------------------------------------------------------------------------

local function crash(r, number)
	local key = r.p .. 'j:' .. name(r, number)
	local f = redis.call('HMGET', key, 'c', 'h', 'k', 'p', 'd', 'v')
	local crashes = (tonumber(f[1]) or 0) + 1
	local reason = 'its agent ' .. (f[2] or '') .. ' stopped answering (crash ' .. crashes .. ' of ' .. CRASHES .. ')'
	redis.call('ZREM', r.p .. 'lease', pad(number))
	redis.call('HSET', key, 'c', crashes, 'z', 'c', 'e', whole(r.ms), 'y', 'crash')
	redis.call('HSET', r.p .. 'why', number, reason)
	if crashes < CRASHES or r.cancelled then
		event(r, 'crashed', number, f[2])
		make_ready(r, key, number, f[4])
	else
		event(r, 'dead', number, f[2])
		redis.call('HSET', key, 's', 'x')
		give_up(r, number, {key = key, k = f[3], p = f[4], d = f[5], v = f[6]}, 'dead')
	end
end

local function cancel_some(r)
	local swept = tonumber(redis.call('HGET', r.meta, 'swept'))
	if not swept or r.left <= 0 then
		return
	end
	local last = tonumber(redis.call('HGET', r.meta, 'last'))
	local stop = math.min(last, swept + r.left)
	for number = swept + 1, stop do
		local key = r.p .. 'j:' .. name(r, number)
		local state = redis.call('HGET', key, 's')
		local index = ({r = 'ready', l = 'lease', y = 'delay'})[state]
		if index then
			redis.call('ZREM', r.p .. index, pad(number))
		end
		if index or state == 'w' then
			redis.call('HSET', key, 's', 'c')
			r.c = r.c + 1
			r.w = r.w - (state == 'w' and 1 or 0)
		end
	end
	r.left = r.left - (stop - swept)
	if stop == last then
		redis.call('HDEL', r.meta, 'swept')
	else
		redis.call('HSET', r.meta, 'swept', stop)
	end
	redis.call('HINCRBY', r.meta, 'slices', 1)
end

local function sweep(r)
	local moved, others = 0, redis.call('EXISTS', r.p .. 'delay', r.p .. 'prop') > 0
	for _, member in ipairs(redis.call('ZRANGE', r.p .. 'lease', '-inf', whole(r.ms), 'BYSCORE', 'LIMIT', 0, SWEEP)) do
		crash(r, tonumber(member))
		moved = moved + 1
	end
	for _, member in ipairs(others and redis.call('ZRANGE', r.p .. 'delay', '-inf', whole(r.ms), 'BYSCORE', 'LIMIT', 0, SWEEP) or {}) do
		local key = r.p .. 'j:' .. name(r, tonumber(member))
		redis.call('ZREM', r.p .. 'delay', member)
		make_ready(r, key, tonumber(member), redis.call('HGET', key, 'p'))
		moved = moved + 1
	end
	if others then
		drain(r)
	end
	if r.cancelled then
		cancel_some(r)
	end
	return moved
end

-- ---- agents ----------------------------------------------------------------------------------------------------------

-- args: agent, lease in milliseconds. Answers: job or '', fence, tries that ended, finished, paused, cancelled, milliseconds
-- until a lease or delay runs out (-1: none), whether waves are pending, stuck (jobs wait, and nothing can free them), sealed.
local function claim(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	sweep(r)
	local out = {'', 0, 0, 0, r.paused and 1 or 0, r.cancelled and 1 or 0, -1, 0, 0, r.sealed and 1 or 0}
	local top = r.sealed and not r.paused and not r.cancelled and redis.call('ZPOPMIN', r.p .. 'ready')[1]
	if top then
		local number = tonumber(top)
		local id = name(r, number)
		local key = r.p .. 'j:' .. id
		local f = redis.call('HMGET', key, 'f', 'a', 'c')
		local fence = whole(math.max((tonumber(f[1]) or 0) + 1, r.us))
		redis.call('HSET', key, 's', 'l', 'f', fence, 'h', args[1], 't', whole(r.ms), 'z', '')
		redis.call('ZADD', r.p .. 'lease', whole(r.ms + tonumber(args[2])), top)
		event(r, 'claimed', number, args[1])
		out[1], out[2], out[3] = id, fence, (tonumber(f[2]) or 0) + (tonumber(f[3]) or 0)
		close(r)
		return out
	end
	close(r, true)
	for _, index in ipairs({'lease', 'delay'}) do
		local due = redis.call('ZRANGE', r.p .. index, 0, 0, 'WITHSCORES')[2]
		local left = due and math.max(0, tonumber(due) - r.ms)
		if left and (out[7] < 0 or left < out[7]) then
			out[7] = left
		end
	end
	out[4], out[8] = over(r) and 1 or 0, pending(r) and 1 or 0
	if out[4] == 0 and out[7] < 0 and out[8] == 0 and r.sealed and redis.call('EXISTS', r.p .. 'ready') == 0 then
		out[9] = 1
	end
	return out
end

-- args: lease in milliseconds, then job and fence of each job that an agent holds. Answers 1 for each that is lost.
local function beat(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local out = {}
	for i = 2, #args, 2 do
		local f = redis.call('HMGET', r.p .. 'j:' .. args[i], '#', 's', 'f')
		local lost = f[2] ~= 'l' or f[3] ~= args[i + 1] or r.cancelled
		if not lost then
			redis.call('ZADD', r.p .. 'lease', 'XX', whole(r.ms + tonumber(args[1])), pad(tonumber(f[1])))
		end
		out[#out + 1] = lost and 1 or 0
	end
	return out
end

-- The job's fields if it is leased under this fence, else what to answer. how: what z says after the call, for repeats.
local function held(r, id, fence, how)
	local key = r.p .. 'j:' .. id
	local f = redis.call('HMGET', key, '#', 's', 'f', 'z', 'k', 'p', 'd', 'v', 'a', 'h')
	if not f[1] or f[2] == 'u' then
		return nil, refuse('there is no job ' .. id)
	end
	if f[3] ~= fence then
		return nil, {'STALE'}
	end
	if f[4] == how then
		return nil, {'REPEATED'}
	end
	if f[2] ~= 'l' or r.cancelled then
		return nil, {'STALE'}
	end
	return {key = key, number = tonumber(f[1]), k = f[5], p = f[6], d = f[7], v = f[8], a = tonumber(f[9]) or 0, h = f[10]}
end

-- args: job, fence, digest, outcome.
local function finish(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local j, answer = held(r, args[1], args[2], 'd')
	if not j then
		return answer
	end
	redis.call('ZREM', r.p .. 'lease', pad(j.number))
	redis.call('HSET', j.key, 's', 'd', 'e', whole(r.ms), 'z', 'd')
	if args[3] ~= '' then
		redis.call('HSET', j.key, 'g', args[3])
	end
	if args[4] ~= '' then
		redis.call('HSET', r.p .. 'out', j.number, args[4])
	end
	r.d = r.d + 1
	event(r, 'done', j.number, j.h)
	if j.v or not spread(r, 'd', j.number, j.d) then
		drain(r)
	end
	close(r)
	return {'ACCEPTED'}
end

-- args: job, fence, '1' to try again, category, reason.
local function fail(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local j, answer = held(r, args[1], args[2], 'f')
	if not j then
		return answer
	end
	local again = args[3] == '1' and j.a < TRIES
	redis.call('ZREM', r.p .. 'lease', pad(j.number))
	redis.call('HSET', j.key, 's', again and 'y' or 'f', 'e', whole(r.ms), 'z', 'f', 'a', j.a + 1, 'y', args[4])
	redis.call('HSET', r.p .. 'why', j.number, args[5])
	event(r, again and 'delayed' or 'failed', j.number, args[4])
	if again then
		-- 1 s, 4 s, 16 s and up to a quarter more, so that what failed together does not come back together.
		local delay = r.backoff * 4 ^ j.a
		redis.call('ZADD', r.p .. 'delay', whole(r.ms + delay * (1 + (r.us % 1000) / 4000)), pad(j.number))
	else
		give_up(r, j.number, j, 'failed')
	end
	drain(r)
	close(r)
	return {'ACCEPTED'}
end

-- args: job, fence.
local function release(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local j, answer = held(r, args[1], args[2], 'r')
	if not j then
		return answer
	end
	redis.call('ZREM', r.p .. 'lease', pad(j.number))
	redis.call('HSET', j.key, 'z', 'r')
	make_ready(r, j.key, j.number, j.p)
	event(r, 'released', j.number, j.h)
	close(r)
	return {'ACCEPTED'}
end

-- Answers how many jobs it moved, and whether waves are pending.
local function reap(keys)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local moved = sweep(r)
	close(r)
	return {moved, pending(r) and 1 or 0}
end

-- ---- people ----------------------------------------------------------------------------------------------------------

-- args: '1' to pause, '0' to resume.
local function pause(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	if r.paused ~= (args[1] == '1') then
		r.paused = args[1] == '1'
		redis.call('HSET', r.meta, 'paused', args[1])
		event(r, r.paused and 'paused' or 'resumed', 0)
		close(r)
	end
	return {'OK'}
end

-- Answers whether more is to do.
local function cancel(keys)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	if not r.cancelled then
		redis.call('HSET', r.meta, 'cancelled', '1', 'swept', 0)
		r.cancelled = true
		event(r, 'cancelled', 0)
	end
	drain(r)
	cancel_some(r)
	close(r)
	return {pending(r) and 1 or 0}
end

-- args: job. OK, or AGAIN: one of the failures that block it gets another try; ask again for the others.
local function retry(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local id = args[1]
	local key = r.p .. 'j:' .. id
	local f = redis.call('HMGET', key, '#', 's')
	local number, state = tonumber(f[1]), f[2]
	if not state or state == 'u' then
		return refuse('there is no job ' .. id)
	end
	if r.cancelled then
		return refuse('the run is cancelled: start another')
	end
	if state == 'd' then
		return refuse(id .. ' is done')
	end
	local answer = 'OK'
	if state == 'b' then
		answer = 'AGAIN'
		drain(r) -- what blocked it may be retried already
		for _ = 1, HOPS do
			local need = redis.call('ZRANGE', r.p .. 'b:' .. number, 0, 0)[1]
			if not need then
				break
			end
			number = tonumber(need)
		end
		key = r.p .. 'j:' .. name(r, number)
		state = redis.call('HGET', key, 's')
	end
	if state == 'f' or state == 'x' then
		local g = redis.call('HMGET', key, 'p', 'd', 'v')
		redis.call('ZREM', r.p .. (state == 'f' and 'failed' or 'dead'), pad(number))
		redis.call('HDEL', key, 'a', 'c')
		redis.call('HSET', key, 'z', 't')
		make_ready(r, key, number, g[1])
		event(r, 'retried', number)
		if not g[3] then
			spread(r, 'u', number, g[2])
		end
	end
	drain(r)
	close(r)
	return {answer}
end

redis.register_function('gophersnake_claim', claim)
redis.register_function('gophersnake_beat', beat)
redis.register_function('gophersnake_finish', finish)
redis.register_function('gophersnake_fail', fail)
redis.register_function('gophersnake_release', release)
redis.register_function('gophersnake_reap', reap)
redis.register_function('gophersnake_pause', pause)
redis.register_function('gophersnake_cancel', cancel)
redis.register_function('gophersnake_retry', retry)
