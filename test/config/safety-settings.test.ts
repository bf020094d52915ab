// Settings that keep a sync from waiting for ever or from losing files: in settings{} for all syncs, in sync{} for one.

import { describe, expect, test } from 'vitest';
import type { AnySyncSpec } from '../../src/config/sync-spec.ts';
import { builtIn, errorOf, loadText } from './load-text.ts';

const plain = 'sync { default.rsync, BASE }';

function syncOf(text: string): AnySyncSpec | undefined {
  return loadText(text).config.syncs[0];
}

describe('childTimeout', () => {
  test.each([
    ['is off by default', plain, undefined],
    ['of settings', `settings{ childTimeout = 90 } ${plain}`, 90_000],
    ['of the sync', 'sync { default.rsync, BASE, childTimeout = 0.5 }', 500],
    [
      'of the sync before that of settings',
      'settings{ childTimeout = 9 } sync { default.direct, BASE, childTimeout = 1 }',
      1000,
    ],
    [
      'switched off for a sync by false',
      'settings{ childTimeout = 9 } sync { default.rsync, BASE, childTimeout = false }',
      undefined,
    ],
    [
      'switched off for a sync by 0',
      'settings{ childTimeout = 9 } sync { default.rsync, BASE, childTimeout = 0 }',
      undefined,
    ],
    ['of a sync of layer 3', 'sync { source = "DIR/src", onCreate = "true", childTimeout = 3 }', 3000],
  ])('%s', (_name, text, childTimeoutMs) => {
    expect(syncOf(text)?.childTimeoutMs).toBe(childTimeoutMs);
  });

  test('that is no time is refused, with its place', () => {
    expect(errorOf('sync { default.rsync, BASE, childTimeout = "long" }')).toMatch(
      /Cannot use childTimeout "long": expected a number of seconds >= 0 \(\S+:1, sync 1\)/,
    );
    expect(errorOf(`settings{ childTimeout = -1 } ${plain}`)).toMatch(
      /Cannot use childTimeout -1: expected a number of seconds >= 0 \(\S+:1, settings\)/,
    );
  });
});

describe('what cannot be watched', () => {
  test.each([
    ['minute by default', plain, 60_000],
    ['rescanInterval of settings', `settings{ rescanInterval = 5 } ${plain}`, 5000],
    [
      'rescanInterval of the sync before that of settings',
      'settings{ rescanInterval = 9 } sync { default.direct, BASE, rescanInterval = 0.5 }',
      500,
    ],
    ['time, which is never, with false', 'sync { default.rsync, BASE, rescanInterval = false }', undefined],
    ['time, which is never, with 0 in settings', `settings{ rescanInterval = 0 } ${plain}`, undefined],
    ['rescanInterval of layer 3', 'sync { source = "DIR/src", onCreate = "true", rescanInterval = 3 }', 3000],
  ])('is looked at every %s', (_name, text, rescanIntervalMs) => {
    expect(syncOf(text)?.rescanIntervalMs).toBe(rescanIntervalMs);
  });

  test('every so many seconds: what is no time is refused, with its place', () => {
    expect(errorOf('sync { default.rsync, BASE, rescanInterval = "often" }')).toMatch(
      /Cannot use rescanInterval "often": expected a number of seconds >= 0 \(\S+:1, sync 1\)/,
    );
  });
});

describe('maxDelete', () => {
  const limitOf = (text: string): number | undefined => builtIn(syncOf(text)).maxDelete;

  test.each([
    ['is off by default', plain, undefined],
    ['of settings', `settings{ maxDelete = 100 } ${plain}`, 100],
    ['of the sync', 'settings{ maxDelete = 9 } sync { default.direct, BASE, maxDelete = 0 }', 0],
    [
      'switched off for a sync',
      'settings{ maxDelete = 9 } sync { default.rsync, BASE, maxDelete = false }',
      undefined,
    ],
  ])('%s', (_name, text, maxDelete) => {
    expect(limitOf(text)).toBe(maxDelete);
  });

  test('that is no number of paths is refused, with its place', () => {
    expect(errorOf('sync { default.rsync, BASE, maxDelete = 1.5 }')).toMatch(
      /Cannot use maxDelete 1.5: expected a whole number >= 0 \(\S+:1, sync 1\)/,
    );
  });
});

describe('allowEmptySource', () => {
  test.each([
    ['is off by default', plain, false],
    ['of settings', `settings{ allowEmptySource = true } ${plain}`, true],
    ['of settings, as a bare word', `settings{ "allowEmptySource" } ${plain}`, true],
    ['of the sync', 'sync { default.direct, BASE, allowEmptySource = true }', true],
    [
      'switched off for a sync',
      'settings{ allowEmptySource = true } sync { default.rsync, BASE, allowEmptySource = false }',
      false,
    ],
  ])('%s', (_name, text, isAllowed) => {
    expect(builtIn(syncOf(text)).allowEmptySource).toBe(isAllowed);
  });
});

describe('maxRetries and maxPaths', () => {
  const limitsOf = (text: string): readonly number[] => {
    const { maxRetries, maxPaths } = builtIn(syncOf(text));
    return [maxRetries, maxPaths];
  };

  test.each([
    ['are 5 and 100,000 by default', plain, [5, 100_000]],
    ['of settings', `settings{ maxRetries = 0, maxPaths = 10 } ${plain}`, [0, 10]],
    [
      'of the sync before those of settings',
      'settings{ maxRetries = 9, maxPaths = 9 } sync { default.direct, BASE, maxRetries = 1, maxPaths = 2 }',
      [1, 2],
    ],
  ])('%s', (_name, text, limits) => {
    expect(limitsOf(text)).toEqual(limits);
  });

  test('that are no numbers are refused, with their place', () => {
    expect(errorOf('sync { default.rsync, BASE, maxRetries = -1 }')).toMatch(
      /Cannot use maxRetries -1: expected a whole number >= 0 \(\S+:1, sync 1\)/,
    );
    expect(errorOf(`settings{ maxPaths = 0 } ${plain}`)).toMatch(
      /Cannot use maxPaths 0: expected a whole number >= 1 \(\S+:1, settings\)/,
    );
  });
});
