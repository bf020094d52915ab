--@ utf8.char
print(utf8.char(72, 228, 8364, 128512), utf8.char(), #utf8.char(0x10FFFF))
print(pcall(utf8.char, 0x7FFFFFFF)) print(pcall(utf8.char, -1)) print(pcall(utf8.char, 0x80000000)) print(pcall(utf8.char, "x"))
--@ utf8.charpattern
print((utf8.charpattern:gsub("[\0-\31\127-\255]", function(c) return "\\" .. c:byte() end))) for c in ("aä€"):gmatch(utf8.charpattern) do io.write(#c, " ") end print()
--@ utf8.codepoint
print(utf8.codepoint("aä€", 1, -1)) print(utf8.codepoint("ä")) print(pcall(utf8.codepoint, "\xff")) print(pcall(utf8.codepoint, "a", 5)) print(pcall(utf8.codepoint, "ä", 2)) print(utf8.codepoint("abc", 3, 2))
--@ utf8.len
print(utf8.len("aä€"), utf8.len(""), utf8.len("a\xffb"), utf8.len("aä€", 2), utf8.len("aä€", -3), utf8.len("\xc3")) print(pcall(utf8.len, "abc", 6)) print(pcall(utf8.len, "ä", 1, 5)) print(utf8.len("\u{D800}", 1), utf8.len("ä", 2))
--@ utf8.offset
print(utf8.offset("aä€", 1), utf8.offset("aä€", 2), utf8.offset("aä€", 3), utf8.offset("aä€", 4), utf8.offset("aä€", 5), utf8.offset("aä€", -1), utf8.offset("aä€", 0, 3)) print(pcall(utf8.offset, "ä", 1, 2)) print(pcall(utf8.offset, "abc", 1, 10)) print(pcall(utf8.offset, "abc"))
--@ utf8.codes
for p, c in utf8.codes("aä€😀") do io.write(p, "=", c, " ") end print() print(pcall(function() for _ in utf8.codes("a\xff") do end end)) print(pcall(utf8.codes))
