--@ coroutine.create and resume
local co = coroutine.create(function(a, b) local c = coroutine.yield(a + b) local d, e = coroutine.yield(c * 2) return d, e, "end" end)
print(coroutine.resume(co, 1, 2)) print(coroutine.resume(co, 10)) print(coroutine.status(co)) print(coroutine.resume(co, "x", "y")) print(coroutine.status(co), coroutine.resume(co)) print(pcall(coroutine.create, 5)) print(pcall(coroutine.resume, 5)) print(pcall(coroutine.status))
--@ coroutine.wrap
local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) print(gen(), gen(), gen(), gen()) print(pcall(gen)) print(pcall(coroutine.wrap(function() error("inside") end))) print(pcall(coroutine.wrap(function() error({}) end)) == false)
--@ coroutine.status and running
local co co = coroutine.create(function() print(coroutine.status(co), coroutine.running() == co, select(2, coroutine.running())) local inner = coroutine.create(function() print(coroutine.status(co)) end) coroutine.resume(inner) end) print(coroutine.status(co)) coroutine.resume(co) print(coroutine.status(co), select(2, coroutine.running()), coroutine.isyieldable())
--@ coroutine.yield outside
print(pcall(coroutine.yield, 1))
--@ an error in a coroutine
local co = coroutine.create(function() local x = nil return x.y end) print(coroutine.resume(co)) print(coroutine.status(co)) print(coroutine.resume(co))
--@ yield across pcall
local co = coroutine.wrap(function() print(pcall(function() coroutine.yield(1) error("after") end)) return "done" end) print(co()) print(co())
--@ yield across metamethods and iterators
local co = coroutine.wrap(function() local t = setmetatable({}, { __index = function(_, k) return coroutine.yield(k) end }) return t.x + t.y end) print(co(), co(3), co(4)) for v in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) do io.write(v, " ") end print()
--@ yield across table.sort
print(coroutine.resume(coroutine.create(function() table.sort({ 1, 2, 3 }, coroutine.yield) end)))
--@ a coroutine that resumes itself
local co co = coroutine.create(function() return coroutine.resume(co) end) print(coroutine.resume(co)) print(coroutine.resume(coroutine.running()))
--@ the names of coroutine
local names = {} for name in pairs(coroutine) do names[#names + 1] = name end table.sort(names) print(table.concat(names, " "))
--@ coroutine.isyieldable
print(coroutine.isyieldable(), coroutine.wrap(function() return coroutine.isyieldable() end)())
--@ io inside a coroutine
local co = coroutine.wrap(function() local f = io.open("DIR/f", "w") f:write("a\nb\n") f:close() for l in io.lines("DIR/f") do coroutine.yield(l) end end) print(co(), co())
