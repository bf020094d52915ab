// What lsyncd does wrong, each fault as it is seen from outside. TSYNCD_FAULTS_EXE=lsyncd runs them against lsyncd instead, where
// they must fail: all but those that only its newer version has, which are left out.

import { describe, it } from 'vitest';
import { BLIND } from './faults/blind.ts';
import { CHANGES } from './faults/changes.ts';
import { isOther, Scene, type Fault } from './faults/scene.ts';
import { START } from './faults/start.ts';
import { TROUBLE } from './faults/trouble.ts';

const FAULTS: readonly Fault[] = [...CHANGES, ...BLIND, ...TROUBLE, ...START].filter(
  ({ onlyNewer = false }) => !(isOther && onlyNewer),
);

describe.concurrent(isOther ? 'as lsyncd does it' : 'not as lsyncd does it', () => {
  it.for(FAULTS)('$title', { timeout: 180_000 }, async ({ show }, { onTestFinished }) => {
    const scene = new Scene();
    onTestFinished(async ({ task }) => scene.end(task.result?.state === 'fail'));
    await show(scene);
  });
});
