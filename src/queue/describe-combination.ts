// A Combination as lines of lsyncd's `Delay` log category: its own sentences where it has one, the same manner for the rest.

import { toText } from '../byte-path.ts';
import type { Combination, CombineRule, DelayName } from './combination.ts';

/** Usually one line; none are empty. Text, not bytes. */
export function describeCombination(combination: Combination): string[] {
  const { rule, delay, found } = combination;
  const line = SENTENCES[rule](combination, nameOf(delay));
  return found === true ? [`Create creates ${delay.kind} on ${toText(delay.path)}`, line] : [line];
}

const SENTENCES: Readonly<Record<CombineRule, (combination: Combination, name: string) => string>> = {
  new: (_, name) => `New ${name}`,
  stack: blocked,
  block: blocked,
  absorb: ({ other }, name) =>
    other === undefined ? `${name} absorbed` : `${name} absorbed by ${nameOf(other)}`,
  replace: ({ other, count = 0 }, name) =>
    `${name} replaces ${other === undefined ? below(count) : nameOf(other)}`,
  split: ({ other }, name) =>
    other === undefined ? 'splitting Move into Delete & Create' : `${name} splits on ${nameOf(other)}`,
  rebase: ({ count = 0 }, name) => `${name} takes ${delays(count)} with it`,
  refuse: (_, name) => `${name} refused`,
};

function blocked({ other }: Combination, name: string): string {
  return other === undefined ? `${name} blocked` : `${name} blocked by ${nameOf(other)}`;
}

/** `Create: /a/f`, `Move: /a -> /b`. */
function nameOf({ kind, path, movedTo }: DelayName): string {
  const place = movedTo === undefined ? toText(path) : `${toText(path)} -> ${toText(movedTo)}`;
  return `${kind}: ${place}`;
}

function delays(count: number): string {
  return count === 1 ? '1 delay' : `${count} delays`;
}

function below(count: number): string {
  return `${delays(count)} below it`;
}
