-- What a run of wrk says in the end, as one line of JSON for benchmarks/wrk.py; with it, for scripts that count them,
-- how many answers had which status, and every `sample_every`-th answer's body.
threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

function count(status, body)
  statuses[status] = (statuses[status] or 0) + 1
  answered = answered + 1
  if sample_every > 0 and answered % sample_every == 0 then
    samples[#samples + 1] = body
  end
end

statuses, samples, answered, sample_every = {}, {}, 0, 0

function done(summary)
  local total, bodies = {}, {}
  for _, thread in ipairs(threads) do
    for status, n in pairs(thread:get("statuses")) do
      total[status] = (total[status] or 0) + n
    end
    for _, body in pairs(thread:get("samples")) do
      io.write("SAMPLE ", (body:gsub("\n", " ")), "\n")
    end
  end
  for status, n in pairs(total) do
    bodies[#bodies + 1] = string.format('"%d": %d', status, n)
  end
  local errors = summary.errors
  io.write(string.format(
    'REPORT {"us": %d, "requests": %d, "bytes": %d, "statuses": {%s}, "errors": %d, "refused": %d}\n',
    summary.duration, summary.requests, summary.bytes, table.concat(bodies, ", "),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
