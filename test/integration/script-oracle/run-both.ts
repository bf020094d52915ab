// Runs a case through Debian's lsyncd and through the built tsyncd, each in a folder of its own.

import { spawnSync } from 'node:child_process';
import { makeWorkplace, TSYNCD } from '../../helpers/daemon.ts';
import { runCase } from './run-case.ts';
import type { Outcome, ScriptCase } from './script-case.ts';

const LSYNCD = '/usr/bin/lsyncd';

/** @throws Error where tests must not be skipped */
export function hasLsyncd(): boolean {
  if (spawnSync(LSYNCD, ['-version']).status === 0) return true;
  if (process.env['TSYNCD_TEST_NO_SKIP'] === '1') throw new Error(`Cannot test: ${LSYNCD} is missing`);
  return false;
}

/** Hands both outcomes to `compare`; the folder is kept when it throws. `expected` is lsyncd's, with what differs on purpose. */
export async function runBoth(
  scriptCase: ScriptCase,
  compare: (outcomes: { readonly tsyncd: Outcome; readonly expected: Outcome }) => void,
): Promise<void> {
  const place = makeWorkplace();
  let failed = true;
  try {
    const { outcome, milestones } = await runCase(scriptCase, { place, name: 'lsyncd', program: LSYNCD });
    const tsyncd = await runCase(scriptCase, { place, name: 'tsyncd', program: TSYNCD, milestones });
    compare({ tsyncd: tsyncd.outcome, expected: scriptCase.differs?.(outcome) ?? outcome });
    failed = false;
  } finally {
    place.end(failed);
  }
}
