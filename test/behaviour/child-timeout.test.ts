// default.direct when its work took too long and was ended: nothing is taken for done that was not.

import { afterEach, expect, it } from 'vitest';
import { delay, makeBench, type Bench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.end());

it('direct waits as for a target that is away when copying took too long', async () => {
  const late = { exitCode: 255, isTimedOut: true, files: { tried: 0, problems: [] } };
  bench = makeBench({ kind: 'direct', pretend: () => late });
  bench.shell('echo 1 >a');
  const outcome = await bench.batch({ changes: [delay('Modify', '/a')] });
  expect(outcome).toMatchObject({
    verdict: 'again',
    exitCode: 255,
    reason: 'direct took longer than childTimeout allows',
    remaining: { changes: [{ path: '/a' }] },
  });
});

it('direct deletes later what it had no time to delete', async () => {
  bench = makeBench({ kind: 'direct', pretend: () => ({ exitCode: 255, isTimedOut: true }) });
  bench.shell('mkdir "$TRG/d"; echo 1 >"$TRG/d/f"');
  const outcome = await bench.batch({ changes: [delay('Delete', '/d/'), delay('Delete', '/e')] });
  expect(outcome).toMatchObject({
    verdict: 'again',
    exitCode: 255,
    remaining: { changes: [{ path: '/d/' }] },
  });
});
