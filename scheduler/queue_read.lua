-- Third part of the library: reading. Nothing here writes, so that a replica
-- can answer too. See queue.lua.

local STATES = {w = 'waiting', r = 'ready', l = 'leased', y = 'delayed', d = 'done', f = 'failed', x = 'dead', b = 'blocked', c = 'cancelled'}
local KINDS = {s = 'scan', e = 'emit', t = 'translate', p = 'publish'}
local INDEXES = {r = 'ready', l = 'lease', y = 'delay', f = 'failed', x = 'dead'}

-- Why a job is blocked: along the first bad need of each, to the job that failed.
local function chain(r, number)
	local first, state, id, f
	for _ = 1, HOPS do
		local need = redis.call('ZRANGE', r.p .. 'b:' .. number, 0, 0)[1]
		if not need then
			break
		end
		number = tonumber(need)
		id = name(r, number)
		first = first or id
	end
	if not id then
		return ''
	end
	f = redis.call('HMGET', r.p .. 'j:' .. id, 's')
	state = STATES[f[1]] or f[1]
	local text = 'blocked by ' .. id .. ' (' .. state .. ')'
	if first ~= id then
		text = text .. ', through ' .. first
	end
	local why = redis.call('HGET', r.p .. 'why', number)
	return why and why ~= '' and text .. ': ' .. why or text
end

-- Appends the 15 fields of struct queue_job_state, in its order.
local function add_record(r, out, id, f)
	local number = tonumber(f[1])
	local reason = f[3] == 'b' and chain(r, number) or redis.call('HGET', r.p .. 'why', number) or ''
	local fields = {id, KINDS[f[2]] or f[2], STATES[f[3]], f[4] or '', f[5] or '', redis.call('HGET', r.p .. 'out', number) or '', reason,
		f[6] or '', f[7], f[8], f[9] or '0', f[10] or '0', f[11] or '0', f[12] or '0', f[13] or '0'}
	for _, field in ipairs(fields) do
		out[#out + 1] = field
	end
end

local function read_record(r, id)
	local f = redis.call('HMGET', r.p .. 'j:' .. id, '#', 'k', 's', 'h', 'g', 'y', 'p', 'n', 'a', 'c', 'f', 't', 'e')
	return f[3] and f[3] ~= 'u' and f
end

-- The number of the newest event, and how many there ever were: the same, or somebody else wrote into the stream.
local function events(r)
	local newest, added = '0', 0
	local info = redis.pcall('XINFO', 'STREAM', r.p .. 'ev')
	for i = 1, #info, 2 do
		if info[i] == 'last-generated-id' then
			newest = info[i + 1]:match('%-(%d+)$')
		elseif info[i] == 'entries-added' then
			added = info[i + 1]
		end
	end
	return newest, added
end

local function status(keys)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local m = redis.call('HMGET', r.meta, 'plan', 'total', 'w', 'd', 'b', 'c', 'last', 'edges', 'slices')
	local newest, added = events(r)
	return {m[1], r.sealed and 1 or 0, r.paused and 1 or 0, r.cancelled and 1 or 0, over(r) and 1 or 0,
		m[3], redis.call('ZCARD', r.p .. 'ready'), redis.call('ZCARD', r.p .. 'lease'), redis.call('ZCARD', r.p .. 'delay'), m[4],
		redis.call('ZCARD', r.p .. 'failed'), redis.call('ZCARD', r.p .. 'dead'), m[5], m[6], m[2],
		newest, m[7], m[8], m[9], added}
end

-- args: id. Nothing when the run has no such job.
local function job(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local out, f = {}, read_record(r, args[1])
	if f then
		add_record(r, out, args[1], f)
	end
	return out
end

-- args: state's letter or '' for all, cursor, how many to look at. Answers the next cursor ('' at the end) and records.
local function jobs(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local first, count = tonumber(args[2]), tonumber(args[3])
	local out, numbers = {''}, {}
	local index = INDEXES[args[1]]
	if index then
		numbers = redis.call('ZRANGE', r.p .. index, first, first + count - 1)
		if #numbers == count then
			out[1] = whole(first + count)
		end
	else
		local last = tonumber(redis.call('HGET', r.meta, 'last'))
		for number = first + 1, math.min(first + count, last) do
			numbers[#numbers + 1] = number
		end
		if first + count < last then
			out[1] = whole(first + count)
		end
	end
	for _, number in ipairs(numbers) do
		local id = name(r, tonumber(number))
		if args[1] == '' or index or redis.call('HGET', r.p .. 'j:' .. id, 's') == args[1] then
			local f = read_record(r, id)
			if f then
				add_record(r, out, id, f)
			end
		end
	end
	return out
end

-- args: ids. For each its digest or ''.
local function digests(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local out = {}
	for i, id in ipairs(args) do
		out[i] = redis.call('HGET', r.p .. 'j:' .. id, 'g') or ''
	end
	return out
end

-- args: ids. For each its number (0: no such job) and whether it is settled: '1' done or passed over.
local function find(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local out = {}
	for _, id in ipairs(args) do
		local f = redis.call('HMGET', r.p .. 'j:' .. id, '#', 's', 'v')
		local known = f[2] and f[2] ~= 'u'
		out[#out + 1] = known and f[1] or '0'
		out[#out + 1] = known and (f[2] == 'd' or f[3]) and '1' or '0'
	end
	return out
end

-- The run from inside, for seal and check. args: numbers, or 'after', cursor, count. For each number one text of fields with
-- the character 31 between them (names have no control characters): it, id, own number, state, needs, passed, how its fence
-- ended, fence, rank, holder, dependents, bad needs, attempts, crashes.
local function dump(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local out = {}
	if args[1] == 'after' then
		local first, count = tonumber(args[2]), tonumber(args[3])
		args = {}
		for number = first + 1, math.min(first + count, tonumber(redis.call('HGET', r.meta, 'last'))) do
			args[#args + 1] = number
		end
	end
	for _, number in ipairs(args) do
		local id = name(r, tonumber(number)) or ''
		local f = redis.call('HMGET', r.p .. 'j:' .. id, '#', 's', 'n', 'v', 'z', 'f', 'p', 'h', 'd', 'a', 'c')
		out[#out + 1] = table.concat({number, id, f[1] or '0', f[2] or '', f[3] or '0', f[4] or '', f[5] or '', f[6] or '0', f[7] or '0',
			f[8] or '', f[9] or '', table.concat(redis.call('ZRANGE', r.p .. 'b:' .. number, 0, -1), ' '), f[10] or '0', f[11] or '0'}, '\31')
	end
	return out
end

redis.register_function({function_name = 'gophersnake_status', callback = status, flags = {'no-writes'}})
redis.register_function({function_name = 'gophersnake_job', callback = job, flags = {'no-writes'}})
redis.register_function({function_name = 'gophersnake_jobs', callback = jobs, flags = {'no-writes'}})
redis.register_function({function_name = 'gophersnake_digests', callback = digests, flags = {'no-writes'}})
redis.register_function({function_name = 'gophersnake_find', callback = find, flags = {'no-writes'}})
redis.register_function({function_name = 'gophersnake_dump', callback = dump, flags = {'no-writes'}})
redis.register_function({function_name = 'gophersnake_version', flags = {'no-writes', 'allow-stale'}, callback = function()
	return {PROTOCOL, REVISION, DIGEST}
end})
