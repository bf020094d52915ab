import { describe, expect, test } from 'vitest';
import { compiledLua } from '../../src/lua/compiled-lua.ts';
import { LuaState } from '../../src/lua/lua-state.ts';

describe('compiledLua()', () => {
  const text = `local a, b = ...
    local function sum(x) return x + b end
    return sum(a), 9007199254740993, 0.5, "\\228x", function() error("no") end == nil`;

  test('runText() runs what it makes as it runs the text', () => {
    const state = new LuaState();
    expect(state.runText(compiledLua(text), [1, 2])).toEqual(state.runText(text, [1, 2]));
  });

  test('keeps names and lines for messages', () => {
    const state = new LuaState();
    const wrong = '\n\nlocal given = ...\ngiven.x.y = 1';
    const reason = /:4: attempt to index a nil value \(local 'given'\)/;
    expect(() => state.runText(wrong)).toThrow(reason);
    expect(() => state.runText(compiledLua(wrong))).toThrow(reason);
  });

  test('throws for a text that is wrong', () => {
    expect(() => compiledLua('x = = 1')).toThrow('Cannot compile own Lua text');
  });
});
