--@ debug.getinfo of the main chunk
local i = debug.getinfo(1) print(i.source, i.short_src, i.currentline, i.what, i.linedefined, i.lastlinedefined, i.name, i.namewhat, i.nups, i.nparams, i.isvararg, i.istailcall)
--@ debug.getinfo of a function

local function f(a, b)
  local i = debug.getinfo(1, "nSlutf") return i.name, i.namewhat, i.linedefined, i.lastlinedefined, i.currentline, i.nups, i.nparams, i.isvararg, i.func == f
end
print((f()))
print(f(1))
--@ debug.getinfo of a function value
local i = debug.getinfo(function(a, ...)
end) print(i.what, i.linedefined, i.lastlinedefined, i.currentline, i.nparams, i.isvararg, i.short_src, i.name)
local i = debug.getinfo(print) print(i.what, i.source, i.short_src, i.linedefined, i.currentline, i.nparams, i.isvararg)
--@ debug.getinfo of io, os and load
for _, f in ipairs({ io.open, io.write, os.execute, os.time, os.date, load, print, require, dofile, string.format, io.stdout.write, io.lines }) do local i = debug.getinfo(f, "S") io.write(i.what, i.short_src, " ") end print()
--@ debug.getinfo with options
for _, what in ipairs({ "S", "l", "n", "u", "t", "f", "L" }) do local keys = {} for k in pairs(debug.getinfo(1, what)) do keys[#keys + 1] = k end table.sort(keys) print(what, table.concat(keys, " ")) end
print(debug.getinfo(100)) print(pcall(debug.getinfo, 1, "X")) print(pcall(debug.getinfo, "x")) print(pcall(debug.getinfo))
--@ debug.getinfo of the caller
local function where() local i = debug.getinfo(2, "Sl") return i.short_src .. ":" .. i.currentline end print(where())
local function name() return debug.getinfo(1, "n").name end local t = { method = function() return debug.getinfo(1, "n").name, debug.getinfo(1, "n").namewhat end } print((name())) print((t.method())) print(t:method(), 1)
--@ debug.getinfo finds the directory of the config
print(debug.getinfo(1).source:match("^@(.*)/") == "DIR", debug.getinfo(1, "S").source:sub(2):match("(.*/)"))
--@ debug.getinfo activelines
local function f()
  local x = 1
  return x
end
local lines = {} for l in pairs(debug.getinfo(f, "L").activelines) do lines[#lines + 1] = l end table.sort(lines) print(table.concat(lines, ","))
--@ debug.traceback
local function inner() return debug.traceback("message") end
local function outer() local t = inner() return t end
print((outer()))
print((debug.traceback("x", 1))) print(debug.traceback({}) ~= nil, type(debug.traceback({})), debug.traceback(nil)) print((debug.traceback(5)))
--@ debug.traceback of library functions
print((select(2, xpcall(function() string.rep() end, debug.traceback))))
--@ debug.traceback through io and require
print((select(2, xpcall(function() io.lines("DIR/missing") end, debug.traceback))))
print((select(2, xpcall(function() io.open() end, debug.traceback))))
print((select(2, xpcall(function() os.rename() end, debug.traceback))))
--@ debug.traceback of global functions and methods
function globalfunction() error("deep") end local t = {} function t.field() globalfunction() end function t:method() self.field() end
print((select(2, xpcall(function() t:method() end, debug.traceback))))
--@ debug.traceback of a coroutine
local co = coroutine.create(function() local x = 1 coroutine.yield(x) end) coroutine.resume(co) print((debug.traceback(co))) print((debug.traceback(co, "msg"))) print((debug.traceback(co, nil, 1)))
--@ debug.traceback of a recursion
local function f(n) if n == 0 then error("bottom") end f(n - 1) local x = 1 end print((select(2, xpcall(f, debug.traceback, 12))))
--@ debug.traceback of tail calls
local function a() error("tail") end local function b() return a() end print((select(2, xpcall(b, debug.traceback))))
--@ debug.getlocal and setlocal
local x, y = 10, 20 print(debug.getlocal(1, 1)) print(debug.getlocal(1, 2)) print(debug.setlocal(1, 1, 99), x) print(debug.getlocal(function(a, b, ...) end, 2)) print(debug.getlocal(1, 100)) print(pcall(debug.getlocal, 100, 1)) local function v(...) return debug.getlocal(1, -1) end print(v("vararg"))
--@ debug.getupvalue, setupvalue, upvalueid, upvaluejoin
local a, b = 1, 2 local function f() return a, b end local function g() return b end print(debug.getupvalue(f, 1)) print(debug.setupvalue(f, 1, 50), a) print(debug.upvalueid(f, 2) == debug.upvalueid(g, 1)) debug.upvaluejoin(f, 1, g, 1) print(f()) print(debug.getupvalue(f, 5)) print(debug.getupvalue(string.gmatch("a", "a"), 1))
--@ debug.getmetatable and setmetatable
print(debug.getmetatable("").__index == string) local t = setmetatable({}, { __metatable = "hidden" }) print(type(debug.getmetatable(t))) debug.setmetatable(5, { __index = function(n, k) return k .. n end }) print((5).x) debug.setmetatable(5, nil) print(pcall(function() return (5).x end))
--@ debug.sethook and gethook
local count = 0 debug.sethook(function() count = count + 1 end, "", 100) for i = 1, 1000 do end debug.sethook() print(count > 5, debug.gethook())
--@ debug.sethook of lines and calls
local lines = {}
debug.sethook(function(_, line) lines[#lines + 1] = line end, "l")
local x = 1
local y = 2
debug.sethook()
print(table.concat(lines, ","))
--@ debug.getregistry, getuservalue
print(type(debug.getregistry()), debug.getuservalue(io.stdout), pcall(debug.setuservalue, 5, 1))
--@ the names of debug
local names = {} for name in pairs(debug) do names[#names + 1] = name end table.sort(names) print(table.concat(names, " "))
--@ an error deep in a function names its line
local function a() error("here") end
local function b()
  a()
end
b()
