-- Money: accounts in which the worst case of a paid call is reserved before the
-- call and settled after it, so that spent + reserved <= limit at every
-- instant; and how long a model's server is left alone. scheduler/money.h says
-- what the functions mean. Amounts are whole microdollars.
--
-- One key an account, {r:<run>}:money or {gophersnake}:money:day, and what hangs on it:
--
--   <account>        hash    spent reserved over limit · day (days since 1970; of a daily account)
--   <account>:open   hash    id → amount that is reserved
--   <account>:due    zset    id by the millisecond after which its holder counts as gone: its reservation is charged
--   <account>:done   hash    id → amount that was charged; forgotten two days after the newest
--
-- "over" is what a provider charged beyond a reservation although it was the worst case: it counts against the limit.

local KEPT, MONEY_SWEEP = 172800, 100

local function money_text(number)
	return string.format('%.0f', number)
end

local function money_open_account(keys, args)
	local key, daily = keys[1], args[1] == '1'
	local time = redis.call('TIME')
	local seconds = tonumber(time[1])
	local m = redis.call('HMGET', key, 'spent', 'reserved', 'over', 'limit', 'day')
	local a = {
		key = key, ms = seconds * 1000 + math.floor(tonumber(time[2]) / 1000), known = m[1] and true or false,
		spent = tonumber(m[1]) or 0, reserved = tonumber(m[2]) or 0, over = tonumber(m[3]) or 0, limit = tonumber(m[4]) or 0,
	}
	if daily then
		a.day = money_text(math.floor(seconds / 86400))
		if m[5] and m[5] ~= a.day then
			a.spent, a.over = 0, 0 -- what is in flight stays reserved and is charged to the new day
		end
	end
	return a
end

local function money_write(a)
	redis.call('HSET', a.key, 'spent', money_text(a.spent), 'reserved', money_text(a.reserved), 'over', money_text(a.over),
		'limit', money_text(a.limit))
	if a.day then
		redis.call('HSET', a.key, 'day', a.day)
	end
end

local function money_charge(a, id, held, amount)
	local charged = math.min(held, amount)
	a.reserved, a.spent, a.over = a.reserved - held, a.spent + charged, a.over + amount - charged
	redis.call('HDEL', a.key .. ':open', id)
	redis.call('ZREM', a.key .. ':due', id)
	redis.call('HSET', a.key .. ':done', id, money_text(amount))
	redis.call('EXPIRE', a.key .. ':done', KEPT)
end

-- Holders that are gone: nobody knows what their calls cost, so it is the reservation.
local function money_sweep(a)
	for _, id in ipairs(redis.call('ZRANGEBYSCORE', a.key .. ':due', '-inf', money_text(a.ms), 'LIMIT', 0, MONEY_SWEEP)) do
		local held = tonumber(redis.call('HGET', a.key .. ':open', id)) or 0
		money_charge(a, id, held, held)
	end
end

local function money_answer(a, state, amount)
	return {state, money_text(amount), money_text(a.spent), money_text(a.reserved), money_text(a.over)}
end

-- args: daily, spent according to the journals. Only an account that is not there (Redis was lost) takes it.
local function money_begin(keys, args)
	local a = money_open_account(keys, args)
	if not a.known then
		a.spent = tonumber(args[2])
		money_write(a)
	end
	return money_answer(a, 0, 0)
end

-- args: daily, id, amount, limit, milliseconds. 0 = reserved, 1 = not now (others hold too much), 2 = never, 3 = no such account.
local function money_reserve(keys, args)
	local a = money_open_account(keys, args)
	local id, amount, limit = args[2], tonumber(args[3]), tonumber(args[4])
	if not a.known then
		return money_answer(a, 3, 0)
	end
	local held = redis.call('HGET', a.key .. ':open', id)
	if held then
		return money_answer(a, 0, tonumber(held)) -- asked again after a broken connection
	end
	money_sweep(a)
	a.limit = limit
	local state = 0
	if a.spent + a.over + amount > limit then
		state = 2
	elseif a.spent + a.over + a.reserved + amount > limit then
		state = 1
	else
		a.reserved = a.reserved + amount
		redis.call('HSET', a.key .. ':open', id, money_text(amount))
		redis.call('ZADD', a.key .. ':due', money_text(a.ms + tonumber(args[5])), id)
	end
	money_write(a)
	return money_answer(a, state, state == 0 and amount or 0)
end

-- args: daily, id, amount that it really cost. 0 = settled, 1 = it was before (the answer has that amount), 2 = not known here.
local function money_settle(keys, args)
	local a = money_open_account(keys, args)
	local id, amount = args[2], tonumber(args[3])
	local done = redis.call('HGET', a.key .. ':done', id)
	if done then
		return money_answer(a, 1, tonumber(done))
	end
	local held = tonumber(redis.call('HGET', a.key .. ':open', id))
	if held then
		money_charge(a, id, held, amount)
	else -- Redis was lost in between: what fits is spent, the rest is over
		local room = math.max(0, a.limit - a.spent - a.reserved)
		a.reserved = a.reserved + math.min(room, amount)
		money_charge(a, id, math.min(room, amount), amount)
	end
	money_write(a)
	return money_answer(a, held and 0 or 2, amount)
end

-- args: daily.
local function money_read(keys, args)
	local a = money_open_account(keys, args)
	return money_answer(a, a.known and 0 or 3, a.limit)
end

-- Key: of a server that said "later". args: milliseconds to hold everybody back (0: only ask). Answers how long it still lasts.
local function pause_server(keys, args)
	local asked, left = tonumber(args[1]), redis.call('PTTL', keys[1])
	if asked > 0 and asked > left then
		redis.call('SET', keys[1], '1', 'PX', money_text(asked))
		left = asked
	end
	return {money_text(math.max(0, left))}
end

redis.register_function('gophersnake_money_begin', money_begin)
redis.register_function('gophersnake_money_reserve', money_reserve)
redis.register_function('gophersnake_money_settle', money_settle)
redis.register_function({function_name = 'gophersnake_money_read', callback = money_read, flags = {'no-writes'}})
redis.register_function('gophersnake_pause_server', pause_server)
