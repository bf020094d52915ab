// Lua text that runs before a config: names of Lua 5.1 that configs still use (lsyncd 2.0 and 2.1 ran on 5.1), what
// fengari lacks of 5.3, and Lua's package settings as Debian's lua5.3 has them.

export const preludeText = `
package.loaded.io = io
unpack = table.unpack
loadstring = load
string.gfind = string.gmatch
table.getn = function(t) return #t end
table.maxn = function(t)
  local max = 0
  for k in pairs(t) do if type(k) == "number" and k > max then max = k end end
  return max
end
math.pow = function(x, y) return x ^ y end
math.log10 = function(x) return math.log(x, 10) end
math.atan2 = function(y, x) return math.atan(y, x) end
math.ldexp = function(m, e) return m * 2.0 ^ e end
math.sinh = function(x) return (math.exp(x) - math.exp(-x)) / 2 end
math.cosh = function(x) return (math.exp(x) + math.exp(-x)) / 2 end
math.tanh = function(x) local e = math.exp(2 * x) return (e - 1) / (e + 1) end
function setfenv(f, env)
  if type(f) ~= "function" then error("setfenv of a stack level is not supported", 2) end
  for i = 1, math.huge do
    local name = debug.getupvalue(f, i)
    if name == nil then return f end
    if name == "_ENV" then
      debug.upvaluejoin(f, i, function() return env end, 1)
      return f
    end
  end
end
function getfenv(f)
  for i = 1, math.huge do
    if type(f) ~= "function" then return _G end
    local name, value = debug.getupvalue(f, i)
    if name == nil then return _G end
    if name == "_ENV" then return value end
  end
end
do
  local write, tostring, concat = io.write, tostring, table.concat
  function print(...)
    local parts = table.pack(...)
    for i = 1, parts.n do
      local text = tostring(parts[i])
      if type(text) ~= "string" then error("'tostring' must return a string to 'print'", 2) end
      parts[i] = text
    end
    write(concat(parts, "\\t"), "\\n")
  end
end
do
  local date, time, shift = os.date, os.time, os.utcshift
  os.utcshift = nil
  function os.date(format, at)
    if type(format) == "string" and format:sub(1, 1) == "!" and format:sub(2, 3) ~= "*t" then
      at = at or time()
      return date(format:sub(2), at + shift(at))
    end
    return date(format, at)
  end
end
package.path = os.getenv("LUA_PATH_5_3") or os.getenv("LUA_PATH") or
  "/usr/local/share/lua/5.3/?.lua;/usr/local/share/lua/5.3/?/init.lua;" ..
  "/usr/local/lib/lua/5.3/?.lua;/usr/local/lib/lua/5.3/?/init.lua;" ..
  "/usr/share/lua/5.3/?.lua;/usr/share/lua/5.3/?/init.lua;./?.lua;./?/init.lua"
package.cpath = ""
-- no JavaScript through require
package.jspath, package.loadlib = nil, nil
package.searchers[4], package.searchers[3] = nil, nil
package.loaded.fengari, fengari = nil, nil
`;
