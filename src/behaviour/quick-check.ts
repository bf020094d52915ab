// rsync takes a file for unchanged when its size and the whole second of its mtime are the target's. It is fooled by a file that was
// sent and is written again within the same second, and by one whose mtime is older than its content (renamed, cp -p).
// Those are sent with --ignore-times, so that the last content always arrives.

import type { DelayKind } from '../queue/delay.ts';
import type { Seen } from './source-state.ts';

/** So many spans of time are told apart; older ones become one, so that too much is sent rather than too little. */
const MAX_SPANS = 100;

/** Whole seconds since 1970, both included. */
interface Span {
  readonly fromSecond: number;
  readonly toSecond: number;
}

export interface QuickCheck {
  /** Whether rsync might wrongly skip what lies at this path, of which a change of this kind was said. */
  isFooledBy(seen: Seen, kind: DelayKind): boolean;
  /** An rsync ran from … to … (wall clock, ms): what it sent may have been written again in one of these seconds. */
  ran(beganMs: number, endedMs: number): void;
}

const NS_PER_SECOND = 1_000_000_000n;

export function createQuickCheck(): QuickCheck {
  /** When rsync ran, the newest last; they do not touch. */
  let spans: readonly Span[] = [];

  return {
    isFooledBy(seen, kind) {
      if (kind === 'Attrib' || seen.state !== 'there' || !seen.stats.isFile()) return false;
      const { mtimeNs, ctimeNs } = seen.stats;
      // A write sets both; a rename, or setting the mtime by hand (cp -p, tar), leaves the ctime later.
      if (mtimeNs !== ctimeNs) return true;
      const second = Number(mtimeNs / NS_PER_SECOND);
      return spans.some(({ fromSecond, toSecond }) => second >= fromSecond && second <= toSecond);
    },
    ran(beganMs, endedMs) {
      // The kernel's clock for files is a little late.
      const span = { fromSecond: Math.floor(beganMs / 1000) - 1, toSecond: Math.floor(endedMs / 1000) };
      spans = withSpan(spans, span);
    },
  };
}

function withSpan(spans: readonly Span[], span: Span): readonly Span[] {
  const last = spans.at(-1);
  if (last !== undefined && span.fromSecond <= last.toSecond + 1) {
    const fromSecond = Math.min(last.fromSecond, span.fromSecond);
    return [...spans.slice(0, -1), { fromSecond, toSecond: Math.max(last.toSecond, span.toSecond) }];
  }
  const [oldest, second, ...others] = spans;
  if (spans.length < MAX_SPANS || oldest === undefined || second === undefined) return [...spans, span];
  return [{ fromSecond: oldest.fromSecond, toSecond: second.toSecond }, ...others, span];
}
