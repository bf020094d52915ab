--@ os.execute
print(os.execute("exit 4")) print(os.execute("true")) print(os.execute("false")) print(os.execute()) print(os.execute("kill -9 $$")) print(os.execute("kill -TERM $$")) print(os.execute("nosuchcommand 2>/dev/null")) print(os.execute("exit 256")) print(os.execute("exit 255")) print(os.execute("")) print(pcall(os.execute, {})) print(os.execute(nil))
--@ os.execute with redirections
print(os.execute("echo a > DIR/f && echo b >> DIR/f")) print(io.open("DIR/f"):read("a")) print(os.execute("test -d DIR"), (os.execute("test -d DIR/nosuch")))
--@ os.getenv
print(os.getenv("PATH") ~= nil, os.getenv("NO_SUCH_VARIABLE"), os.getenv("")) print(pcall(os.getenv)) print(pcall(os.getenv, {})) print(os.getenv(5))
--@ os.remove
local f = io.open("DIR/f", "w") f:close() print(os.remove("DIR/f")) print(os.remove("DIR/f")) os.execute("mkdir DIR/d DIR/e; touch DIR/e/x; ln -s nowhere DIR/l") print(os.remove("DIR/d")) print(os.remove("DIR/e")) print(os.remove("DIR/l")) print(pcall(os.remove)) print(pcall(os.remove, {})) print(os.remove(""))
--@ os.rename
local f = io.open("DIR/a", "w") f:write("x") f:close() print(os.rename("DIR/a", "DIR/b")) print(os.rename("DIR/a", "DIR/b")) print(os.rename("DIR/b", "DIR/no/b")) print(io.open("DIR/b"):read()) os.execute("mkdir DIR/d") print(os.rename("DIR/b", "DIR/d")) print(os.rename("DIR/d", "DIR/b")) print(pcall(os.rename)) print(pcall(os.rename, "x")) print(os.rename("/dev/null", "DIR/null"))
--@ os.tmpname
local n = os.tmpname() print(io.open(n) ~= nil, n:match("^/tmp/lua_%w%w%w%w%w%w$") ~= nil) print(os.remove(n))
--@ os.time of now
local t = os.time() print(math.type(t), t > 1600000000, os.time() - t <= 2, os.time(nil) - t <= 2)
--@ os.time of a table
print(os.time({ year = 2020, month = 2, day = 29, hour = 12 }), os.time({ year = 2020, month = 2, day = 29 }), os.time({ year = 2000, month = 1, day = 1, hour = 0, min = 30, sec = 15 })) print(os.time({ year = "2020", month = "2", day = "29" }), os.time({ year = 2020.0, month = 1, day = 1 })) print(os.time({ year = 1970, month = 1, day = 1, hour = 0 }))
--@ os.time normalises
local t = { year = 2020, month = 14, day = -3, hour = 25, min = 61, sec = 61 } print(os.time(t), t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst) t = { year = 2021, month = 1, day = 32 } print(os.time(t), t.month, t.day, t.hour, t.yday) t = { year = 2021, month = 0, day = 0, hour = -1 } print(os.time(t), t.year, t.month, t.day, t.hour)
--@ os.time with wrong fields
print(pcall(os.time, {})) print(pcall(os.time, { year = 2020 })) print(pcall(os.time, { year = 2020, month = 1 })) print(pcall(os.time, { year = "x", month = 1, day = 1 })) print(pcall(os.time, { year = 2020, month = 1.5, day = 1 })) print(pcall(os.time, 5)) print(pcall(os.time, "x")) print(pcall(os.time, { year = 2020, month = 1, day = 1, hour = {} })) print(pcall(os.time, { year = 1 << 40, month = 1, day = 1 }))
--@ os.time beyond 2038
print(os.time({ year = 2040, month = 1, day = 1, hour = 0 }), os.time({ year = 2100, month = 6, day = 15, hour = 12 }), math.type(os.time({ year = 2100, month = 1, day = 1 })), os.time({ year = 1900, month = 1, day = 1 })) print(os.date("!%Y-%m-%d", 4102444800), os.date("!%F %T", 2^33), os.time({ year = 2100, month = 1, day = 1 }) + 1)
--@ os.date in UTC, every format
for c in ("aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%"):gmatch(".") do io.write(c, "=", os.date("!%" .. c, 1709210096), ";") end print()
--@ os.date in local time, every format
for c in ("aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%"):gmatch(".") do io.write(c, "=", os.date("%" .. c, 1709210096), ";") end print()
--@ os.date with E and O
for _, c in ipairs({ "Ec", "EC", "Ex", "EX", "Ey", "EY", "Od", "Oe", "OH", "OI", "Om", "OM", "OS", "Ou", "OU", "OV", "Ow", "OW", "Oy" }) do io.write(c, "=", os.date("!%" .. c, 1709210096), ";") end print()
--@ os.date of weeks and days at the turn of a year
for _, t in ipairs({ 0, 86400 * 3, 946684800, 1104537600, 1136073600, 1230768000, 1451606400, 1483228800, 1609459200, 1640995200, 1704067200, 1735603200, 951782400 }) do print(os.date("!%F %a %j %U %V %W %G %g %u %w %C %y %I %p %e", t)) end
--@ os.date with hours
for h = 0, 23 do io.write(os.date("!%H %I %p %r;", h * 3600)) end print()
--@ os.date *t
local d = os.date("!*t", 1709210096) for _, k in ipairs({ "year", "month", "day", "hour", "min", "sec", "wday", "yday", "isdst" }) do io.write(k, "=", tostring(d[k]), " ") end print() d = os.date("*t", 1719792000) for _, k in ipairs({ "year", "month", "day", "hour", "min", "sec", "wday", "yday", "isdst" }) do io.write(k, "=", tostring(d[k]), " ") end print(math.type(d.year)) print(os.time(os.date("*t", 1709210096)), os.date("!*t", 0).yday, os.date("!*tX", 0).year)
--@ os.date with wrong formats
print(pcall(os.date, "%Q")) print(pcall(os.date, "%E")) print(pcall(os.date, "%Ez")) print(pcall(os.date, "%")) print(pcall(os.date, "a%")) print(pcall(os.date, "%k")) print(pcall(os.date, "%P")) print(pcall(os.date, "%l")) print(pcall(os.date, "%s")) print(pcall(os.date, {})) print(pcall(os.date, "%Y", "x")) print(pcall(os.date, "%Y", 1.5)) print(os.date("", 0), os.date("!plain text", 0), os.date("%%", 0))
--@ os.date of bytes and numbers
print(os.date("!\xe4 %Y \0 %m", 0):byte(1, -1)) print(os.date("!%H:%M", "3600"), os.date("!%H", 7200.0))
--@ os.date before 1970
print(os.date("!%F %T %a %j", -1), os.date("!%F", -86400 * 365), os.date("!%Y", -2^31), os.date("!%F", -12219292800))
--@ os.date far away
print(pcall(os.date, "!%Y", 1 << 62)) print(os.date("!%Y", 253402300800))
--@ os.date of now
print(os.date("%Y") == tostring(os.date("*t").year), #os.date(), type(os.date("%c")), os.date("!%H") == string.format("%02d", os.date("!*t").hour))
--@ os.difftime
print(os.difftime(10, 5), os.difftime(5, 10), math.type(os.difftime(1, 1))) print(pcall(os.difftime)) print(pcall(os.difftime, 1)) print(pcall(os.difftime, "x", 1))
--@ os.clock
local c = os.clock() print(type(c), math.type(c), c >= 0, os.clock() >= c)
--@ os.setlocale
print(os.setlocale(), os.setlocale(nil, "all"), os.setlocale("C"), os.setlocale("nosuch"), os.setlocale("", "numeric") ~= nil) print(pcall(os.setlocale, "C", "nonsense")) print(os.setlocale("C", "time"))
--@ the names of os
local names = {} for name in pairs(os) do names[#names + 1] = name end table.sort(names) print(table.concat(names, " "))
--@ os.exit
os.exit()
--@ os.exit with a code
print("before") os.exit(7)
--@ os.exit with true
os.exit(true)
--@ os.exit with false
os.exit(false, true)
--@ os.exit writes what is buffered
io.write("no newline") io.open("DIR/f", "w"):write("x") os.exit(3, true)
--@ os.exit with a wrong code
print(pcall(os.exit, "x")) print(pcall(os.exit, {})) print(pcall(os.exit, 1.5))
--@ os.exit with a large code
os.exit(258)
