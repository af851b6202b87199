-- Second part of the library: how jobs come into a run. See queue.lua.
--
-- Jobs arrive in chunks. Each is there wholly or not at all, and one that is
-- there is left as it is, so that every call may be repeated. A job with more
-- needs than fit into one call comes in parts and stays unknown until the last.

-- From args[at]: id, kind, rank, how many needs were sent in earlier calls, all needs, needs here, and these.
local function read_jobs(args, at)
	local jobs = {}
	while args[at] do
		local job = {id = args[at], kind = args[at + 1], rank = args[at + 2], first = tonumber(args[at + 3]), needs = {}}
		local count = tonumber(args[at + 5])
		for i = 1, count do
			job.needs[i] = args[at + 5 + i]
		end
		job.last = job.first + count >= tonumber(args[at + 4])
		jobs[#jobs + 1] = job
		at = at + 6 + count
	end
	return jobs
end

local function look_up(r, known, id)
	local k = known[id]
	if not k then
		local f = redis.call('HMGET', r.p .. 'j:' .. id, '#', 's', 'v', 'd', 'q', 'n')
		k = {id = id, key = r.p .. 'j:' .. id, number = tonumber(f[1]), s = f[2] or 'u', passed = f[3], inline = f[4] or '',
			linked = tonumber(f[5]) or 0, n = tonumber(f[6]) or 0, expected = f[1] and f[2] == 'u', adds = {}}
		known[id] = k
	end
	return k
end

-- The jobs, or parts, that are not there yet. Makes all checks and no write. extending: their needs must be there, or
-- come earlier in this call.
local function choose_new(r, known, jobs, extending)
	local new, whole_here = {}, {}
	for _, job in ipairs(jobs) do
		local k = look_up(r, known, job.id)
		if k.s == 'u' and job.first >= k.linked and whole_here[job.id] == nil then
			if job.first > k.linked then
				return nil, refuse('job ' .. job.id .. ' arrives from need ' .. job.first .. ' on, and only ' .. k.linked .. ' came before')
			end
			if r.sealed and not extending then
				return nil, refuse('the run is sealed, and job ' .. job.id .. ' is new')
			end
			for _, need in ipairs(job.needs) do
				local other = look_up(r, known, need)
				if extending and other.s == 'u' and not whole_here[need] then
					return nil, refuse('job ' .. job.id .. ' needs ' .. need .. ', which the run does not have')
				end
			end
			whole_here[job.id] = job.last
			new[#new + 1] = job
		end
	end
	return new
end

local function give_number(r, k)
	if not k.number then
		r.last = r.last + 1
		k.number = r.last
		r.names[#r.names + 1] = k.id
		return true
	end
end

local function expect(r, k)
	if give_number(r, k) then
		k.expected = true
		redis.call('HSET', k.key, '#', k.number, 's', 'u')
		redis.call('SADD', r.p .. 'miss', k.number)
	end
end

-- The ids of the new numbers, up to the end of each list at once.
local function flush_names(r)
	local number, at = r.last - #r.names, 1
	while at <= #r.names do
		local count = math.min(CHUNK - number % CHUNK, #r.names - at + 1)
		redis.call('RPUSH', r.p .. 't:' .. math.floor(number / CHUNK), unpack(r.names, at, at + count - 1))
		number, at = number + count, at + count
	end
end

local function flush_adds(r, k)
	if #k.adds == 0 then
		return
	end
	local inline, rest = k.inline, {}
	for _, number in ipairs(k.adds) do
		local longer = inline == '' and whole(number) or inline .. ' ' .. whole(number)
		if inline:sub(-1) ~= '*' and #longer <= INLINE then
			inline = longer
		else
			if inline:sub(-1) ~= '*' then
				inline = inline .. ' *'
			end
			rest[#rest + 1] = whole(number)
		end
	end
	if inline ~= k.inline then
		redis.call('HSET', k.key, 'd', inline)
	end
	for i = 1, #rest, 500 do
		redis.call('RPUSH', r.p .. 'd:' .. k.number, unpack(rest, i, math.min(i + 499, #rest)))
	end
	r.edges = r.edges + #k.adds
end

-- All needs are linked: the job is one of the run.
local function complete(r, k, job)
	if k.linked > 0 then
		redis.call('HDEL', k.key, 'q')
	end
	if k.expected then
		redis.call('SREM', r.p .. 'miss', k.number)
	end
	r.total = r.total + 1
	k.s = 'w'
	if (k.bad or k.linked > 0) and redis.call('EXISTS', r.p .. 'b:' .. k.number) == 1 then
		k.s = 'b'
		r.b = r.b + 1
		event(r, 'blocked', k.number)
	elseif k.n > 0 then
		r.w = r.w + 1
	end
	redis.call('HSET', k.key, '#', k.number, 'k', job.kind, 'p', job.rank, 'n', k.n, 's', k.s)
	if k.n == 0 then
		k.s = 'r'
		make_ready(r, k.key, k.number, job.rank)
	end
end

-- before: entries of jobs that need every new job as well.
local function add_jobs(r, known, jobs, before)
	r.last, r.names = tonumber(redis.call('HGET', r.meta, 'last')), {}
	for _, job in ipairs(jobs) do
		local k = known[job.id]
		if job.last then
			give_number(r, k)
		else
			expect(r, k)
		end
		for _, need in ipairs(job.needs) do
			local other = known[need]
			expect(r, other)
			if other.s ~= 'd' and not other.passed then
				k.n = k.n + 1
				other.adds[#other.adds + 1] = k.number
				if other.s == 'f' or other.s == 'x' or other.s == 'b' then
					redis.call('ZADD', r.p .. 'b:' .. k.number, other.number, other.number)
					k.bad = true
				end
			end
		end
		if job.last then
			complete(r, k, job)
			for _, other in ipairs(before) do
				k.adds[#k.adds + 1] = other.number
				other.n = other.n + 1
			end
		else
			redis.call('HSET', k.key, 'n', k.n, 'q', job.first + #job.needs)
		end
	end
	redis.call('HSET', r.meta, 'last', r.last)
	flush_names(r)
	for _, k in ipairs(before) do
		redis.call('HSET', k.key, 'n', k.n)
	end
	for _, k in pairs(known) do
		flush_adds(r, k)
	end
	for _, job in ipairs(jobs) do
		if known[job.id].s == 'b' and #known[job.id].adds > 0 then
			redis.call('RPUSH', r.p .. 'prop', 'b' .. known[job.id].number)
		end
	end
	drain(r)
end

-- ---- functions -------------------------------------------------------------------------------------------------------

-- args: plan digest, policy, jobs.
local function load(keys, args)
	local plan, policy = args[1], args[2]
	if redis.call('EXISTS', keys[1]) == 0 then
		local p = keys[1]:sub(1, -5)
		for _, key in ipairs({'t:0', 'ready', 'failed', 'dead', 'lease', 'delay', 'out', 'why', 'miss', 'prop', 'wake', 'ev'}) do
			if redis.call('EXISTS', p .. key) == 1 then
				return redis.error_reply('FOREIGN ' .. p .. key)
			end
		end
		redis.call('HSET', keys[1], 'protocol', PROTOCOL, 'plan', plan, 'policy', policy, 'last', 0, 'total', 0,
			'edges', 0, 'slices', 0, 'w', 0, 'd', 0, 'b', 0, 'c', 0)
	end
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local has = redis.call('HMGET', r.meta, 'plan', 'policy')
	if has[1] ~= plan or has[2] ~= policy then
		return redis.error_reply('PLAN digest ' .. has[1] .. ', policy ' .. has[2])
	end
	local known = {}
	local new, refusal = choose_new(r, known, read_jobs(args, 3), false)
	if refusal then
		return refusal
	end
	if #new > 0 and r.cancelled then
		return refuse('the run is cancelled: start another')
	end
	if #new > 0 then
		add_jobs(r, known, new, {})
		close(r)
	end
	return {#new}
end

-- args: `last` and `edges` of the graph that the caller found free of circles. OK, CHANGED (look again), or MISSING with a
-- count and some: job, one that needs it, 'part' when it came in part.
local function seal(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	if r.sealed then
		return {'OK'}
	end
	if r.cancelled then
		return refuse('the run is cancelled: start another')
	end
	local missing = redis.call('SCARD', r.p .. 'miss')
	if missing > 0 then
		local out = {'MISSING', missing}
		for _, number in ipairs(redis.call('SRANDMEMBER', r.p .. 'miss', 3)) do
			local id = name(r, tonumber(number))
			local f = redis.call('HMGET', r.p .. 'j:' .. id, 'd', 'q')
			local first = (f[1] or ''):match('%d+')
			out[#out + 1] = id
			out[#out + 1] = first and name(r, tonumber(first)) or ''
			out[#out + 1] = f[2] and 'part' or ''
		end
		return out
	end
	local m = redis.call('HMGET', r.meta, 'last', 'edges')
	if m[1] ~= args[1] or m[2] ~= args[2] then
		return {'CHANGED'}
	end
	redis.call('HSET', r.meta, 'sealed', '1')
	r.sealed = true
	event(r, 'sealed', 0)
	close(r)
	return {'OK'}
end

local CANNOT_WAIT = {l = 'is being done', d = 'is done', y = 'has been tried already', f = 'has failed', x = 'is dead',
	c = 'is cancelled', u = 'does not exist'}

-- args: holder, fence, count of `before`, these, jobs (needs before what needs them).
local function extend(keys, args)
	local r, problem = open(keys)
	if problem then
		return problem
	end
	local known, before, is_before = {}, {}, {}
	local holder = look_up(r, known, args[1])
	local f = redis.call('HMGET', holder.key, 'f')
	if holder.s == 'u' then
		return refuse('there is no job ' .. args[1])
	end
	if f[1] ~= args[2] or (holder.s ~= 'l' and holder.s ~= 'd') or r.cancelled then
		return refuse('the lease of ' .. args[1] .. ' is lost: ' .. (r.cancelled and 'the run is cancelled' or 'another agent has it or had it'))
	end
	local count = tonumber(args[3])
	for i = 1, count do
		before[i] = look_up(r, known, args[3 + i])
		is_before[args[3 + i]] = true
	end
	local new, refusal = choose_new(r, known, read_jobs(args, 4 + count), true)
	if refusal then
		return refusal
	end
	if #new == 0 then
		return {0}
	end
	if holder.s == 'd' then
		return refuse(args[1] .. ' is done, and job ' .. new[1].id .. ' is new')
	end
	for _, k in ipairs(before) do
		if k.s ~= 'w' and k.s ~= 'r' and k.s ~= 'b' then
			return refuse(k.id .. ' cannot wait for further jobs: it ' .. CANNOT_WAIT[k.s])
		end
	end
	for _, job in ipairs(new) do
		for _, need in ipairs(job.needs) do
			if is_before[need] and not known[need].passed then
				return refuse('job ' .. job.id .. ' would need ' .. need .. ', which would need it')
			end
		end
	end
	for _, k in ipairs(before) do
		-- It needs the holder too: else it could start between two calls of one extension. (Not one that was passed over: its
		-- end is told to nobody.)
		if not holder.passed and redis.call('HSETNX', k.key, 'x' .. holder.number, '1') == 1 then
			holder.adds[#holder.adds + 1] = k.number
			k.n = k.n + 1
		end
		if k.s == 'r' then
			redis.call('ZREM', r.p .. 'ready', pad(k.number))
			redis.call('HSET', k.key, 's', 'w')
			k.s, r.w = 'w', r.w + 1
		end
	end
	add_jobs(r, known, new, before)
	event(r, 'extended', holder.number, whole(#new))
	close(r)
	return {#new}
end

redis.register_function('gophersnake_load', load)
redis.register_function('gophersnake_seal', seal)
redis.register_function('gophersnake_extend', extend)
