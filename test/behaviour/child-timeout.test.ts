// default.direct when one of its children took too long and was ended: nothing is taken for done that was not.

import { afterEach, expect, it } from 'vitest';
import { delay, makeBench, type Bench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.end());

it('direct waits as for a target that is away when cp took too long', async () => {
  const late = { exitCode: 255, isTimedOut: true };
  bench = makeBench({ kind: 'direct', pretend: ({ args }) => (args.includes('cp') ? late : {}) });
  bench.shell('echo 1 >a; echo 2 >b; cp -a b "$TRG/"');
  const outcome = await bench.batch({ changes: [delay('Modify', '/a'), delay('Modify', '/b')] });
  expect(outcome).toMatchObject({
    verdict: 'again',
    exitCode: 255,
    reason: 'xargs took longer than childTimeout allows',
    remaining: { changes: [{ path: '/a' }] },
  });
});

it('direct deletes later what rm had no time to delete', async () => {
  bench = makeBench({ kind: 'direct', pretend: () => ({ exitCode: 255, isTimedOut: true }) });
  bench.shell('mkdir "$TRG/d"; echo 1 >"$TRG/d/f"');
  const outcome = await bench.batch({ changes: [delay('Delete', '/d/'), delay('Delete', '/e')] });
  expect(outcome).toMatchObject({
    verdict: 'again',
    exitCode: 255,
    remaining: { changes: [{ path: '/d/' }] },
  });
});
