import { describe, expect, it } from 'vitest';
import { ProcessSlots } from '../../src/run/process-slots.ts';

/** Asks for slots in this order, gives each back at once, and tells the order in which they were given. */
async function served(limit: number | undefined, syncs: readonly number[]): Promise<number[]> {
  const slots = new ProcessSlots(limit);
  const order: number[] = [];
  await Promise.all(
    syncs.map(async (sync) => {
      const release = await slots.acquire(sync);
      order.push(sync);
      await Promise.resolve();
      release();
    }),
  );
  return order;
}

describe('ProcessSlots', () => {
  it('serves the syncs in turn, so that a busy one does not keep a quiet one waiting', async () => {
    expect(await served(1, [1, 1, 1, 1, 2, 3, 2])).toEqual([1, 1, 2, 3, 1, 2, 1]);
  });

  it('has no limit when none is set', async () => {
    const slots = new ProcessSlots(undefined);
    await Promise.all(Array.from({ length: 100 }, () => slots.acquire(1)));
    expect(slots.busy).toBe(100);
  });

  it('never has more in use than the limit', async () => {
    const slots = new ProcessSlots(2);
    const first = await slots.acquire(1);
    await slots.acquire(1);
    let isThirdIn = false;
    const third = slots.acquire(2).then(() => (isThirdIn = true));
    await Promise.resolve();
    expect([slots.busy, isThirdIn]).toEqual([2, false]);
    first();
    await third;
    expect(slots.busy).toBe(2);
  });

  it('takes a slot back only once', async () => {
    const slots = new ProcessSlots(1);
    const release = await slots.acquire(1);
    release();
    release();
    expect(slots.busy).toBe(0);
  });
});
