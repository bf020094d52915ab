// Once the config is loaded its globals are fixed, as in lsyncd: a misspelt name in an action is an error, not nil.

import type { LuaState } from '../lua/lua-state.ts';

/** Names that were set to something, if only to false, can be read and set on. rawget and rawset see no lock. */
export function lockGlobals(state: LuaState): void {
  state.runText(`
    local settings = settings
    setmetatable(_G, {
      __index = function(_, name)
        if name == "settings" then return settings end
        error('Access of non-existing global "' .. tostring(name) .. '"', 2)
      end,
      __newindex = function(_, name)
        error('Lsyncd does not allow GLOBALS to be created on the fly. Declare "' .. tostring(name) ..
          '" local or declare global on load.', 2)
      end,
    })
  `);
}
