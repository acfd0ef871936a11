-- Posts a new body each time. Arguments: what ("ballots" or "joins"), a seed, how many choices there are, and a file of ballots' ids
-- and tokens, one pair a line, to be used instead of random ones.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "report.lua")

local what, choices, posted, pairs = "", 1, 0, nil
local headers = { ["Content-Type"] = "application/json" }

local function hex(letters)
  return string.format("%0" .. letters .. "x", math.random(0, 16 ^ letters - 1))
end

function init(arguments)
  what, choices = arguments[1], tonumber(arguments[3] or 1)
  math.randomseed(tonumber(arguments[2]) * 64 + number)
  sample_every = 97
  pairs = arguments[4] and io.lines(arguments[4])
end

local bodies = {
  -- A random version-4 UUID and a new voter.
  ballots = function()
    local id, token = string.match(pairs and pairs() or "", "(%S+) (%S+)")
    if id then
      return string.format('{"ballotId":"%s","choices":[%d],"token":"%s"}', id, math.random(0, choices - 1), token)
    end
    return string.format('{"ballotId":"%s-%s-4%s-a%s-%s%s","choices":[%d],"token":"%s%s%s%s"}',
      hex(8), hex(4), hex(3), hex(3), hex(6), hex(6), math.random(0, choices - 1), hex(8), hex(8), hex(8), hex(8))
  end,
  joins = function()
    return string.format('{"name":"","size":%d}', 1 + posted % 4)
  end,
}

-- The address of one of 65,536 phones, as a proxy passes it on. Rate limits count each address apart.
local function address()
  return string.format("198.18.%d.%d", math.random(0, 255), math.random(0, 255))
end

function request()
  posted = posted + 1
  headers["X-Forwarded-For"] = address()
  return wrk.format("POST", nil, headers, bodies[what]())
end

function response(status, _, body)
  count(status, body)
end
