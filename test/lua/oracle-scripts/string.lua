--@ string.len, upper, lower, reverse
print(("abc"):len(), ("a\0b"):len(), #"", ("aBc1"):upper(), ("AbC\xc4"):lower(), ("abc"):reverse(), (""):reverse(), ("12"):rep(2))
print(pcall(function() return (12):rep(2) end))
--@ string.sub
local s = "hello"
print(s:sub(2), s:sub(2, 3), s:sub(-3), s:sub(-3, -2), s:sub(0), s:sub(10), s:sub(3, 2), s:sub(-100, 2), s:sub(1, 100), s:sub(2.0))
print(pcall(s.sub, s)) print(pcall(s.sub, s, 1.5)) print(pcall(s.sub, s, "x")) print(pcall(s.sub)) print(s:sub("2", "3"))
print(s:sub(math.mininteger, math.maxinteger))
--@ string.byte and char
print(("abc"):byte(), ("abc"):byte(2), ("abc"):byte(1, -1), ("abc"):byte(10), (""):byte()) print(string.char(), string.char(72, 105), #string.char(0, 255))
print(pcall(string.char, 256)) print(pcall(string.char, -1)) print(pcall(string.char, "x")) print(pcall(string.byte)) print(string.char("65"))
--@ string.rep
print(("ab"):rep(3), ("ab"):rep(3, ","), ("ab"):rep(0), ("ab"):rep(-1), ("ab"):rep(1, ","), (""):rep(100))
print(pcall(string.rep)) print(pcall(string.rep, "x")) print(pcall(string.rep, "x", 1e18)) print(pcall(string.rep, {}, 1))
--@ string.rep that is too large
print(pcall(string.rep, "abcdefghij", math.maxinteger // 2))
--@ string.find
print(("hello"):find("l"), ("hello"):find("l", 4), ("hello"):find("x"), ("hello"):find(""), ("hello"):find("", 10), ("hello"):find("", 6))
print(("a.b"):find(".", 1, true), ("a.b"):find("%."), ("a.b"):find(".", -1, true), ("hello"):find("(l)(l)"), ("hello"):find("()ll()"))
print(("a\0b"):find("\0"), ("a\0b"):find("b", 1, true), ("a+b"):find("+", 1, true))
print(pcall(string.find, "a")) print(pcall(string.find)) print(pcall(string.find, "a", "[a")) print(pcall(string.find, "a", "%"))
print(pcall(string.find, "a", "(a")) print(pcall(string.find, "a", "a)")) print(pcall(string.find, "a", "%f")) print(pcall(string.find, "a", "%b"))
--@ string.match
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$")) print(("2024-01-31"):match("(%d+)-(%d+)-(%d+)")) print(("abc"):match("b"), ("abc"):match("x"))
print(("  trim  "):match("^%s*(.-)%s*$") .. "|", ("abc"):match("()b()"), ("abc"):match(".", -1), ("x"):match("((x))"))
print(("THE (quick) fox"):find("%((%a+)%)")) print(("f(a(b)c)d"):match("%b()")) print(("THE (quick) fox"):match("%f[%a]%a+", 5))
print(("hello"):match("(h)(e)(l)(l)(o)")) print(("aaa"):match("a-b"), ("aaa"):match("a*"), ("aaa"):match("a-$"), ("[x]"):match("[]]"), ("a-b"):match("[a%-]+"))
print(("abc123"):match("[^%d]+"), ("abc^"):match("[%^]"), ("x=1, y=2"):match("y=(%d)"), ("aXb"):match("%u"), ("a_b"):match("[%w_]+"))
print(("\xe4x"):match("[\x80-\xff]") == "\xe4", ("a\0b"):match("%z"), ("abab"):match("(ab)%1"))
print(pcall(string.match, "a", "%1")) print(pcall(string.match, "a", "(a)%2")) print(pcall(string.match, "x", ("(x)"):rep(40)))
--@ string.gmatch
for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do io.write(k, ":", v, ";") end print()
for w in ("one two"):gmatch("%a+") do io.write(w, ";") end for p in ("abc"):gmatch("()") do io.write(p, ";") end print()
for e in ("a,,b"):gmatch("([^,]*)") do io.write("[", e, "]") end print()
for w in ("^a^a"):gmatch("^a") do io.write(w, ";") end print() print(pcall(string.gmatch)) print(pcall(string.gmatch, "a"))
--@ string.gsub
print(("hello"):gsub("l", "L")) print(("hello"):gsub("l", "L", 1)) print(("hello"):gsub("", "-")) print(("hello"):gsub("(l)(.)", "%2%1"))
print(("hello"):gsub("l", "%0%0")) print(("hello world"):gsub("%w+", string.upper)) print(("$name is $age"):gsub("%$(%w+)", { name = "Lua", age = 5 }))
print(("abc"):gsub("%w", function(c) if c == "b" then return false end return c .. "." end)) print(("abc"):gsub("b", "%%")) print(("a b"):gsub(" ", "\\ "))
print(("abc"):gsub("^a", "x"), ("aaa"):gsub("^a", "x"), ("abc"):gsub("c$", "x"), ("a.b.c"):gsub("%.", "/"), ("abc"):gsub("x*", "-"))
print(pcall(string.gsub, "a", "a", "%2")) print(pcall(string.gsub, "a", "a", "%x")) print(pcall(string.gsub, "a", "a")) print(pcall(string.gsub, "a", "a", {}, "x"))
print(pcall(string.gsub, "a", "a", function() return {} end)) print(pcall(string.gsub, "a", "a", true)) print(pcall(string.gsub, "a", "(", "x"))
print(("abc"):gsub("b", 5), ("abc"):gsub("b", { b = 7.5 }), ("x"):gsub("x", "%1"), ("abc"):gsub(".", { a = true } and { a = 1, b = false }))
--@ string.gsub with anchors, frontiers and balance
print(("hello world"):gsub("o w", "0_W")) print(("THE (quick) fox"):gsub("%f[%a]%a", "_")) print(("a(b(c))d"):gsub("%b()", "")) print(("  x "):gsub("^%s+", ""))
print(("a/b/c"):gsub("/[^/]*$", ""), ("path/to/file.txt"):match("([^/]+)%.(%w+)$"), ("'it's'"):gsub("'", "'\\''"))
--@ string.format %d and %i
print(string.format("%d %5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42, 42), string.format("%d", 3.0), string.format("%d", "10"), string.format("%i", -3), string.format("%.3d", 5))
print(pcall(string.format, "%d", 3.5)) print(pcall(string.format, "%d", "x")) print(pcall(string.format, "%d")) print(pcall(string.format, "%d", "3.5")) print(pcall(string.format, "%d", {}))
--@ string.format %x %X %o %u %c
print(string.format("%x %X %#x %o %c%c", 255, 255, 255, 8, 72, 105), string.format("%08x", 48879), string.format("%5c|", 65), #string.format("%c", 0))
print(pcall(string.format, "%u", 5)) print(string.format("%x", 0))
--@ string.format of negative numbers in hexadecimal
print(string.format("%x %X %o", -1, -255, -8))
--@ string.format %f %e %g %a
print(string.format("%f %.2f %10.3f| %-10.1f| %+.1f %010.2f", 3.14159, 2.005, 2.5, 2.5, 2.5, -2.5), string.format("%.0f %.0f %.0f", 0.5, 1.5, 2.5), string.format("%#.0f", 3))
print(string.format("%e %.2E %g %g %g %g %G", 12345.678, 0.00012, 100000, 1000000, 1e-5, 0.0001, 1e-10), string.format("%.3g|%10.2g|%#g", 1234.5, 0.000123, 1.5))
print(string.format("%.14g %.17g %.20f %5.1f", 0.1, 0.1, 0.1, 99.95), string.format("%f %e %g", 1/0, -1/0, 1/0), string.format("%.99f", 1/3):sub(1, 30))
print(string.format("%g %g %g %g", 0, -0.0, 1e300, 123456789), string.format("%.10g", 2^53), string.format("%5.f|", 2.7), string.format("%g", 100))
print(string.format("%a %a", 1, 0.5), string.format("%A", 255.5), string.format("%.3a", 1))
--@ string.format %s and %q
print(string.format("%s %s %s", 1, true, nil), string.format("%10s|%-10s|%.2s|%5.1s|", "abc", "abc", "abc", "abc"), string.format("%s", setmetatable({}, { __tostring = function() return "T" end })))
print(string.format("%q", 'a "quoted"\n\\ \0 \r \t \1272 \200'), string.format("%q", 5), string.format("%q", 0.5), string.format("%q", true), string.format("%q", nil))
print(pcall(string.format, "%q", {})) print(pcall(string.format, "%q", print)) print(pcall(string.format, "%s")) print(#string.format("%s", ("x"):rep(1000))) print(pcall(string.format, "%10q", "x"))
print(string.format("%q", 1/0), string.format("%q", -1/0), string.format("%q", 1e100), string.format("%s%%", 5), string.format("%5s", "\xe4"), #string.format("%s", "a\0b"))
--@ string.format with wrong directives
print(pcall(string.format, "%y", 1)) print(pcall(string.format, "%", 1)) print(pcall(string.format, "%123d", 1)) print(pcall(string.format, "%0000000d", 1)) print(pcall(string.format, "%.123d", 1)) print(pcall(string.format))
print(pcall(string.format, "%l", 1)) print(pcall(string.format, "a%")) print(pcall(string.format, 5)) print(string.format("100%% %s", "x")) print(pcall(string.format, {}))
--@ string.format %p does not exist
print(pcall(string.format, "%p", {}))
--@ string.pack and unpack of integers
local function hex(s) return (s:gsub(".", function(c) return string.format("%02x", c:byte()) end)) end
print(hex(string.pack("<i4", 100)), hex(string.pack(">i4", 100)), hex(string.pack("b", -1)), hex(string.pack("B", 255)), hex(string.pack("<h", -2)), hex(string.pack(">H", 513)), hex(string.pack("<I3", 0x010203)))
print(string.unpack("<i4", "\1\0\0\0"), string.unpack(">I2", "\1\2"), string.unpack("b", "\xff"), string.unpack("<i2", "\xfe\xff"), string.unpack("<I3", "\3\2\1"))
print(pcall(string.pack, "b", 200)) print(pcall(string.pack, "B", 256)) print(pcall(string.unpack, "<i4", "abc")) print(pcall(string.pack, "i17", 1)) print(pcall(string.pack, "y")) print(pcall(string.pack, "i0", 1))
--@ string.pack of strings and floats
local function hex(s) return (s:gsub(".", function(c) return string.format("%02x", c:byte()) end)) end
print(hex(string.pack("z", "ab")), hex(string.pack("s1", "ab")), hex(string.pack("<s2", "ab")), hex(string.pack("c5", "ab")), hex(string.pack("<d", 1.5)), hex(string.pack("<f", 1.5)), hex(string.pack("<n", -2)))
print(string.unpack("z", "ab\0cd"), string.unpack("s1", "\2abc"), string.unpack("c2", "abcd"), string.unpack("<d", string.pack("<d", 0.1)), string.unpack("<f", string.pack("<f", 0.5)))
print(pcall(string.pack, "z", "a\0b")) print(pcall(string.unpack, "z", "abc")) print(pcall(string.pack, "c2", "abc")) print(pcall(string.pack, "c", "abc")) print(pcall(string.unpack, "s1", "\5ab")) print(pcall(string.pack, "s1", ("x"):rep(300)))
--@ string.pack with alignment
local function hex(s) return (s:gsub(".", function(c) return string.format("%02x", c:byte()) end)) end
print(hex(string.pack("<!4 b i4", 1, 2)), hex(string.pack("<b x b", 1, 2)), hex(string.pack("<!4 b Xi4", 1)), string.packsize("<!4 b i4"), string.packsize("i4 i2 b"), hex(string.pack(">!2 b h", 1, 2)))
print(pcall(string.packsize, "s")) print(pcall(string.packsize, "z")) print(pcall(string.pack, "!3 i3", 1)) print(pcall(string.pack, "X", 1)) print(pcall(string.pack, "!17", 1))
--@ string.pack sizes of this machine
print(string.packsize("b"), string.packsize("h"), string.packsize("i"), string.packsize("l"), string.packsize("j"), string.packsize("T"), string.packsize("f"), string.packsize("d"), string.packsize("n"))
--@ string.unpack positions
print(string.unpack("b", "abc", 2), string.unpack("b", "abc", -1)) print(pcall(string.unpack, "b", "abc", 4)) print(pcall(string.unpack, "b", "abc", 5)) print(string.unpack("bb", "ab"))
--@ string.dump
print(type(string.dump(function() return 1 end)), load(string.dump(function(a) return a * 2 end))(21)) print(pcall(string.dump, print)) print(pcall(string.dump))
--@ methods of strings
print(("x"):rep(3), ("%d"):format(5), #"abc", ("x").y, pcall(function() return ("x"):nomethod() end))
--@ arithmetic with strings
print("10" + 1, "3" * "4", "0x10" + 0, "1e1" + 0, "10" // 3, "7" % 2, "2" ^ 2, -"3", " 5 " + 1) print(pcall(function() return "abc" + 1 end)) print(pcall(function() return {} + 1 end)) print("1" < "2", "10" < "9")
--@ concatenation of numbers
print(1 .. 2, 1.0 .. "", -0.0 .. "", 1e15 .. "", 2^63 .. "", 10 // 1 .. "x", 1e100 .. "")
--@ comparison of strings with bytes
print("a" < "b", "a" < "aa", "\0" < "\1", "abc" < "abd", "" == "", "\xff" < "\xfe", "Z" < "a", "ä" == "\xc3\xa4")
--@ patterns with special characters
print(("a.b*c"):gsub("[%.%*]", "_"), ("50%"):gsub("%%", "pc"), ("x^2"):gsub("%^", "**"), ("a-b"):gsub("%-", "+"), ("[a]"):gsub("[%[%]]", ""), ("a$"):gsub("%$", "S"))
print(("/path/to/dir/"):gsub("/+$", ""), ("//a//b"):gsub("//+", "/"), ("file.tar.gz"):match("^(.-)%.(.*)$"), ("file.tar.gz"):match("^(.*)%.(.*)$"))
--@ character classes
local function class(p) local n = 0 for c = 0, 255 do if string.char(c):find(p) then n = n + 1 end end return n end
print(class("%a"), class("%c"), class("%d"), class("%g"), class("%l"), class("%p"), class("%s"), class("%u"), class("%w"), class("%x"), class("."), class("%A"), class("[%a%d]"), class("[^%s]"), class("[a-f]"))
--@ a pattern that is too complex
print((select(2, pcall(string.match, ("a"):rep(300000), ("a?"):rep(300000) .. "b"))):match("pattern too complex"))
--@ many floats in every format
local x = 88172645463325252
local function nextnumber() x = x ~ (x << 13) x = x ~ (x >> 7) x = x ~ (x << 17) return x end
for i = 1, 300 do
  local n = string.unpack("<d", string.pack("<i8", nextnumber())) if i % 2 == 0 then n = (nextnumber() >> 20) / 2 ^ (i % 60) end
  if n == n and math.abs(n) < 1e100 then print(n, string.format("%.3f|%.0f|%.2e|%g|%.10g|%.17g|%a|%12.4f|%-12.1e|%+g|%#.3g|%08.2f", n, n, n, n, n, n, n, n, n, n, n, n)) end
end
--@ floats halfway between two digits
for i = 1, 60 do local n = i / 8 print(n, string.format("%.0f %.1f %.2f %.0e %.1e %.1g %.2g", n, n, n, n, n, n, n)) end
--@ integers in every format
for _, n in ipairs({ 0, 1, -1, 255, -255, 2147483647, -2147483648, 1 << 40, -(1 << 40), math.maxinteger, math.mininteger }) do print(string.format("%d|%i|%x|%X|%o|%5d|%-5d|%05d|%+d|% d|%.3d|%8.4x|%#x|%#o|%.0d", n, n, n, n, n, n, n, n, n, n, n, n, n, n, n)) end
