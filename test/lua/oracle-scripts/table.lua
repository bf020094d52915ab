--@ table.concat
print(table.concat({}), table.concat({ 1, 2.5, "x" }), table.concat({ 1, 2, 3 }, ", "), table.concat({ 1, 2, 3 }, ",", 2), table.concat({ 1, 2, 3 }, ",", 2, 3), table.concat({ 1, 2 }, ",", 3))
print(pcall(table.concat, { 1, {}, 3 })) print(pcall(table.concat, { 1, nil, 3 }, ",", 1, 3)) print(pcall(table.concat)) print(pcall(table.concat, 5)) print(table.concat({ 1, 2 }, 0), table.concat({ true and 1 }, "x"))
print(pcall(table.concat, { true }))
--@ table.concat honours metamethods
print(table.concat(setmetatable({}, { __index = function(_, i) return "v" .. i end, __len = function() return 3 end }), ","))
--@ table.insert
local t = { 1, 2 } table.insert(t, 3) table.insert(t, 1, 0) table.insert(t, #t + 1, 9) print(table.concat(t, ","))
print(pcall(table.insert, t, 10, 1)) print(pcall(table.insert, t, 0, 1)) print(pcall(table.insert, t)) print(pcall(table.insert, t, 1, 2, 3)) print(pcall(table.insert, nil, 1)) print(pcall(table.insert, t, "x", 1))
--@ table.remove
local t = { 1, 2, 3 } print(table.remove(t), table.remove(t, 1), table.concat(t, ","), table.remove({}), table.remove({}, 0), #t) print(pcall(table.remove, t, 5)) print(pcall(table.remove)) print(table.remove(t, 2), table.remove({ [0] = "z" }, 0))
--@ table.unpack and pack
print(table.unpack({ 1, 2, 3 })) print(table.unpack({ 1, 2, 3 }, 2)) print(table.unpack({ 1, nil, 3 }, 1, 3)) print(table.unpack({}, 1, 2)) print(table.pack(1, nil, 3).n, table.pack().n) print(pcall(table.unpack)) print(pcall(table.unpack, {}, 1, 1e8))
print(table.unpack({ 1, 2 }, -1, 1)) print(pcall(table.unpack, 5)) print(pcall(table.unpack, {}, "x"))
--@ table.move
local t = table.move({ 1, 2, 3 }, 1, 3, 2) print(table.concat(t, ",")) print(table.concat(table.move({ 1, 2, 3 }, 2, 3, 1), ",")) print(table.concat(table.move({ 1, 2 }, 1, 2, 1, {}), ",")) print(pcall(table.move, {}, 1, 2)) print(#table.move({ 1 }, 1, 0, 5))
print(pcall(table.move, {}, 1, 2, 3, 5))
--@ table.sort
local t = { 3, 1, 2 } table.sort(t) print(table.concat(t, ",")) table.sort(t, function(a, b) return a > b end) print(table.concat(t, ","))
local words = { "b", "A", "a", "B", "" } table.sort(words) print(table.concat(words, ",")) print(pcall(table.sort, { 1, "x" })) print(pcall(table.sort, { 1, {} })) print(pcall(table.sort)) print(pcall(table.sort, {}, 5)) print(pcall(table.sort, { 3, 2, nil, 1 }) ~= nil)
--@ table.sort with an invalid order function
local t = {} for i = 1, 100 do t[i] = i end
print(pcall(table.sort, t, function() return true end))
--@ table.sort of many values
local t, x = {}, 42 for i = 1, 500 do x = (x * 1103 + 12345) % 65536 t[i] = x end
table.sort(t) local ok = true for i = 2, #t do ok = ok and t[i - 1] <= t[i] end print(ok, t[1], t[500])
table.sort(t, function(a, b) if a % 10 ~= b % 10 then return a % 10 < b % 10 end return a < b end) print(t[1], t[2], t[500])
--@ an error inside the order function
print(pcall(table.sort, { 1, 2, 3 }, function() error("order") end))
--@ the length operator
print(#{}, #{ 1, 2, 3 }, #{ n = 1 }, #{ 1, 2, nil }, #"abc") local t = { 1, 2, 3 } t[#t] = nil print(#t) t[5] = 5 print(#t == 2 or #t == 5)
--@ the names of table
local names = {} for name in pairs(table) do if name ~= "getn" and name ~= "maxn" and name ~= "foreach" and name ~= "foreachi" then names[#names + 1] = name end end table.sort(names) print(table.concat(names, " "))
--@ table constructors
local t = { 1, 2, [2] = "x", a = 1, ["b c"] = 2, [3.0] = "three", 4; 5 } print(t[1], t[2], t[3], t[4], t.a, t["b c"], #t)
--@ keys of every type
local t, f, c = {}, print, {} t[f] = 1 t[c] = 2 t[true] = 3 t[1.5] = 4 t["1"] = 5 t[1] = 6 print(t[f], t[c], t[true], t[1.5], t["1"], t[1], t[false])
--@ traversal with assignments
local t = { 1, 2, 3, a = 1 } for k, v in pairs(t) do t[k] = v * 2 end print(t[1], t[2], t[3], t.a)
--@ order of arrays in pairs
local t = {} for i = 1, 20 do t[i] = i end local s = {} for k in pairs(t) do s[#s + 1] = k end print(table.concat(s, ","))
