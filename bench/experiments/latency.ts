// One write, and the time until it is at the target.

import { join } from 'node:path';
import type { Experiment, Readings, Run, Wanted } from '../experiment.ts';
import { isMade, makeFiles, secondsUntilAll } from '../files.ts';
import { median } from '../statistics.ts';
import { pause } from '../waiting.ts';

type Layer = 'default.rsync' | 'default.direct';

/** So that ten writes fall into all parts of a tick of the program's clock, 10 ms. */
const STEP_MS = 17;

interface LatencyOptions {
  readonly layer: Layer;
  readonly delaySeconds: number;
  /** Of one round; their median is its reading. */
  readonly writes: number;
}

/** Milliseconds. The first write, which finds out what rsync can do, is not counted. */
async function latency({ place, program }: Run, options: LatencyOptions): Promise<number> {
  const { layer, delaySeconds, writes } = options;
  const daemon = place.start(program, [place.sync(layer, { delay: String(delaySeconds) })]);
  await daemon.logs('finished');
  const readings: number[] = [];
  for (let index = 0; index <= writes; index++) {
    await pause(60 + (index % 10) * STEP_MS);
    const names = [`f${index}`];
    const startedMs = performance.now();
    makeFiles(place.source, names);
    const arrival = { names, has: isMade, limitSeconds: 20 };
    const seconds = await secondsUntilAll(place.target, startedMs, arrival);
    if (seconds === undefined)
      throw new Error(`Cannot measure: ${join(place.target, `f${index}`)} did not come`);
    if (index > 0) readings.push(seconds * 1000);
  }
  await pause(200);
  await place.compare();
  await daemon.stop();
  return median(readings);
}

function experiment(name: string, rest: LatencyOptions & { readonly wanted: readonly Wanted[] }): Experiment {
  const { wanted, layer, delaySeconds } = rest;
  return {
    name,
    rounds: { tsyncd: 5, lsyncd: 5 },
    rows: [{ name, title: `One write, delay ${delaySeconds}: ${layer}`, unit: 'ms', wanted }],
    measure: async (run): Promise<Readings> => ({ values: { [name]: await latency(run, rest) } }),
  };
}

export const latencyExperiments: readonly Experiment[] = [
  experiment('latency-1-rsync', {
    layer: 'default.rsync',
    delaySeconds: 1,
    writes: 1,
    wanted: [{ of: 'ratio', atMost: 1.02 }],
  }),
  experiment('latency-1-direct', {
    layer: 'default.direct',
    delaySeconds: 1,
    writes: 1,
    wanted: [{ of: 'ratio', atMost: 1.02 }],
  }),
  experiment('latency-0-rsync', {
    layer: 'default.rsync',
    delaySeconds: 0,
    writes: 20,
    wanted: [
      { of: 'ratio', atMost: 1.5 },
      { of: 'value', atMost: 15 },
    ],
  }),
  experiment('latency-0-direct', {
    layer: 'default.direct',
    delaySeconds: 0,
    writes: 20,
    wanted: [
      { of: 'ratio', atMost: 3 },
      { of: 'value', atMost: 15 },
    ],
  }),
];
