// Lua text that runs before a config: names of Lua 5.1 that configs still use (lsyncd 2.0 and 2.1 ran on 5.1), what
// fengari lacks of 5.3, and Lua's package settings as Debian's lua5.3 has them.

export const preludeText = `
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
  local function path(name, default)
    local given = os.getenv(name .. "_5_3") or os.getenv(name)
    if given == nil then return default end
    return (given:gsub(";;", ";\\1;"):gsub("^;", ""):gsub(";$", ""):gsub("\\1", default))
  end
  package.path = path("LUA_PATH", "/usr/local/share/lua/5.3/?.lua;/usr/local/share/lua/5.3/?/init.lua;" ..
    "/usr/local/lib/lua/5.3/?.lua;/usr/local/lib/lua/5.3/?/init.lua;" ..
    "/usr/share/lua/5.3/?.lua;/usr/share/lua/5.3/?/init.lua;./?.lua;./?/init.lua")
  package.cpath = path("LUA_CPATH", "/usr/local/lib/lua/5.3/?.so;/usr/lib/x86_64-linux-gnu/lua/5.3/?.so;" ..
    "/usr/lib/lua/5.3/?.so;/usr/local/lib/lua/5.3/loadall.so;./?.so")
  local searchpath, type, error, match = package.searchpath, type, error, string.match
  local builtin = package.builtin
  package.builtin = nil
  local function searcher(shorten)
    return function(name)
      if builtin[name] then return builtin[name], ":tsyncd:" end
      local wanted = shorten(name)
      if wanted == nil then return nil end
      local cpath = package.cpath
      if type(cpath) ~= "string" then error("'package.cpath' must be a string") end
      local file, message = searchpath(wanted, cpath)
      if file == nil then return message end
      error("error loading module '" .. name .. "' from file '" .. file .. "':\\n\\ta library in C, which tsyncd cannot load", 0)
    end
  end
  package.searchers[3] = searcher(function(name) return name end)
  package.searchers[4] = searcher(function(name) return match(name, "^(.-)%.") end)
  function package.loadlib(path)
    return nil, path .. ": a library in C, which tsyncd cannot load", "open"
  end
end
-- no JavaScript through require
package.jspath = nil
package.loaded.fengari, fengari = nil, nil
`;
