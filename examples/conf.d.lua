-- Loads each *.lua of the directory conf.d beside this file, in the order of their names.

settings { logfile = "/var/log/tsyncd/tsyncd.log", statusFile = "/run/tsyncd/status" }

local here = debug.getinfo(1).source:match("^@(.*/)")
local names = {}

for name, isdir in pairs(readdir(here .. "conf.d")) do
    if not isdir and string.ends(name, ".lua") then
        table.insert(names, name)
    end
end

table.sort(names)
for _, name in ipairs(names) do
    dofile(here .. "conf.d/" .. name)
end
