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

/** Two clocks: where they do not go on together, the wall clock was set. */
export interface Times {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export interface QuickCheck {
  /** Whether rsync might wrongly skip what lies at this path, of which a change of this kind was said. */
  isFooledBy(seen: Seen, kind: DelayKind): boolean;
  /** An rsync ran since then: what it sent may have been written again in one of these seconds. */
  ranSince(began: Times): void;
  /** The time is now; call it before the questions. Seconds that come once more, since the wall clock was set back, are noticed. */
  now(): Times;
}

/** Less than this is no step of the clock: reading two takes time. */
const LEAST_STEP_MS = 50;

/** @param readClocks for tests; default: those of the system */
export function createQuickCheck(readClocks: () => Times = systemTimes): QuickCheck {
  /** When rsync ran, and what the wall clock went through twice; in order, and they do not touch. */
  let spans: readonly Span[] = [];
  let last = readClocks();

  function now(): Times {
    const times = readClocks();
    const stepMs = times.wallMs - last.wallMs - (times.monotonicMs - last.monotonicMs);
    if (stepMs < -LEAST_STEP_MS)
      mark(last.wallMs + stepMs, last.wallMs + times.monotonicMs - last.monotonicMs);
    last = times;
    return times;
  }

  /** The kernel's clock for files is a little late. */
  function mark(fromMs: number, toMs: number): void {
    spans = withSpan(spans, { fromSecond: Math.floor(fromMs / 1000) - 1, toSecond: Math.floor(toMs / 1000) });
  }

  return {
    now,
    isFooledBy(seen, kind) {
      if (kind === 'Attrib' || seen.state !== 'there' || !seen.stats.isFile()) return false;
      const { mtime, ctime } = seen.stats;
      // A write sets both; a rename, or setting the mtime by hand (cp -p, tar), leaves the ctime later.
      if (mtime.seconds !== ctime.seconds || mtime.nanoseconds !== ctime.nanoseconds) return true;
      return spans.some(
        ({ fromSecond, toSecond }) => mtime.seconds >= fromSecond && mtime.seconds <= toSecond,
      );
    },
    ranSince(began) {
      const { wallMs } = now();
      mark(Math.min(began.wallMs, wallMs), Math.max(began.wallMs, wallMs));
    },
  };
}

function systemTimes(): Times {
  return { wallMs: Date.now(), monotonicMs: performance.now() };
}

/** Spans that touch become one; when there are too many, the two oldest do. */
function withSpan(spans: readonly Span[], span: Span): readonly Span[] {
  const touches = (other: Span): boolean =>
    other.fromSecond <= span.toSecond + 1 && span.fromSecond <= other.toSecond + 1;
  const joined = [span, ...spans.filter(touches)].reduce(cover);
  const apart = spans.filter((other) => !touches(other));
  const all = [...apart, joined].toSorted((one, other) => one.fromSecond - other.fromSecond);
  const [oldest, second, ...others] = all;
  if (all.length <= MAX_SPANS || oldest === undefined || second === undefined) return all;
  return [cover(oldest, second), ...others];
}

function cover(one: Span, other: Span): Span {
  return {
    fromSecond: Math.min(one.fromSecond, other.fromSecond),
    toSecond: Math.max(one.toSecond, other.toSecond),
  };
}
