// A Combination as lines of lsyncd's `Delay` log category: its own sentences where it has one, the same manner for the rest.

import { toText } from '../byte-path.ts';
import type { Combination, DelayName } from './combination.ts';

/** Usually one line; none are empty. Text, not bytes. */
export function describeCombination(combination: Combination): string[] {
  const { delay, found } = combination;
  const line = describeRule(combination);
  return found === true ? [`Create creates ${delay.kind} on ${toText(delay.path)}`, line] : [line];
}

function describeRule({ rule, delay, other, count = 0 }: Combination): string {
  const name = nameOf(delay);
  switch (rule) {
    case 'new':
      return `New ${name}`;
    case 'stack':
    case 'block':
      return other === undefined ? `${name} blocked` : `${name} blocked by ${nameOf(other)}`;
    case 'absorb':
      return other === undefined ? `${name} absorbed` : `${name} absorbed by ${nameOf(other)}`;
    case 'replace':
      return other === undefined
        ? `${name} replaces ${delays(count)} below it`
        : `${name} replaces ${nameOf(other)}`;
    case 'split':
      return other === undefined
        ? 'splitting Move into Delete & Create'
        : `${name} splits on ${nameOf(other)}`;
    case 'rebase':
      return `${name} takes ${delays(count)} with it`;
    case 'refuse':
      return `${name} refused`;
  }
}

/** `Create: /a/f`, `Move: /a -> /b`. */
function nameOf({ kind, path, movedTo }: DelayName): string {
  const place = movedTo === undefined ? toText(path) : `${toText(path)} -> ${toText(movedTo)}`;
  return `${kind}: ${place}`;
}

function delays(count: number): string {
  return count === 1 ? '1 delay' : `${count} delays`;
}
