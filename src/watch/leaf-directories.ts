// Knows without a listing that a directory has no subdirectories, which is most of them and a third of the time that a large tree takes:
// on file systems that count them, a directory's link count is 2 and one for each. find(1) relies on the same.

import { statfsSync } from 'node:fs';
import { toBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { linkCountOf, type LinkCount } from '../os/link-count.ts';

/** ext2 to ext4, XFS, tmpfs: `f_type` of statfs(2). Others always say 1 (btrfs, overlay), or anything. */
const COUNTING_FILE_SYSTEMS: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x01021994]);

const LINKS_OF_A_LEAF = 2;

export class LeafDirectories {
  /** By device; for as long as nothing is mounted in between. */
  readonly #counts = new Map<number, boolean>();

  /**
   * True if there surely are none; false if there may be some, or nothing could be found out.
   * @param found what was found there; by default it is looked for now
   */
  has(path: BytePath, found: LinkCount | undefined = linkCountOf(path)): boolean {
    try {
      return found?.links === LINKS_OF_A_LEAF && this.#isCounting(found.device, path);
    } catch {
      return false;
    }
  }

  /** Another file system may have the number of a device from now on. */
  forget(): void {
    this.#counts.clear();
  }

  #isCounting(device: number, path: BytePath): boolean {
    const known = this.#counts.get(device);
    if (known !== undefined) return known;
    const isCounting = COUNTING_FILE_SYSTEMS.has(statfsSync(toBuffer(path)).type);
    this.#counts.set(device, isCounting);
    return isCounting;
  }
}
