// The unit file in examples/ is one that systemd takes without a word.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeWorkplace, TSYNCD, type Workplace } from '../helpers/daemon.ts';

const UNIT = fileURLToPath(new URL('../../examples/systemd/tsyncd.service', import.meta.url));
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

let place: Workplace;
beforeEach(() => {
  place = makeWorkplace();
});
afterEach(() => place.end(false));

function verify(unit: string): string {
  const file = place.write('tsyncd.service', unit);
  const run = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
  return `${run.status}: ${run.stdout}${run.stderr}`;
}

const mustRun = process.env['TSYNCD_TEST_NO_SKIP'] === '1';

it.skipIf(!hasSystemd && !mustRun)('the unit file is clean for systemd-analyze', () => {
  const unit = readFileSync(UNIT, 'utf8').replace('/usr/bin/tsyncd', TSYNCD);
  expect(verify(unit)).toBe('0: ');
  expect(verify(unit.replace('SuccessExitStatus', 'SuccesExitStatus'))).toContain('SuccesExitStatus');
});

it('the unit file reloads with HUP and takes 143 for a good end', () => {
  const unit = readFileSync(UNIT, 'utf8');
  expect(unit).toMatch(/^ExecStart=\S+ -nodaemon /m);
  expect(unit).toMatch(/^ExecReload=.*-HUP \$MAINPID$/m);
  expect(unit).toMatch(/^SuccessExitStatus=143$/m);
});
