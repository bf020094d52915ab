--@ require by package.path, once
local f = io.open("DIR/m.lua", "w") f:write("n = (n or 0) + 1 return { v = 7, name = ..., path = select(2, ...) }") f:close()
package.path = "DIR/?.lua;" .. package.path
print(require("m").v, require("m").name, require("m").path, n, package.loaded.m == require("m"))
--@ require of a module that returns nothing
local f = io.open("DIR/m.lua", "w") f:write("x = 5") f:close() package.path = "DIR/?.lua" print(require("m"), x, package.loaded.m)
--@ require of a module that returns false
local f = io.open("DIR/m.lua", "w") f:write("count = (count or 0) + 1 return false") f:close() package.path = "DIR/?.lua" print(require("m"), require("m"), count)
--@ require with dots
os.execute("mkdir DIR/a") local f = io.open("DIR/a/b.lua", "w") f:write("return ...") f:close() package.path = "DIR/?.lua" print(require("a.b"))
--@ require of init.lua
os.execute("mkdir DIR/pkg") local f = io.open("DIR/pkg/init.lua", "w") f:write("return 'init'") f:close() package.path = "DIR/?.lua;DIR/?/init.lua" print(require("pkg"))
--@ require of what is missing
package.path = "DIR/?.lua;DIR/?/init.lua" package.cpath = "DIR/?.so" print(pcall(require, "nosuch"))
--@ require of what is missing, with dots
package.path = "DIR/?.lua" package.cpath = "DIR/?.so" print(pcall(require, "no.such"))
--@ require of a module with a syntax error
local f = io.open("DIR/m.lua", "w") f:write("x = = 1") f:close() package.path = "DIR/?.lua" print(pcall(require, "m"))
--@ require of a module that fails
local f = io.open("DIR/m.lua", "w") f:write("\nerror('broken')") f:close() package.path = "DIR/?.lua" print(pcall(require, "m")) print(package.loaded.m)
--@ require of libraries
print(require("os") == os, require "io" == io, require("string") == string, require("_G") == _G, package.loaded.table == table, package.loaded.package == package, require("debug") == debug, require("utf8") == utf8, require("coroutine") == coroutine, require("math") == math)
--@ require with wrong arguments
print(pcall(require)) print(pcall(require, {})) print(pcall(require, nil))
--@ package.preload
package.preload.virtual = function(...) print(...) return "loaded" end print(require("virtual"), require("virtual"))
--@ package.loaded by hand
package.loaded.fake = { x = 1 } print(require("fake").x) package.loaded.fake = nil package.path, package.cpath = "", "" print(pcall(require, "fake"))
--@ package.searchers
table.insert(package.searchers, 2, function(name) if name == "magic" then return function(...) return table.concat({ ... }, "|") end, "extra" end return "\n\tno magic for " .. name end) package.path, package.cpath = "DIR/?.lua", "DIR/?.so" print(require("magic")) print(pcall(require, "other"))
--@ package.searchers that is broken
package.searchers = nil print(pcall(require, "x"))
--@ package.path that is broken
package.path = nil print(pcall(require, "x"))
--@ package.path that is a number
package.path = {} print(pcall(require, "x"))
--@ package.searchpath
local f = io.open("DIR/m.lua", "w") f:write("") f:close()
print(package.searchpath("m", "DIR/?.lua")) print(package.searchpath("no", "DIR/?.lua;DIR/?.x")) print(package.searchpath("a.b", "DIR/?.lua")) print(package.searchpath("a.b", "DIR/?.lua", "", "x")) print(package.searchpath("a-b", "DIR/?.lua", "-", "+")) print(pcall(package.searchpath, "x"))
--@ package.config
print(package.config)
--@ package.path and the names of package
print(type(package.path), type(package.cpath), #package.searchers) local names = {} for name in pairs(package) do names[#names + 1] = name end table.sort(names) print(table.concat(names, " "))
--@ package.loadlib of what is missing
print(package.loadlib("DIR/no.so", "luaopen_x") == nil, select(3, package.loadlib("DIR/no.so", "luaopen_x")))
--@ a module's own file name
local f = io.open("DIR/m.lua", "w") f:write("return debug.getinfo(1, 'S').source, debug.getinfo(1, 'S').short_src") f:close() package.path = "DIR/?.lua" print(require("m"))
--@ two modules that need one another
local f = io.open("DIR/a.lua", "w") f:write("local b = require('b') return { b = b }") f:close() f = io.open("DIR/b.lua", "w") f:write("return 'b ' .. tostring(package.loaded.a)") f:close() package.path = "DIR/?.lua" print(require("a").b)
