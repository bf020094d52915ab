// What lsyncd gives to scripts and what is best written in Lua itself. Its argument is the function that writes a line of the log.

export const luaLibrary = `
local write = ...

-- A value in a line of the log.
local function shown(value, isAlone)
  local kind = type(value)
  if kind == "string" or kind == "number" then return tostring(value) end
  if kind == "table" then return "(Table: " .. tostring(value):gsub("^table: ", "") .. ")" end
  if kind == "function" or kind == "thread" then
    if isAlone then error("bad argument #2 to 'log' (string expected, got " .. kind .. ")", 3) end
    error("attempt to concatenate a " .. kind .. " value", 3)
  end
  return "(" .. tostring(value) .. ")"
end

function log(category, ...)
  if type(category) ~= "string" and type(category) ~= "number" then
    local got = category == nil and "no value" or type(category)
    error("bad argument #1 to 'log' (string expected, got " .. got .. ")", 2)
  end
  local texts = {}
  for i = 1, select("#", ...) do texts[i] = shown((select(i, ...)), select("#", ...) == 1) end
  write(tostring(category), table.concat(texts))
end

-- Words of a text; what stands in quotes is one word, without them.
function splitQuotedString(text)
  local words, word, quote = {}, nil, nil
  for c in text:gmatch(".") do
    if quote then
      if c == quote then quote = nil else word = word .. c end
    elseif c == '"' or c == "'" then
      quote, word = c, word or ""
    elseif c:match("%s") then
      if word then words[#words + 1] = word end
      word = nil
    else
      word = (word or "") .. c
    end
  end
  if word then words[#words + 1] = word end
  return words
end

-- ^name and \${name} in a text, or in each text of a table, become data.name.
function substitudeCommands(command, data)
  local function value(name) local v = data[name] if v ~= nil then return tostring(v) end end
  local function one(text)
    if type(text) ~= "string" then return text end
    return (text:gsub("%$%{([%a_][%w_]*)%}", value):gsub("%^([%a_][%w_]*)", value))
  end
  if type(command) == "string" then return one(command) end
  if type(command) ~= "table" then error("string or table expected, got " .. type(command), 2) end
  local made = {}
  for key, text in pairs(command) do made[key] = one(text) end
  return made
end

-- A list whose positions stay what they are when others are removed.
Queue = {}
local methods = {}

function Queue.new()
  return setmetatable({}, {
    own = { first = 1, last = 0, size = 0 },
    __index = function(self, key)
      if methods[key] then return methods[key] end
      if math.type(key) == "integer" then return nil end
      error('Key "' .. tostring(key) .. '" invalid for Queue', 2)
    end,
  })
end

local function ownOf(queue) return getmetatable(queue).own end

local function skipHoles(queue)
  local own = ownOf(queue)
  while own.first <= own.last and rawget(queue, own.first) == nil do own.first = own.first + 1 end
  while own.last >= own.first and rawget(queue, own.last) == nil do own.last = own.last - 1 end
  if own.first > own.last then own.first, own.last = 1, 0 end
end

function methods:push(value)
  if value == nil then error("Queue:push(): value is nil", 2) end
  local own = ownOf(self)
  own.last, own.size = own.last + 1, own.size + 1
  rawset(self, own.last, value)
  return own.last
end

-- Before all others.
function methods:inject(value)
  if value == nil then error("Queue:inject(): value is nil", 2) end
  local own = ownOf(self)
  own.first, own.size = own.first - 1, own.size + 1
  rawset(self, own.first, value)
  return own.first
end

function methods:remove(position)
  if rawget(self, position) == nil then error("Queue:remove(): nothing at " .. tostring(position), 2) end
  rawset(self, position, nil)
  ownOf(self).size = ownOf(self).size - 1
  skipHoles(self)
end

function methods:replace(position, value)
  if rawget(self, position) == nil then error("Queue:replace(): nothing at " .. tostring(position), 2) end
  rawset(self, position, value)
end

function methods:first() return rawget(self, ownOf(self).first) end
function methods:last() return rawget(self, ownOf(self).last) end
function methods:size() return ownOf(self).size end

local function walk(queue, step)
  local own = ownOf(queue)
  local at = step > 0 and own.first - 1 or own.last + 1
  return function()
    repeat at = at + step until at > own.last or at < own.first or rawget(queue, at) ~= nil
    if at >= own.first and at <= own.last then return at, rawget(queue, at) end
  end
end

function methods:qpairs() return walk(self, 1) end
function methods:qpairsReverse() return walk(self, -1) end
for name, method in pairs(methods) do Queue[name] = method end

lsyncd = {
  get_file_size = get_file_size, get_free_port = get_free_port, kill = kill, log = log, now = now,
  readdir = readdir, realdir = realdir, terminate = terminate,
  splitQuotedString = splitQuotedString, substitudeCommands = substitudeCommands,
}
`;
