/**
 * The Lua scripts of the audit protocol. They alone write a stream's keys; each is one atomic step, fenced by the epoch or
 * by the job id, and harmless when a reconnecting client sends it twice.
 *
 * Keys of a stream, all with one hash tag:
 *   S  hash    receivedCursor, receivedSeq, receivedPage, receivedAt, indexedCursor, indexedSeq, indexedAt
 *   E  string  epoch: a random token, new with every lease taken and with every rewind
 *   L  string  lease: the holder's instance, with an expiry
 *   F  hash    in flight: seq -> done|at|jobId|after (done: 0 or 1; at: ms; the cursor comes last, it may hold anything)
 *   Y  set     job ids that were settled before their batch was accepted
 *
 * A cursor '' means none. The protocol was model-checked; its rules are numbered as there.
 */

/** Moves the watermark over every batch that is done, in order (rule 5). Part of `accept` and `settle`. */
const advance = `
local function advance(S, F)
  local seq = tonumber(redis.call('HGET', S, 'indexedSeq'))
  while true do
    local entry = redis.call('HGET', F, tostring(seq + 1))
    if not entry or string.sub(entry, 1, 1) ~= '1' then break end
    seq = seq + 1
    local at, after = string.match(entry, '^1|(%d+)|[^|]*|(.*)$')
    redis.call('HSET', S, 'indexedSeq', tostring(seq), 'indexedCursor', after, 'indexedAt', at)
    redis.call('HDEL', F, tostring(seq))
  end
end
`;

/**
 * Rule 2. KEYS: L, E. ARGV: holder, ttl (ms), token.
 * Returns 1 when the lease is taken (or was, by this very command sent before), else 0.
 */
export const take = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  redis.call('SET', KEYS[2], ARGV[3])
  return 1
end
if redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('GET', KEYS[2]) == ARGV[3] then return 1 end
return 0
`;

/** KEYS: L, E. ARGV: holder, ttl (ms), token. Returns 1 when the lease was still held in this epoch and now lasts longer. */
export const renew = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[3] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`;

/** KEYS: L. ARGV: holder. Gives the lease back at once, so that another fetcher need not wait for its end. */
export const release = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`;

/**
 * Rule 2. KEYS: S, E, L, F, Y. ARGV: token, holder, checkpoint.
 * Returns 'ok', 'exists' (a stream is there already) or 'fenced'.
 */
export const init = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] or redis.call('GET', KEYS[3]) ~= ARGV[2] then return 'fenced' end
if redis.call('EXISTS', KEYS[1]) == 1 then return 'exists' end
redis.call('HSET', KEYS[1], 'receivedCursor', ARGV[3], 'receivedSeq', '0', 'receivedPage', '',
  'indexedCursor', ARGV[3], 'indexedSeq', '0')
redis.call('DEL', KEYS[4], KEYS[5])
return 'ok'
`;

/**
 * Rule 4. KEYS: S, E, F, Y. ARGV: token, seq, before, after, jobId, page, empty (0 or 1), at (ms).
 * Returns 'accepted', 'fenced' (the lease is lost: stop polling) or 'moved' (drop the page and read again).
 */
export const accept = `${advance}
local S, E, F, Y = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local token, seq, before, after, jobId, page, empty, at =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
if redis.call('EXISTS', S) == 0 or redis.call('GET', E) ~= token then return 'fenced' end
local received = redis.call('HMGET', S, 'receivedSeq', 'receivedCursor')
if tonumber(received[1]) + 1 ~= tonumber(seq) or received[2] ~= before then return 'moved' end
local done = '0'
if empty == '1' or redis.call('SISMEMBER', Y, jobId) == 1 then done = '1' end
redis.call('HSET', F, seq, done .. '|' .. at .. '|' .. jobId .. '|' .. after)
redis.call('HSET', S, 'receivedSeq', seq, 'receivedCursor', after, 'receivedPage', page, 'receivedAt', at)
redis.call('DEL', Y)
advance(S, F)
return 'accepted'
`;

/**
 * Rule 5. KEYS: S, F, Y, and what is of no use once the batch is settled (its payload). ARGV: seq, jobId.
 * Returns 'settled', 'early' (it overtook its accept, which will find it) or 'stale' (the batch is not, or no longer, in
 * flight). Whatever it returns, the other keys are deleted after it, and the indexer finishes the job.
 */
export const settle = `${advance}
local function settle(S, F, Y, seq, jobId)
  if redis.call('EXISTS', S) == 0 then return 'stale' end
  local entry = redis.call('HGET', F, seq)
  if entry then
    local at, accepted, after = string.match(entry, '^[01]|(%d+)|([^|]*)|(.*)$')
    if accepted ~= jobId then return 'stale' end
    redis.call('HSET', F, seq, '1|' .. at .. '|' .. jobId .. '|' .. after)
    advance(S, F)
    return 'settled'
  end
  if tonumber(redis.call('HGET', S, 'receivedSeq')) + 1 == tonumber(seq) then
    redis.call('SADD', Y, jobId)
    return 'early'
  end
  return 'stale'
end
local result = settle(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2])
for place = 4, #KEYS do redis.call('UNLINK', KEYS[place]) end
return result
`;

/**
 * Rule 6. KEYS: S, E, F, Y. ARGV: token, seq, jobId, newToken.
 * Returns 'rewound' (received = indexed; the caller goes on in the epoch newToken), 'fenced', or 'moved' (that batch is no
 * longer missing).
 */
export const rewind = `
local S, E, F, Y = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
if redis.call('EXISTS', S) == 0 or redis.call('GET', E) ~= ARGV[1] then return 'fenced' end
local entry = redis.call('HGET', F, ARGV[2])
if not entry then return 'moved' end
local done, accepted = string.match(entry, '^([01])|%d+|([^|]*)|')
if done == '1' or accepted ~= ARGV[3] then return 'moved' end
local indexed = redis.call('HMGET', S, 'indexedSeq', 'indexedCursor', 'indexedAt')
redis.call('HSET', S, 'receivedSeq', indexed[1], 'receivedCursor', indexed[2], 'receivedPage', '')
if indexed[3] then redis.call('HSET', S, 'receivedAt', indexed[3]) else redis.call('HDEL', S, 'receivedAt') end
redis.call('DEL', F, Y)
redis.call('SET', E, ARGV[4])
return 'rewound'
`;

/** KEYS: all of a stream that has come to its end. Returns how many there were. Whoever still had the lease is fenced from then on. */
export const forget = `
return redis.call('UNLINK', unpack(KEYS))
`;
