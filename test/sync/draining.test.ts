// Waiting for the monitor, unless it is over.

import { expect, it } from 'vitest';
import { Draining } from '../../src/sync/draining.ts';

it('wait() resolves when the monitor has told all, or rejects as it does', async () => {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => void (resolve = done));
  let isOver = false;
  const waiting = new Draining(() => promise).wait().then(() => (isOver = true));
  await Promise.resolve();
  expect(isOver).toBe(false);
  resolve();
  await waiting;
  await expect(new Draining(() => Promise.reject(new Error('planned'))).wait()).rejects.toThrow('planned');
});

it('giveUp() ends every wait, also one that comes later', async () => {
  const draining = new Draining(() => new Promise<void>(() => undefined));
  const waits = [draining.wait(), draining.wait()];
  draining.giveUp();
  await Promise.all(waits);
  await draining.wait();
});
