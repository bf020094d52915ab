--@ io.open modes
local p = "DIR/f"
print(io.open(p, "r")) print(io.open(p, "r+")) local f = io.open(p, "w") f:write("abc") f:close()
for _, mode in ipairs({ "r", "rb", "r+", "r+b", "w", "wb", "w+", "w+b", "a", "ab", "a+", "a+b" }) do local f = io.open(p, mode) io.write(mode, "=", io.type(f), " ") f:close() end print()
for _, mode in ipairs({ "", "x", "rw", "r++", "br", "rb+", "wx", " r" }) do print(mode, pcall(io.open, p, mode)) end
print(pcall(io.open)) print(pcall(io.open, {})) print(pcall(io.open, p, {})) print(pcall(io.open, nil))
--@ io.open of what cannot be opened
print(io.open("DIR/missing")) print(io.open("DIR/missing/f", "w")) print(io.open("DIR", "w")) print(io.open("", "r")) print(io.open("DIR/" .. ("n"):rep(300), "w"))
--@ reading a directory
local f = io.open("DIR") print(io.type(f)) print(f:read(1)) print(f:read("a")) print(f:read("l")) print(f:read("n")) print(f:close())
--@ writing to a file opened to read
local f = io.open("DIR/f", "w") f:close() f = io.open("DIR/f", "r") print(f:write("x")) print(f:close())
--@ reading from a file opened to write
local f = io.open("DIR/f", "w") print(f:read("a")) print(f:read(1)) print(f:read("l")) print(f:read(0)) print(f:read("n")) f:close()
--@ read formats
local f = io.open("DIR/f", "w") f:write("line one\nline two\n\n  42 0x10 -1.5e2 rest\nlast") f:close()
f = io.open("DIR/f") print(f:read()) print(f:read("L")) print(f:read("l")) print(f:read("n", "n", "n")) print(f:read("l")) print(f:read(2, 0, 10)) print(f:read(0)) print(f:read(1)) print(f:read("l")) print(f:read("L")) print(f:read("n")) print(f:read("a")) print(f:read("a"))
--@ read formats with a star
local f = io.open("DIR/f", "w") f:write("1 2\nx\ny\nz") f:close() f = io.open("DIR/f") print(f:read("*n", "*number", "*l", "*L", "*line")) print(f:read("*a", "*all"))
--@ read with wrong formats
local f = io.open("DIR/f", "w+") f:write("abc") f:seek("set") print(pcall(f.read, f, "x")) print(pcall(f.read, f, "*x")) print(pcall(f.read, f, "")) print(pcall(f.read, f, {})) print(pcall(f.read, f, nil)) print(pcall(f.read, f, "l", "q")) print(pcall(f.read, f, 1.5)) print(pcall(f.read)) print(pcall(f.read, 5)) print(pcall(f.read, f, true)) f:close()
--@ read of several values stops at the end
local f = io.open("DIR/f", "w+") f:write("a\n") f:seek("set") print(f:read("l", "l", "l")) f:seek("set") print(f:read(1, 5, 5)) f:seek("set") print(f:read("a", "l", "a")) f:close()
--@ read numbers
local function try(text) local f = io.open("DIR/f", "w") f:write(text) f:close() f = io.open("DIR/f") local n = f:read("n") print(text, n, math.type(n), f:read("a")) f:close() end
for _, text in ipairs({ "1", "+1", "-1", "1.5", ".5", "5.", "1e3", "1e+3", "1e-2x", "0x1F", "0x1p4", "0x.8", "0xG", "1e", "1e+", "--1", "abc", "", "  7", "\n\n8", "1,5", "1 2", "1.2.3", "0x", "nan", "inf", "12abc", "1e5.5", "0xep1", "99999999999", "- 5", "1_0", "0b1", "00012", "-0", "-0.0", "1e400" }) do try(text) end
--@ read a number that is too long
local f = io.open("DIR/f", "w") f:write(("1"):rep(300)) f:close() f = io.open("DIR/f") print(f:read("n")) print(#f:read("a"))
--@ read a long line and a large file
local f = io.open("DIR/f", "w") f:write(("x"):rep(200000), "\n", ("y"):rep(100000)) f:close() f = io.open("DIR/f") print(#f:read("l"), #f:read("l"), f:read("l")) f:seek("set") print(#f:read("a"), f:seek()) f:close()
--@ bytes and NULs
local f = io.open("DIR/f", "wb") f:write("\0\255\n", "a\0b\r\n") f:close() f = io.open("DIR/f", "rb") print(f:read("l"):byte(1, -1)) print(f:read("L"):byte(1, -1)) f:close()
--@ write returns the file and takes numbers
local f = io.open("DIR/f", "w") print(f:write("a", 1, 2.5, -0.0, 1e15, 3.0) == f, io.type(f:write())) f:close() print(io.open("DIR/f"):read("a")) f = io.open("DIR/f", "w") print(pcall(f.write, f, nil)) print(pcall(f.write, f, {})) print(pcall(f.write, f, "x", true)) print(pcall(f.write)) print(pcall(f.write, "x")) f:close() print(io.open("DIR/f"):read("a"))
--@ write without space on the disk
local f = io.open("/dev/full", "w") print(f:setvbuf("no")) print(f:write("x")) print(f:close())
--@ write in append mode
local f = io.open("DIR/f", "w") f:write("abc") f:close() f = io.open("DIR/f", "a") f:seek("set", 0) f:write("X") print(f:seek()) f:close() print(io.open("DIR/f"):read("a")) f = io.open("DIR/f", "a+") print(f:read("a")) f:write("Y") f:seek("set") print(f:read(2)) f:write("Z") f:close() print(io.open("DIR/f"):read("a"))
--@ r+ overwrites in place
local f = io.open("DIR/f", "w") f:write("abcdef") f:close() f = io.open("DIR/f", "r+") print(f:read(2)) f:seek("cur", 0) f:write("XY") f:flush() print(f:seek("cur", 0), f:read("a")) f:close() print(io.open("DIR/f"):read("a"))
--@ w+ truncates
local f = io.open("DIR/f", "w") f:write("old text") f:close() f = io.open("DIR/f", "w+") print(f:read("a")) f:write("new") f:seek("set", 1) print(f:read("a")) f:close()
--@ file:seek
local f = io.open("DIR/f", "w+") f:write("0123456789") print(f:seek(), f:seek("set"), f:seek("set", 3), f:read(1), f:seek("cur"), f:seek("cur", 2), f:read(1), f:seek("end"), f:seek("end", -2), f:read("a")) print(f:seek("set", -1)) print(f:seek("cur", -100)) print(pcall(f.seek, f, "nowhere")) print(pcall(f.seek, f, 5)) print(pcall(f.seek, f, "set", "x")) print(pcall(f.seek, f, "set", 1.5)) print(f:seek("set", "4"), f:seek("cur", 1.0)) f:close() print(pcall(f.seek, f))
--@ file:seek beyond the end
local f = io.open("DIR/f", "w+") f:write("ab") print(f:seek("set", 5)) print(f:read(1), f:read("a")) f:write("c") f:seek("set") print((f:read("a"):gsub("\0", "."))) print(f:seek("end")) f:close()
--@ file:seek far beyond 4 GiB
local f = io.open("DIR/f", "w+") print(f:seek("set", 5000000000)) f:write("x") print(f:seek("cur"), f:seek("end"), math.type(f:seek("end"))) f:close() os.remove("DIR/f")
--@ file:setvbuf
local f = io.open("DIR/f", "w") print(f:setvbuf("no"), f:setvbuf("full", 1024), f:setvbuf("line")) print(pcall(f.setvbuf, f)) print(pcall(f.setvbuf, f, "x")) print(pcall(f.setvbuf, f, "full", "x")) f:close() print(pcall(f.setvbuf, f, "no"))
--@ file:setvbuf decides what others see
local f = io.open("DIR/f", "w") f:setvbuf("no") f:write("at once") print(io.open("DIR/f"):read("a")) f:setvbuf("full") f:close()
--@ what is written is there after flush
local f = io.open("DIR/f", "w") f:write("text") print(io.type(f:flush())) print(io.open("DIR/f"):read("a")) f:close() print(pcall(f.flush, f)) print(pcall(io.flush) )
--@ file:lines
local f = io.open("DIR/f", "w") f:write("a\n\nb\n1 2 3") f:close() for l in io.open("DIR/f"):lines() do io.write("[", l, "]") end print() for l in io.open("DIR/f"):lines("L") do io.write("[", l, "]") end print() for c in io.open("DIR/f"):lines(1) do io.write("[", c, "]") end print()
f = io.open("DIR/f") for a, b in f:lines("l", 1) do io.write("[", tostring(a), "|", tostring(b), "]") end print(io.type(f)) f:seek("set", 5) for n in f:lines("n") do io.write(n, ";") end print() print(pcall(function() for _ in f:lines("x") do end end)) f:close() print(pcall(f.lines, f)) print(pcall(f.lines))
--@ io.lines
local f = io.open("DIR/f", "w") f:write("a\nb\n") f:close() for l in io.lines("DIR/f") do io.write("[", l, "]") end for l in io.lines("DIR/f", "L") do io.write("[", l, "]") end for a, b in io.lines("DIR/f", 1, "l") do io.write("[", a, "|", b, "]") end print() print(pcall(io.lines, "DIR/missing")) print(pcall(io.lines, {})) local it = io.lines("DIR/f") it() it() print(it()) print(pcall(it)) print(select("#", io.lines("DIR/f")))
--@ io.lines that closes its file
local f = io.open("DIR/f", "w") f:write("a\nb\n") f:close() local it = io.lines("DIR/f", "a") print(it()) print(it()) for i = 1, 3 do local ok, e = pcall(it) io.write(tostring(ok), " ") end print()
--@ file:lines of a file that is closed meanwhile
local f = io.open("DIR/f", "w") f:write("a\nb\n") f:close() f = io.open("DIR/f") local it = f:lines() print(it()) f:close() print(pcall(it))
--@ io.lines reads the default input
local f = io.open("DIR/f", "w") f:write("a\nb\n") f:close() io.input("DIR/f") for l in io.lines() do io.write("[", l, "]") end print(io.type(io.input())) io.close(io.input()) print(pcall(io.lines)) print(pcall(io.read))
--@ io.input and io.output
local f = io.open("DIR/f", "w") f:write("one\ntwo\n") f:close() print(io.type(io.input("DIR/f")), io.read(), io.read("L"), io.read()) print(pcall(io.input, "DIR/missing")) print(pcall(io.input, {})) print(io.type(io.input()))
io.output("DIR/out") io.write("x", 1, "\n") print(io.output() ~= io.stdout) io.close() print(pcall(io.write, "y")) io.output(io.stdout) print(io.open("DIR/out"):read("a")) print(pcall(io.output, "DIR"))
--@ io.close
local f = io.open("DIR/f", "w") print(io.close(f)) print(pcall(io.close, f)) print(pcall(f.close, f)) print(pcall(io.close, 5)) print(pcall(f.write, f, "x")) print(pcall(f.read, f)) print(tostring(f), io.type(f))
--@ closing the standard files
print(pcall(io.close, io.stderr) ~= nil, io.type(io.stderr)) print(io.type(io.stdin), io.type(io.stdout))
--@ io.type
print(io.type(io.stdout), io.type(5), io.type({}), io.type("x")) print(pcall(io.type))
--@ tostring of files
print((tostring(io.stdout):gsub("0x%x+", "ADDR"))) local f = io.open("DIR/f", "w") print((tostring(f):gsub("0x%x+", "ADDR"))) f:close() print(f)
--@ methods and fields of a file
local f = io.open("DIR/f", "w") print(f.nosuch, type(f.read), f.read == io.stdout.read, getmetatable(f).__name, getmetatable(f).__index == getmetatable(f) or type(getmetatable(f).__index)) print(pcall(function() f.x = 1 end)) print(pcall(function() return f:nosuch() end)) print(pcall(function() return f + 1 end)) print(pcall(function() return #f end)) print(f == f, f == io.stdout) f:close()
--@ files as keys
local f, t = io.open("DIR/f", "w"), {} t[f] = "value" t[io.stdout] = "out" print(t[f], t[io.stdout], io.stdout == io.output(), io.stdin == io.input()) f:close()
--@ methods called with a point
local f = io.open("DIR/f", "w") print(pcall(function() f.write("x") end)) print(pcall(function() f.close() end)) print(pcall(function() f.read() end)) print(pcall(function() f.seek("set") end)) print(pcall(function() f:seek("x") end)) print(pcall(function() f:read("x") end)) print(pcall(function() f:write({}) end)) print(pcall(function() f:setvbuf("x") end)) f:close()
--@ io.popen to read
local p = io.popen("echo a; echo b") print(io.type(p), p:read("a")) print(p:close()) print(io.popen("exit 3"):close()) print(io.popen("kill -9 $$"):close()) print(io.type(p)) for l in io.popen("printf '1\\n2'"):lines() do io.write(l, ";") end print() print(io.popen("printf 12x"):read("n", "a")) print((tostring(io.popen("true")):gsub("0x%x+", "ADDR")))
--@ io.popen to write
local p = io.popen("cat > DIR/f", "w") print(io.type(p:write("hi ", 5, 2.0))) print(p:close()) print(io.open("DIR/f"):read("a")) print(io.popen("cat >/dev/null; exit 7", "w"):close()) print(io.popen("kill -15 $$", "w"):close())
--@ io.popen starts its command at once
local p = io.popen("echo started > DIR/f; cat > DIR/g", "w") for _ = 1, 200 do local f = io.open("DIR/f") if f and f:read("a") ~= "" then f:close() break end if f then f:close() end os.execute("sleep 0.02") end print(io.open("DIR/f"):read("a")) p:write("x") p:close() print(io.open("DIR/g"):read("a"))
--@ io.popen to write shows what is flushed
local p = io.popen("cat > DIR/f", "w") p:write("early\n") p:flush() for _ = 1, 200 do local f = io.open("DIR/f") if f and f:read("a") ~= "" then f:close() break end if f then f:close() end os.execute("sleep 0.02") end print(io.open("DIR/f"):read("a")) print(p:close())
--@ io.popen of a command that goes on for ever
local p = io.popen("while :; do echo again; done") print(p:read(), p:read()) print(p:close())
--@ io.popen with wrong arguments
print(pcall(io.popen)) print(pcall(io.popen, "true", "x")) print(pcall(io.popen, "true", "rw")) print(pcall(io.popen, {})) print(pcall(io.popen, "true", "")) print(io.popen("true", "r"):close())
--@ io.popen of what is missing
print(io.popen("nosuchcommand 2>/dev/null"):close()) print(io.popen("DIR/nosuch 2>/dev/null"):read("a"))
--@ wrong direction on a popen
local p = io.popen("true") print(p:write("x")) p:close() p = io.popen("cat >/dev/null", "w") print(p:read(1)) p:close()
--@ seek on a popen
local p = io.popen("echo abc") print(p:seek()) print(p:seek("set", 1)) print(p:read()) p:close()
--@ io.popen with quotes, bytes and newlines
print(io.popen("printf '%s|' \"a b\" 'c\"d' $((1+2))"):read("a")) print(io.popen("printf 'a\nb'"):read("a")) print(io.popen("printf '\\344\\000\\377'"):read("a"):byte(1, -1)) print(io.popen("printf '%s' '\xe4\xff'"):read("a"):byte(1, -1))
--@ two popens at once
local a, b = io.popen("cat > DIR/a", "w"), io.popen("echo b") a:write("to a") print(b:read("a")) a:close() b:close() print(io.open("DIR/a"):read("a"))
--@ a large popen
local p = io.popen("head -c 300000 /dev/zero | tr '\\0' x") local s = p:read("a") print(#s, p:close()) p = io.popen("wc -c > DIR/f", "w") for _ = 1, 100 do p:write(("y"):rep(5000)) end print(p:close()) print(tonumber(io.open("DIR/f"):read("a")))
--@ io.tmpfile
local f = io.tmpfile() print(io.type(f)) f:write("abc", 1) f:seek("set") print(f:read("a")) print(f:close())
--@ io.read of the default input by formats
local f = io.open("DIR/f", "w") f:write("5 word\nnext\nrest of it") f:close() io.input("DIR/f") print(io.read("n")) print(io.read(1)) print(io.read("l")) print(io.read("*L")) print(io.read("a")) print(io.read("a")) print(io.read("l")) print(pcall(io.read, "x"))
--@ io.write with wrong values
print(pcall(io.write, nil)) print(pcall(io.write, "a", {})) print(pcall(io.write, print)) print(pcall(function() io.write("x", nil) end)) print(io.write() == io.stdout)
--@ a file name that is not UTF-8
local n = "DIR/\xe4\xff" local f = io.open(n, "w") f:write("x") f:close() print(io.open(n):read("a"), os.remove(n), io.open(n))
--@ a name with a NUL
print(io.open("DIR/a\0b", "w") ~= nil, io.open("DIR/a") ~= nil)
--@ the names of io and of a file
local names = {} for name in pairs(io) do names[#names + 1] = name end table.sort(names) print(table.concat(names, " ")) names = {} for name in pairs(getmetatable(io.stdout)) do names[#names + 1] = name end table.sort(names) print(table.concat(names, " "))
--@ a number as a file name
print(io.open(5555, "r")) print(pcall(io.lines, 12345))
--@ many open files
local fs = {} for i = 1, 50 do fs[i] = io.open("DIR/f" .. i, "w") fs[i]:write(i) end for i = 1, 50 do fs[i]:close() end print(io.open("DIR/f50"):read("a"))
--@ a file read while it is written
local w = io.open("DIR/f", "w") w:write("a\n") w:flush() local r = io.open("DIR/f") print(r:read()) print(r:read()) w:write("b\n") w:flush() print(r:read()) w:close() r:close()
--@ a file left open is written
io.open("DIR/f", "w"):write("left open") io.output("DIR/g") io.write("default output")
