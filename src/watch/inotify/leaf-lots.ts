// Finds, by the lot, those of the directories just watched that have no subdirectories: they need not be listed, which is a third of the time that
// a large tree takes. The thread of the reader looks at one lot while the walker watches the next.

import type { BytePath } from '../../byte-path.ts';
import type { LinkCount } from '../../os/link-count.ts';
import { LeafDirectories } from '../leaf-directories.ts';
import type { Directory } from './directory.ts';
import { PATHS_PER_LOT, type Reader } from './reader.ts';

/** Watched, and to be listed unless it is a leaf. */
export interface Candidate {
  readonly directory: Directory;
  /** Where it was watched. */
  readonly path: BytePath;
  readonly wd: number;
}

export interface LeafLotsOptions {
  readonly reader: Pick<Reader, 'now' | 'isSilentSince' | 'countLinks'>;
  /** Whether a directory, watched before, is still at its path. */
  readonly isStillThere: (directory: Directory) => boolean;
  readonly onLeaf: (directory: Directory) => void;
  /** It has subdirectories, or may have. */
  readonly onOther: (candidate: Candidate) => void;
}

interface Lot {
  readonly candidates: readonly Candidate[];
  /** The reader's time before the first of them was watched. */
  readonly since: number;
}

/** The other thread looks at it. */
interface GivenLot extends Lot {
  readonly answer: () => readonly (LinkCount | undefined)[] | undefined;
}

export class LeafLots {
  readonly #options: LeafLotsOptions;
  readonly #leaves = new LeafDirectories();
  readonly #candidates: Candidate[] = [];
  #since = 0;
  #given: GivenLot | undefined;

  constructor(options: LeafLotsOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#candidates.length === 0 && this.#given === undefined;
  }

  /** A directory is about to be watched, which may then be added. */
  beforeWatch(): void {
    if (this.#candidates.length === 0) this.#since = this.#options.reader.now();
  }

  add(candidate: Candidate): void {
    this.#candidates.push(candidate);
    if (this.#candidates.length === PATHS_PER_LOT) this.#giveAway();
  }

  /** Says of some what they are. */
  settleSome(): void {
    const given = this.#given;
    this.#given = undefined;
    if (given === undefined) this.#settle(this.#takeLot());
    else this.#settle(given, given.answer());
  }

  /** Another file system may have the number of a device from now on. */
  forget(): void {
    this.#leaves.forget();
  }

  #takeLot(): Lot {
    return { candidates: this.#candidates.splice(0), since: this.#since };
  }

  #giveAway(): void {
    if (this.#given !== undefined) this.settleSome();
    const lot = this.#takeLot();
    const answer = this.#options.reader.countLinks(lot.candidates.map(({ path }) => path));
    if (answer === undefined) this.#settle(lot);
    else this.#given = { ...lot, answer };
  }

  /**
   * They were looked at as what is watched if the kernel has told nothing since the first was watched, and their parents, watched before, are
   * where they are to be.
   * @param counts what was found at their paths; by default it is looked for now
   */
  #settle({ candidates, since }: Lot, counts?: readonly (LinkCount | undefined)[]): void {
    const { isStillThere, onLeaf, onOther } = this.#options;
    const areLeaves = candidates.map(({ path }, index) => this.#leaves.has(path, counts?.[index]));
    const isSilent = this.#options.reader.isSilentSince(since);
    const inPlace = new Map<Directory, boolean>();
    const isInPlace = (parent: Directory): boolean => {
      const answer = inPlace.get(parent) ?? isStillThere(parent);
      inPlace.set(parent, answer);
      return answer;
    };
    const others: Candidate[] = [];
    for (const [index, candidate] of candidates.entries()) {
      const { directory, wd } = candidate;
      const { parent } = directory;
      // Somebody else has looked at it meanwhile.
      if (directory.wd !== wd) continue;
      const isLeaf = areLeaves[index] === true && isSilent && parent !== undefined && isInPlace(parent);
      if (isLeaf) onLeaf(directory);
      else others.push(candidate);
    }
    for (const candidate of others.toReversed()) onOther(candidate);
  }
}
