// What a monitor can know. The contract suite asks for the same end everywhere; this table says where the ways differ.

export interface Capabilities {
  /** Both ends of a rename are one event. Otherwise: delete and create, and what a moved directory holds is told again. */
  readonly moves: boolean;
  /** A write is told when the file is closed, and each write is told. Otherwise: some time after it, several as one. */
  readonly closedAfterWrite: boolean;
  /** chmod, chown and touch are told as attrib. Otherwise: of files as modify or not at all, of directories not at all. */
  readonly attributes: boolean;
  /** Names are bytes. Otherwise: a name that is not UTF-8 is trouble (blind, EILSEQ). */
  readonly byteNames: boolean;
  /** A symlink whose target is not there is told. */
  readonly danglingLinks: boolean;
  /** News come in the order of the changes. */
  readonly order: boolean;
}

export const inotifyCapabilities: Capabilities = {
  moves: true,
  closedAfterWrite: true,
  attributes: true,
  byteNames: true,
  danglingLinks: true,
  order: true,
};

export const chokidarCapabilities: Capabilities = {
  moves: false,
  closedAfterWrite: false,
  attributes: false,
  byteNames: false,
  danglingLinks: false,
  order: false,
};
