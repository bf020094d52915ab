--@ math.floor and ceil
print(math.floor(3.7), math.floor(-3.7), math.ceil(3.2), math.ceil(-3.2), math.floor(5), math.floor(1e100), math.ceil(-0.5), math.floor(-0.0), math.floor("3.7")) print(pcall(math.floor, "x")) print(pcall(math.floor)) print(pcall(math.floor, {}))
--@ math.abs, max, min
print(math.abs(-5), math.abs(-5.5), math.abs(-0.0), math.max(1, 2.5, -1), math.min(3, 1, 2), math.max(1), math.max(2, 2.0), math.min(1.0, 1)) print(pcall(math.max)) print(pcall(math.min)) print(pcall(math.max, 1, "x")) print(pcall(math.max, "10", 9))
--@ math.sqrt, exp, log
print(math.sqrt(16), math.sqrt(2), math.sqrt(-1) ~= math.sqrt(-1), math.exp(0), math.exp(1), math.log(1), math.log(8, 2), math.log(100, 10), math.log(27, 3), math.log(0), math.log(2)) print(pcall(math.sqrt)) print(pcall(math.log, "x")) print(math.log(1024, 2), math.log(1000, 10))
--@ trigonometry
print(math.sin(0), math.cos(0), math.tan(0), math.asin(1), math.acos(1), math.atan(1), math.atan(1, -1), math.atan(-1, 0), math.pi, math.deg(math.pi), math.rad(180)) print(string.format("%.10f %.10f", math.sin(1), math.cos(1)))
--@ math.fmod and modf
print(math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(7.5, 2), math.fmod(-6, 2), math.modf(3.7), math.modf(-3.7), math.modf(5), math.modf(1/0), math.modf(-1/0)) print(pcall(math.fmod, 1, 0)) print(pcall(math.fmod, 1)) print(math.fmod(1, math.huge)) print(pcall(math.modf))
print(math.fmod(5.5, math.huge), math.fmod(-7.5, 2))
--@ math.type and tointeger
print(math.type(1), math.type(1.0), math.type("1"), math.type(nil), math.type(2^31)) print(pcall(math.type)) print(math.tointeger(3.0), math.tointeger(3.5), math.tointeger("8"), math.tointeger({}), math.tointeger(1/0), math.tointeger(-0.0)) print(pcall(math.tointeger))
--@ math.ult
print(math.ult(1, 2), math.ult(-1, 2), math.ult(2, -1), math.ult(-2, -1)) print(pcall(math.ult, 1.5, 2)) print(pcall(math.ult, 1))
--@ math.random in its range
for _ = 1, 200 do local r = math.random() assert(r >= 0 and r < 1) local i = math.random(6) assert(i >= 1 and i <= 6 and math.type(i) == "integer") local j = math.random(-3, 3) assert(j >= -3 and j <= 3) end
print(math.random(1, 1), math.random(1)) print(pcall(math.random, 0)) print(pcall(math.random, 2, 1)) print(pcall(math.random, 1, 2, 3)) print(pcall(math.random, "x")) math.randomseed(42) print(pcall(math.randomseed)) print(pcall(math.random, 1.5))
--@ math.randomseed repeats
math.randomseed(7) local a, b = math.random(1000), math.random(1000) math.randomseed(7) print(a == math.random(1000), b == math.random(1000))
--@ math.huge
print(math.huge, -math.huge, math.huge == 1/0, math.huge > math.maxinteger, -math.huge < math.mininteger)
--@ math.maxinteger
print(math.maxinteger, math.mininteger, math.maxinteger + 1 == math.mininteger, math.maxinteger * 2, math.mininteger // -1, math.abs(math.mininteger), -math.mininteger)
--@ integers beyond 32 bits in source
print(2147483648, 4294967296, -2147483649, 9007199254740993, 0xffffffff, 0x7fffffffffffffff, 0xffffffffffffffff, 9223372036854775807, 9223372036854775808)
--@ integers beyond 32 bits in arithmetic
print(2147483647 + 1, -2147483648 - 1, 65536 * 65536, 3 * 1024 * 1024 * 1024, 2147483647 * 2147483647, 1000000007 * 998244353, 1 << 31, 1 << 32, 1 << 62, 1 << 63, 1 << 64)
local size = 5 * 1024 * 1024 * 1024 print(size, size // 1024, size % 1000, size / 2, -size, size + 0.5, size == 5368709120, size > 2^32, math.type(size))
--@ integers beyond 53 bits wrap as 64-bit integers do
print(9007199254740993 + 0, 9007199254740993 * 3, 4611686018427387904 * 2, 4611686018427387904 + 4611686018427387904, 9223372036854775807 + 1, 3037000500 * 3037000500, -9223372036854775807 - 2)
print(123456789012345678 * 987654321, 9223372036854775807 // 10, 9223372036854775807 % 1000, -9223372036854775807 // 10, -9223372036854775807 % 1000)
--@ bit operations with 64 bits
print(0xff00ff00ff & 0x0ff00ff000, 1 << 40 | 1, ~0, ~0 >> 1, ~0 >> 60, -1 >> 32, -1 << 32, 0xdeadbeefcafe ~ 0xffffffff, 1 << -1, 2 >> -40, 1 >> 64, ~5000000000, 5000000000 >> 3, -5 >> 1)
--@ conversions of large floats
print(2^31 | 0, 2^40 // 1, 2^53 | 0, math.tointeger(2^62), pcall(function() return 2^63 | 0 end)) print(math.floor(2^40 + 0.5), math.ceil(2^33 + 0.5), math.tointeger(2^63), math.floor(-2^63), math.floor(2^63), math.tointeger("4294967296"))
--@ string.format of large integers
print(string.format("%d %x %X %o %i %5d", 2^40, 2^40, 1 << 40, 2^33, 5000000000, 2^31), string.format("%d", -2^63), string.format("%q", 1 << 40), string.format("%s", 1 << 40), string.format("%.0f", 1 << 40), string.format("%q", math.mininteger)) print(pcall(string.format, "%d", 2^63))
--@ tonumber of large integers
print(tonumber("4294967296"), tonumber("9223372036854775807"), tonumber("9223372036854775808"), tonumber("0xffffffffff"), tonumber("ffffffffff", 16), tonumber("-9223372036854775808"), tonumber("1" .. ("0"):rep(20)), tonumber("zzzzzzzzzzz", 36)) print("5000000000" + 1, "0x1ffffffff" & 0xff, "4294967296" * 2)
--@ comparison of large integers and floats
print(9007199254740993 == 9007199254740992.0, 9007199254740993 < 9007199254740992.0, 9007199254740993 > 9007199254740992.0, 9223372036854775807 < 2^63, 9223372036854775807 == 2^63, 2^53 == 9007199254740992, math.maxinteger + 0.0 == 2^63, math.maxinteger <= 2^63, 2^63 > math.maxinteger, -2^63 == math.mininteger, 1 < 1.5, 9007199254740993 ~= 9007199254740992)
--@ large integers as keys
local t = {} t[2^40] = "a" t[1 << 62] = "b" t[9007199254740993] = "c" print(t[1 << 40], t[4611686018427387904], t[2^62], t[9007199254740993], t[9007199254740992], next({ [1 << 40] = 1 }))
--@ for loops with large integers
for i = 4294967295, 4294967297 do io.write(i, " ") end for i = 1 << 40, (1 << 40) + 2^33, 1 << 32 do io.write(i, " ") end for i = math.mininteger, math.mininteger + 2, 2 do io.write(i, " ") end print()
--@ string.pack of 64-bit integers
local function hex(s) return (s:gsub(".", function(c) return string.format("%02x", c:byte()) end)) end
print(hex(string.pack("<i8", 1 << 40)), hex(string.pack("<i8", -2)), hex(string.pack(">j", math.maxinteger)), hex(string.pack("<I5", 1 << 33)), hex(string.pack("<i16", -1)), hex(string.pack("<T", 5))) print(string.unpack("<i8", string.pack("<i8", 1 << 40)), string.unpack("<I4", "\xff\xff\xff\xff"), string.unpack("<j", ("\xff"):rep(8)), string.unpack("<I8", ("\xff"):rep(8)), string.unpack("<i16", string.pack("<i16", -5)))
print(pcall(string.pack, "i4", 1 << 31)) print(pcall(string.pack, "I4", 1 << 32)) print(hex(string.pack("<I4", 0xffffffff))) print(pcall(string.unpack, "<I16", ("\xff"):rep(16)))
--@ math.abs, fmod, ult and random with large integers
print(math.abs(-5000000000), math.fmod(5000000001, 10), math.fmod(-5000000001, 10), math.ult(1 << 40, -1), math.max(1 << 40, 2^41), math.min(1 << 40, 1 << 41), math.type(1 << 40), math.tointeger(1 << 40)) for _ = 1, 50 do local r = math.random(1 << 40) assert(r >= 1 and r <= 1 << 40 and math.type(r) == "integer") end print(pcall(math.random, math.mininteger, math.maxinteger) ~= nil, math.random(1 << 40, 1 << 40))
--@ division and modulo by zero and of the smallest integer
print(pcall(function() return (1 << 40) // 0 end)) print(pcall(function() return (1 << 40) % 0 end)) print(math.mininteger // -1, math.mininteger % -1, math.mininteger // 1, (1 << 40) // 0.0, -(1 << 40) % 7, (1 << 40) % -7, (1 << 40) // -7, 7 // (1 << 40), -7 // (1 << 40), -7 % (1 << 40))
--@ the names of math
local extra = { pow = 1, log10 = 1, atan2 = 1, ldexp = 1, frexp = 1, sinh = 1, cosh = 1, tanh = 1, mod = 1 } local names = {} for name in pairs(math) do if not extra[name] then names[#names + 1] = name end end table.sort(names) print(table.concat(names, " "))
--@ arithmetic of many integers
local x = 88172645463325252
local function nextnumber() x = x ~ (x << 13) x = x ~ (x >> 7) x = x ~ (x << 17) return x >> (x & 63) end
for i = 1, 300 do
  local a, b = nextnumber(), nextnumber() if i % 3 == 0 then a = -a end if i % 5 == 0 then b = -b end if b == 0 then b = 1 end
  print(a, b, a + b, a - b, a * b, a // b, a % b, a & b, a | b, a ~ b, ~a, -a, a << (b & 31), a >> (b & 31), a < b, a <= b, a == b, a / b, math.ult(a, b), math.fmod(a, b))
end
--@ integers and floats of many sizes
for e = -70, 70 do local f = 2.0 ^ e io.write(tostring(f), " ", tostring(f + 1), " ", tostring(math.tointeger(f)), " ", tostring(f // 1 | 0 == 0 and e < 63), " ") if e >= 0 and e < 63 then io.write(tostring(1 << e == f), " ", (1 << e) + 0.5, " ", tostring(((1 << e) + 1) == (f + 1)), " ", tostring((1 << e) + 1 > f)) end print() if e == 62 then break end end
--@ texts that are numbers
for _, t in ipairs({ "9007199254740993", "-9007199254740993", "0x8000000000000000", "0xfffffffffffffffff", "1e15", "123456789012345678901", "0x1p63", "9223372036854775807.0", "-0", "-0.0", "0x", "1e309", "0x.1p-3", "  12  ", "1__0", "9223372036854775807 ", "+9223372036854775808" }) do local n = tonumber(t) print(t, n, math.type(n)) end
