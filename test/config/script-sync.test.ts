// Syncs with Lua of the user's: which ones they are, what their table holds, and what prepare may do to it.

import { describe, expect, test } from 'vitest';
import type { ScriptSpec } from '../../src/config/sync-spec.ts';
import { loadText } from './load-text.ts';

function scriptOf(text: string): ScriptSpec {
  const [spec] = loadText(text).config.syncs;
  if (spec?.kind !== 'script') throw new Error(`a ${spec?.kind} sync`);
  return spec;
}

const SOURCE = 'source = "DIR/src", target = "DIR/trg"';

describe('a sync is done by the user when it has', () => {
  test.each([
    ['an on… as text', `sync { onCreate = "touch ^pathname", ${SOURCE} }`, undefined],
    ['an on… as function', `sync { onModify = function() end, ${SOURCE} }`, undefined],
    ['onMove = true alone', `sync { onMove = true, ${SOURCE} }`, undefined],
    ['an action in a table of its own', `sync { { action = function() end }, ${SOURCE} }`, undefined],
    ['an action over that of default.rsync', `sync { default.rsync, action = print, ${SOURCE} }`, 'rsync'],
    ['init over that of default.rsync', `sync { default.rsync, init = function() end, ${SOURCE} }`, 'rsync'],
    ['collect over that of default.direct', `sync { default.direct, collect = print, ${SOURCE} }`, 'direct'],
    [
      'default.rsync.init replaced',
      `default.rsync.init = function() end sync { default.rsync, ${SOURCE} }`,
      'rsync',
    ],
    [
      'default.rsyncssh.action replaced',
      `default.rsyncssh.action = print
       sync { default.rsyncssh, source = "DIR/src", host = "h", targetdir = "d" }`,
      'rsyncssh',
    ],
    [
      'an action beside the init of default.rsync',
      `sync { action = print, init = default.rsync.init, prepare = print, ${SOURCE} }`,
      'rsync',
    ],
  ])('%s', (_name, text, base) => {
    expect(scriptOf(text).base?.kind).toBe(base);
  });

  test('but not when its own prepare fills in what default.rsync does', () => {
    const { config } = loadText(
      `sync { default.rsync, source = "DIR/src", prepare = function(config) config.target = "DIR/trg" end }`,
    );
    expect(config.syncs).toMatchObject([{ kind: 'rsync' }]);
    expect(config.script).toBeUndefined();
  });
});
