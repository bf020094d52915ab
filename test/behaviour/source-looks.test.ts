// Looks that the batches of several syncs share: what an event may have changed is looked at anew.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SourceLooks } from '../../src/behaviour/source-looks.ts';
import { FakeClock } from '../report/fake-clock.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsyncd-looks-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function create(): { readonly looks: SourceLooks; readonly clock: FakeClock } {
  const clock = new FakeClock();
  return { looks: new SourceLooks(`${folder}/`, clock), clock };
}

test('view() is one for batches that are taken one after the other', () => {
  const { looks } = create();
  const view = looks.view();
  expect(view.has('/f')).toBe(false);
  writeFileSync(join(folder, 'f'), '');
  expect(looks.view()).toBe(view);
  expect(looks.view().has('/f')).toBe(false);
});

test('view() looks anew after an event, and leaves the batches of before what they saw', () => {
  const { looks } = create();
  const before = looks.view();
  expect(before.has('/f')).toBe(false);
  writeFileSync(join(folder, 'f'), '');
  looks.forget();
  expect(looks.view().has('/f')).toBe(true);
  expect(before.has('/f')).toBe(false);
});

test('view() looks anew after a second, whatever was told', () => {
  const { looks, clock } = create();
  const before = looks.view();
  clock.advance(1000);
  expect(looks.view()).not.toBe(before);
});
