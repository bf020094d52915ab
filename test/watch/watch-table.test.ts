import { array, assert, constantFrom, integer, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Audience } from '../../src/watch/inotify/audience.ts';
import { childOf, createTree, type Directory } from '../../src/watch/inotify/directory.ts';
import { WatchTable } from '../../src/watch/inotify/watch-table.ts';

/** Some are close together, some far apart. */
const numbers = oneof(integer({ min: 1, max: 40 }), integer({ min: 1, max: 2 ** 31 - 1 }));

const steps = array(
  record({
    what: constantFrom('hold', 'letGo', 'takeAll'),
    wd: numbers,
    directory: integer({ min: 0, max: 9 }),
  }),
  { maxLength: 60 },
);

describe('WatchTable', () => {
  it('knows for each number those that hold it, and how many numbers are held', () => {
    assert(
      property(steps, (all) => {
        const table = new WatchTable();
        const model = new Map<number, Directory[]>();
        const { root } = createTree('/', new Audience());
        const directories = Array.from({ length: 10 }, (_, index) => childOf(root, String(index)));
        for (const { what, wd, directory: index } of all) {
          const directory = directories[index] ?? root;
          if (what === 'takeAll') {
            expect(table.takeAll(wd)).toEqual(model.get(wd) ?? []);
            model.delete(wd);
            continue;
          }
          const before = model.get(directory.wd)?.filter((other) => other !== directory) ?? [];
          const isLast = directory.wd > 0 && before.length === 0;
          if (before.length > 0) model.set(directory.wd, before);
          else model.delete(directory.wd);
          expect(table.letGo(directory)).toBe(isLast);
          if (what === 'letGo') continue;
          table.hold(directory, wd);
          model.set(wd, [...(model.get(wd) ?? []), directory]);
        }
        expect(table.size).toBe(model.size);
        for (const [wd, holders] of model) expect(table.holders(wd)).toEqual(holders);
        const sorted = [...model].toSorted(([a], [b]) => a - b).map(([wd, [first]]) => [wd, first]);
        expect([...table.entries()]).toEqual(sorted);
      }),
    );
  });
});
