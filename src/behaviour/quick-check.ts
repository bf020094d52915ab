// rsync takes a file for unchanged when its size and the whole second of its mtime are the target's. A file written twice
// within a second, and sent in between, would so stay at its first content for ever. This remembers what was sent within
// the second of its mtime; such a file, changed again, is sent with --checksum.

import type { BytePath } from '../byte-path.ts';
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
  /** Whether rsync would wrongly skip this path. */
  isFooledBy(seen: Seen): boolean;
  /** These are about to be sent, as they were seen. `nowMs`: the wall clock. */
  sending(seen: readonly Seen[], nowMs: number): void;
  /** A full sync ran from … to … (wall clock): it may have sent anything that was written meanwhile. */
  sentEverything(beganMs: number, endedMs: number): void;
}

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

export function createQuickCheck(): QuickCheck {
  const remembered = new Map<BytePath, Sent>();
  let full = { fromSecond: 1n, toSecond: 0n };

  return {
    isFooledBy(seen) {
      if (seen.state !== 'there' || !seen.stats.isFile()) return false;
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
