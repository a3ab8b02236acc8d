-- The server's clock. Whole microseconds fit a double exactly.

local function read_clock()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- The same for whole numbers below 2^31.
local function short_digits(number)
  return string.format('%d', number)
end

-- Numbers above 2^47 or so are written with an exponent by tostring(), and by format() slowly unless they are short: so
-- one that is microseconds since 1970 is written in two parts.
local function digits(number)
  local millions = math.floor(number / 1000000)
  if millions >= 1 and millions < 2147483648 then
    return string.format('%d%06d', millions, number % 1000000)
  end
  return string.format('%.0f', number)
end

-- `2026-11-22T03:55:54` in UTC. Days are counted in years that begin in March, so that leap days come last.
local function iso(microseconds)
  local seconds = math.floor(microseconds / 1000000)
  local days, rest = math.floor(seconds / 86400), seconds % 86400
  local shifted = days + 719468
  local era = math.floor(shifted / 146097)
  local of_era = shifted % 146097
  local leap_days = math.floor(of_era / 1460) - math.floor(of_era / 36524) + math.floor(of_era / 146096)
  local year = math.floor((of_era - leap_days) / 365)
  local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * of_year + 2) / 153)
  local day = of_year - math.floor((153 * month + 2) / 5) + 1
  month = month < 10 and month + 3 or month - 9
  year = year + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02dT%02d:%02d:%02d', year, month, day,
    math.floor(rest / 3600), math.floor(rest / 60) % 60, rest % 60)
end
