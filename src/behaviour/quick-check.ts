// rsync takes a file for unchanged when its size and the whole second of its mtime are the target's. It is fooled by a file that
// is written twice within a second and sent in between, and by a file renamed over another one of the same size and time.
// Those are sent with --ignore-times, so that the last content always arrives.

import type { BytePath } from '../byte-path.ts';
import type { DelayKind } from '../queue/delay.ts';
import type { Seen } from './source-state.ts';

/** A file whose mtime is not older than this when it is sent may be written again within the same second. */
const RACY_MS = 2000;

/** So many files are remembered; the longest known are forgotten first. */
const MAX_REMEMBERED = 50_000;

interface Sent {
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

export interface QuickCheck {
  /** Whether rsync might wrongly skip this path, of which a change of this kind was said. */
  isFooledBy(seen: Seen, kind: DelayKind): boolean;
  /** These are about to be sent, as they were seen. `nowMs`: the wall clock. */
  sending(seen: readonly Seen[], nowMs: number): void;
  /** A full sync ran from … to … (wall clock): it may have sent anything that was written meanwhile. */
  sentEverything(beganMs: number, endedMs: number): void;
}

/** A write sets both times; a rename, or setting the mtime by hand (cp -p, tar), leaves the ctime later. */
function hasOldTime({ mtimeNs, ctimeNs }: Sent & { readonly ctimeNs: bigint }): boolean {
  return mtimeNs !== ctimeNs;
}

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

export function createQuickCheck(): QuickCheck {
  const remembered = new Map<BytePath, Sent>();
  let full = { fromSecond: 1n, toSecond: 0n };

  return {
    isFooledBy(seen, kind) {
      if (seen.state !== 'there' || !seen.stats.isFile()) return false;
      if (kind !== 'Attrib' && hasOldTime(seen.stats)) return true;
      const second = seen.stats.mtimeNs / NS_PER_SECOND;
      if (second >= full.fromSecond && second <= full.toSecond) return true;
      const sent = remembered.get(seen.path);
      if (sent === undefined || sent.size !== seen.stats.size || sent.mtimeNs === seen.stats.mtimeNs)
        return false;
      return sent.mtimeNs / NS_PER_SECOND === second;
    },
    sending(all, nowMs) {
      const racySinceNs = BigInt(Math.floor(nowMs) - RACY_MS) * NS_PER_MS;
      for (const seen of all) {
        if (seen.state !== 'there' || !seen.stats.isFile()) continue;
        remembered.delete(seen.path);
        if (seen.stats.mtimeNs < racySinceNs) continue;
        remembered.set(seen.path, { size: seen.stats.size, mtimeNs: seen.stats.mtimeNs });
      }
      for (const path of remembered.keys()) {
        if (remembered.size <= MAX_REMEMBERED) break;
        remembered.delete(path);
      }
    },
    sentEverything(beganMs, endedMs) {
      full = {
        fromSecond: BigInt(Math.floor(beganMs / 1000)) - 1n,
        toSecond: BigInt(Math.floor(endedMs / 1000)),
      };
    },
  };
}
