--@ print of every type
print() print(nil) print(true, false) print("a", 1, 1.5, -0.0, 1e100)
print(#tostring({}) > 6, tostring(print):match("^builtin") == nil, (tostring({}):gsub("0x%x+", "ADDR")))
--@ print with __tostring
print(setmetatable({}, { __tostring = function() return "T" end }))
print(pcall(print, setmetatable({}, { __tostring = function() return 5 end })))
print(pcall(tostring, setmetatable({}, { __tostring = function() return {} end })))
--@ print with __name
print((tostring(setmetatable({}, { __name = "My.Type" })):gsub("0x%x+", "ADDR")))
--@ print uses the global tostring
local old = tostring
tostring = function(v) return "<" .. old(v) .. ">" end
print(1, "x")
tostring = function() return 1 end
print(pcall(print, 1))
tostring = nil
print(pcall(print, 1))
tostring = old
--@ tostring of numbers
print(tostring(1), tostring(1.0), tostring(-0.0), tostring(0.1), tostring(1e15), tostring(1e14), tostring(123456789012345.0))
print(1e16, 1e99, 1e100, 1e308, 5e-324, 1e-5, 0.0001, 123456.789e3, 3.14159265358979)
print(1/0, -1/0, 2^31, 2^53, 2^63, -2^63, 2^0.5)
print(100000000000000, 1e2, 10 // 3, 10.0 // 3, 2^2, 7 / 7)
--@ nan is written as C writes it
print(0/0, tostring(0/0):gsub("-", ""))
local nan = 0/0
print(nan ~= nan, nan == nan, nan < nan, math.huge // 1, -math.huge // 1)
print(math.huge - math.huge, math.huge * 0, string.format("%f %g", 0/0, 0/0))
--@ tostring without a value
print(pcall(tostring))
--@ tonumber of text
print(tonumber("10"), tonumber("  10  "), tonumber("10x"), tonumber(""), tonumber(" "), tonumber("0x10"), tonumber("1e1"))
print(tonumber("0x1p4"), tonumber("0x.8"), tonumber("1."), tonumber(".5"), tonumber("."), tonumber("1e"), tonumber("- 1"))
print(tonumber("-0x10"), tonumber("+5"), tonumber("0x"), tonumber("inf"), tonumber("nan"), tonumber("1_000"), tonumber("1 2"))
print(tonumber("1\0"), tonumber("\t1\n"), tonumber("1e400"), tonumber("-.5e-1"))
--@ tonumber with a base
print(tonumber("10", 2), tonumber("ff", 16), tonumber("FF", 16), tonumber("zz", 36), tonumber("8", 8), tonumber("-7", 8))
print(tonumber(" 11 ", 2), tonumber("1.0", 10), tonumber("", 10), tonumber("7fffffff", 16))
print(pcall(tonumber, 10, 2)) print(pcall(tonumber, "1", 1)) print(pcall(tonumber, "1", 37))
print(pcall(tonumber, "1", "x")) print(pcall(tonumber, {}, 10))
--@ tonumber of other types
print(tonumber(5), tonumber(5.5), tonumber(nil), tonumber({}), tonumber(true), tonumber(print))
print(pcall(tonumber))
--@ type
print(type(nil), type(1), type(1.0), type(""), type({}), type(print), type(function() end), type(io.stdout))
print(type(coroutine.create(print)), pcall(type))
--@ assert
print(assert(1, 2, 3)) print(pcall(assert, false)) print(pcall(assert, nil, "message")) print(pcall(assert, false, { 1 }) == false)
print(pcall(assert)) print(select("#", pcall(assert, false, nil))) print(pcall(assert, false, nil))
--@ error with levels
local function fail(level) error("oops", level) end
print(pcall(fail)) print(pcall(fail, 0)) print(pcall(fail, 1)) print(pcall(fail, 2))
local function outer() fail(2) end
print(pcall(outer))
local function outer3() local function mid() fail(3) end mid() end
print(pcall(outer3))
print(pcall(error)) print(pcall(error, nil)) print(pcall(error, 5)) print(pcall(error, 5.5)) print(pcall(error, true))
--@ error with a table
local ok, e = pcall(error, { code = 5 })
print(ok, type(e), e.code)
print(select("#", pcall(error)))
--@ pcall and xpcall
print(pcall(function(...) return select("#", ...), ... end, 1, nil, 3))
print(xpcall(function(a) error("x" .. a, 0) end, function(m) return "handled " .. m end, 7))
print(xpcall(function(a, b) return a + b end, print, 1, 2))
print(pcall(pcall)) print(pcall(xpcall)) print(pcall(xpcall, print)) print(pcall(5)) print(pcall(nil))
print(xpcall(error, function(m) return type(m) end))
--@ an error in the handler of xpcall
print(xpcall(error, function() error("again") end, "first") )
--@ select
print(select("#")) print(select("#", nil, nil)) print(select(2, "a", "b", "c")) print(select(-1, "a", "b"))
print(select(5, 1)) print(pcall(select, 0)) print(pcall(select, -2, 1)) print(pcall(select, "x")) print(pcall(select))
--@ rawget, rawset, rawequal, rawlen
local t = setmetatable({}, { __index = function() return "i" end, __newindex = function() end, __len = function() return 9 end,
  __eq = function() return true end })
t.a = 1
print(rawget(t, "a"), t.a, #t, rawlen(t), rawlen("abc"), rawequal(t, {}), t == setmetatable({}, getmetatable(t)))
rawset(t, "a", 2) print(rawget(t, "a"))
print(pcall(rawget, 1, 2)) print(pcall(rawset, t)) print(pcall(rawlen, 5)) print(pcall(rawequal, 1)) print(pcall(rawset, t, nil, 1))
print(pcall(rawset, t, 0/0, 1))
--@ next
print(next({})) print(next({ 5 })) print(next({ 5 }, 1)) print(pcall(next, {}, "nokey")) print(pcall(next))
local t = { a = 1, b = 2, c = 3 }
for k in pairs(t) do t[k] = nil end
print(next(t))
--@ pairs and __pairs
local t = setmetatable({}, { __pairs = function(t) return function(_, k) if not k then return 1, "one" end end, t, nil end })
for k, v in pairs(t) do print(k, v) end
print(pcall(pairs)) print((pcall(pairs, 5))) print((pcall(pairs, nil)))
print(pcall(function() for _ in pairs(nil) do end end))
--@ ipairs
for i, v in ipairs({ "a", "b", nil, "d" }) do io.write(i, v, " ") end print()
for i, v in ipairs(setmetatable({}, { __index = function(_, i) if i < 4 then return i * i end end })) do io.write(i, "=", v, " ") end print()
print(pcall(ipairs)) print(select("#", ipairs({}))) print(pcall(function() for _ in ipairs(5) do end end))
--@ getmetatable and setmetatable
print(getmetatable({}), getmetatable("").__index == string, getmetatable(5))
local t = setmetatable({}, { __metatable = "locked" })
print(getmetatable(t)) print(pcall(setmetatable, t, {}))
print(pcall(setmetatable, 1, {})) print(pcall(setmetatable, {})) print(pcall(setmetatable, {}, 5)) print(setmetatable({}, nil) ~= nil)
print(pcall(getmetatable))
--@ metamethods of arithmetic
local mt = {}
for _, name in ipairs({ "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr", "bnot", "concat" }) do
  mt["__" .. name] = function() return name end
end
local x = setmetatable({}, mt)
print(x + 1, 1 - x, x * x, x / 2, x % 2, x ^ 2, -x, x // 2, x & 1, 1 | x, x ~ 1, x << 1, x >> 1, ~x, x .. "s", "s" .. x)
--@ metamethods of comparison, call and length
local mt = { __lt = function() return true end, __le = function() return false end, __eq = function() return true end,
  __len = function() return "len" end, __call = function(self, ...) return "called", ... end }
local a, b = setmetatable({}, mt), setmetatable({}, mt)
print(a < b, a <= b, a > b, a == b, a ~= b, #a, a(1, 2))
--@ __index chains and __newindex tables
local base = { x = 1 } local mid = setmetatable({ y = 2 }, { __index = base }) local log = {}
local t = setmetatable({}, { __index = mid, __newindex = log })
t.z = 5 print(t.x, t.y, t.z, log.z, rawget(t, "z"))
--@ __index that loops
local t = {} setmetatable(t, { __index = t })
print(pcall(function() return t.x end))
--@ __close, __gc and __mode are only fields
local t = setmetatable({}, { __gc = true, __mode = "k" }) print(getmetatable(t).__mode)
--@ errors of operators name the variable
local t, s = {}, "x"
print(pcall(function() return t + 1 end)) print(pcall(function() return s + 1 end)) print(pcall(function() return t.x.y end))
print(pcall(function() return undefined.field end)) print(pcall(function() undefined() end)) print(pcall(function() t.method() end))
print(pcall(function() t:method() end)) print(pcall(function() return #5 end)) print(pcall(function() return -t end))
print(pcall(function() return t .. "x" end)) print(pcall(function() return nil .. "x" end)) print(pcall(function() return 1 < "2" end))
print(pcall(function() return t < t end)) print(pcall(function() return nil < 1 end)) print(pcall(function() t[nil] = 1 end))
print(pcall(function() t[0/0] = 1 end)) print(pcall(function() return ("x").y.z end)) print(pcall(function() return 1 & 1.5 end))
print(pcall(function() return "a" | 1 end)) print(pcall(function() return t & 1 end)) print(pcall(function() return math.huge | 0 end))
print(pcall(function() return 1 // 0 end)) print(pcall(function() return 1 % 0 end)) print(1 // 0.0, pcall(function() return 1 % 0.0 end))
--@ errors of for loops
print(pcall(function() for i = 1, 10, 0 do end end)) print(pcall(function() for i = "a", 2 do end end))
print(pcall(function() for i = 1, {} do end end)) print(pcall(function() for i = 1, 2, print do end end))
print(pcall(function() for i in 5 do end end)) print(pcall(function() for k in nil do end end))
--@ for loops
for i = 3, 1, -1 do io.write(i, " ") end for i = 1, 2, 0.5 do io.write(i, " ") end for i = 1.0, 3 do io.write(i, " ") end print()
for i = 1, 0 do print("never") end
for i = 2147483646, 2147483647 do io.write(i, " ") end print()
for i = 1, math.huge do if i > 3 then break end io.write(i, " ") end print()
--@ arithmetic of integers and floats
print(7 // 2, -7 // 2, 7 // -2, -7 // -2, 7 % 3, -7 % 3, 7 % -3, -7 % -3, 7.5 % 2, -7.5 % 2, 5.3 // 1)
print(1 + 1.0, 2 * 3, 2 * 3.0, 6 / 2, 2 ^ 3, 10 // 2.0, 3 | 4, 7 & 2.0, ~0, 1 << 4, 256 >> 4, 5 ~ 3)
print("10" + 5, "0x10" + 0, "1e1" * 1, "3" // 1, 10 .. 20, -"2", "10" / "2")
print(5 % math.huge, -5 % math.huge, 5 % -math.huge, 0.0 % 1, -0.0, 0.0, -0.0 + 0)
--@ strings in bit operations
print("3" & 1, "0x0f" | 0, pcall(function() return "1.5" & 1 end))
--@ comparison
print(1 == 1.0, "1" == 1, 1 < 1.5, "a" < "b", "a" < "B", "" < "a", "a\0b" < "a\0c", "Z" < "a", "\xff" > "a", math.type(1) ~= math.type(1.0))
print(nil == false, {} == {}, print == print)
--@ a float key that is an integer
local t = {} t[1.0] = "a" t[2] = "b" t[2^31] = "c"
print(t[1], t[2.0], t[2^31], #t, next({ [3.0] = 1 }))
--@ load of text
print(load("return 1 + 1")()) print(load("syntax error here"))
print(load("return ...", "=name")(5))
print(pcall(load("error('x')", "@file.lua"))) print(pcall(load("error('x')", "=name")))
print(pcall(load("error('x')", "some text"))) print(pcall(load("\n\nerror('x')", "two\nlines")))
--@ load with mode and environment
local env = { y = 5 }
print(load("return y", "c", "t", env)()) print(load("x = 1", "c", "t", env)(), env.x, x)
print(load("return 1", "c", "b")) print(load(string.dump(function() end), "c", "t"))
print(pcall(load, "return 1", "c", "zz")) print(pcall(load, 5)) print(pcall(load)) print(pcall(load, {}))
print(load("return _ENV", "c", "t", nil)())
--@ load of a function's pieces
local parts = { "return ", "1", " + 41", "" }
local i = 0
print(load(function() i = i + 1 return parts[i] end)())
print(type(load(function() return nil end))) print((select(2, load(function() return {} end))):match("reader function must return a string"))
--@ load of text that ends too early
print(load("for")) print(load("x =")) print(load("if x then")) print(load("return 'abc")) print(load("return [[abc")) print(load("--[[ abc"))
print(load("goto nowhere")) print(load("break")) print(load("local x <const> = 1")) print(load("::a:: ::a::"))
print(load("return '\\q'")) print(load("return '\\300'")) print(load("return '\\xZZ'")) print(load("return '\\u{110000000}'")) print(load("x = 0x"))
print(load("x = 1e")) print(load("x = 3x")) print(load("x = }")) print(load("local function")) print(load("return 5 5")) print(load("f("))
print(load("x.1 = 2")) print(load("a.b:c = 1")) print(load("\27Lua")) print(load("x = \1")) print(load("and"))
--@ loadstring-like chunk names in messages
print(pcall(load("local x = nil; x.y = 1")))
print(pcall(load("local x = nil; x.y = 1", "a long chunk name that does not fit into the space that Lua has for it, so it is cut")))
print(pcall(load("local x = nil; x.y = 1", "@a/long/path/that/does/not/fit/into/the/space/that/Lua/has/for/it/so/it/is/cut.lua")))
--@ dofile
local f = io.open("DIR/m.lua", "w") f:write("g = (g or 4) + 1 return g, ...") f:close()
print(dofile("DIR/m.lua")) print(dofile("DIR/m.lua")) print(pcall(dofile, "DIR/missing.lua")) print(pcall(dofile, {}))
--@ dofile of a wrong file
local f = io.open("DIR/m.lua", "w") f:write("x = = 1\n") f:close()
print(pcall(dofile, "DIR/m.lua"))
f = io.open("DIR/m.lua", "w") f:write("\nlocal t = nil\nt.x = 1") f:close()
print(pcall(dofile, "DIR/m.lua"))
--@ loadfile
local f = io.open("DIR/m.lua", "w") f:write("#!/usr/bin/lua\nreturn x, debug.getinfo(1, 'S').source, ...") f:close()
print(loadfile("DIR/m.lua")(1, 2)) print(loadfile("DIR/m.lua", "t", { x = 7, debug = debug })()) print(loadfile("DIR/missing.lua"))
print(loadfile("DIR/m.lua", "b")) print(loadfile("DIR"))
--@ loadfile with a byte order mark
local f = io.open("DIR/m.lua", "w") f:write("\xef\xbb\xbfreturn 'bom'") f:close()
print(loadfile("DIR/m.lua")())
--@ _VERSION and _G
print(_VERSION, _G._G == _G, _G.print == print, _ENV == _G)
--@ the names of _G
local names = {}
for name in pairs(_G) do names[#names + 1] = name end
local allowed = { unpack = 1, loadstring = 1, setfenv = 1, getfenv = 1, arg = 1, bit32 = 1, module = 1 }
table.sort(names)
for _, name in ipairs(names) do if not allowed[name] then io.write(name, " ") end end print()
--@ collectgarbage
print(type(collectgarbage("count")), collectgarbage(), collectgarbage("collect"), collectgarbage("step"))
print(pcall(collectgarbage, "nonsense")) print(collectgarbage("stop"), collectgarbage("isrunning"), collectgarbage("restart"), collectgarbage("isrunning"))
--@ goto, nested functions, varargs
local function f(...) local a, b = ... return select("#", ...), a, b, ... end
print(f()) print(f(1)) print((f(1, 2)))
for i = 1, 3 do if i == 2 then goto continue end io.write(i, " ") ::continue:: end print()
--@ closures in loops
local fs = {} for i = 1, 3 do fs[i] = function() i = i + 10 return i end end
print(fs[1](), fs[1](), fs[2](), fs[3]())
--@ string escapes
print("a\z
       b", "\65\066\x43\u{48}\u{20AC}", '\'', "\"", [[
long]], [==[a]]b]==], #"\0\0", "tab\tx", "\u{10FFFF}" == "\xF4\x8F\xBF\xBF")
print(load("return '\\u{7FFFFFFF}'"))
--@ numbers in source
print(0xff, 0xA.8p0, 0x.1p4, 1e2, .5, 3., 0x10p-1, 1E+2, 0xffffffff // 1 > 0, 1//1)
--@ an error that is not caught
local function f() local t = nil return t.x end
f()
--@ an error without position
error("plain", 0)
--@ an error with a table and __tostring
error(setmetatable({}, { __tostring = function() return "my error" end }))
--@ a syntax error of the file
local x = = 1
--@ an unfinished string
print("a)
--@ a stack overflow
local function f() return 1 + f() end
local ok, message = pcall(f)
print(ok, message:match("stack overflow"))
--@ a stack overflow of text
print(pcall(string.rep, "x", -1))
local s = string.rep("(", 300) print((select(2, load("return " .. s .. "1" .. string.rep(")", 300))):gsub("^.-:%d+: ", "")))
--@ too many locals and upvalues
local t = {} for i = 1, 201 do t[i] = "local a" .. i .. " = 1" end
print(load(table.concat(t, "\n"), "=many"))
--@ long concatenation and assignment
local a, b, c = 1 local d, e = (function() return 1, 2 end)() print(a, b, c, d, e)
local t = { (function() return 1, 2 end)(), (function() return 1, 2 end)() } print(#t)
local x, y = 1, 2 x, y = y, x print(x, y)
