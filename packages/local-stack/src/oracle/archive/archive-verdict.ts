/** The comparison of the conversations that were served with the archive, and the search for personal data. Pure. */
export interface ArchiveVerdict {
  /** Windows that were served whole, or have a manifest. */
  windows: number;
  /** Conversations of these windows, and what stood in the place of one. */
  served: number;
  stored: number;
  deadLettered: number;
  /** Taken out on request. */
  erased: number;
  /** Nowhere: neither stored, nor a dead letter, nor erased. */
  missing: string[];
  twice: string[];
  /** With how they were. */
  altered: string[];
  /** Values that have become another token than that of their canonical form. */
  mistokened: string[];
  /** Stored, and never served. */
  extra: string[];
  /** Writings of personal data that were looked for, and where one was found. */
  values: number;
  leaked: string[];
  /** Objects in the bucket, and those that are not encrypted as they should be. */
  objects: number;
  unencrypted: string[];
  /** Objects and indexes whose bytes have the digest that the manifest tells. */
  digestsVerified: number;
  /** Entries of the compliance chain. */
  records: number;
  /** Windows with a manifest that have not exactly one record of success. */
  unrecorded: string[];
  /** What `trunkline verify archive` would say. */
  findings: string[];
  /** Distinct completion events that were accepted; windows with a manifest that have none, or several. */
  events: number;
  untold: string[];
  toldTwice: string[];
}

/** What can be wrong; all of these are empty where the archive is what was served. */
export const archiveTroubleKinds = [
  'missing',
  'twice',
  'altered',
  'mistokened',
  'extra',
  'leaked',
  'unencrypted',
  'unrecorded',
  'findings',
  'untold',
  'toldTwice',
] as const satisfies (keyof ArchiveVerdict)[];

/** What is wrong, by kind; empty where the archive is what was served. */
export function archiveTroubles(
  verdict: ArchiveVerdict,
): Partial<Record<(typeof archiveTroubleKinds)[number], string[]>> {
  return Object.fromEntries(
    archiveTroubleKinds.filter((kind) => verdict[kind].length > 0).map((kind) => [kind, verdict[kind]]),
  );
}

/** Whether the compliance chain holds: every link, and one record of success for each window. */
export function chainIntact({ findings, unrecorded }: ArchiveVerdict): boolean {
  return unrecorded.length === 0 && !findings.some((finding) => finding.startsWith('chain-'));
}

export function emptyVerdict(): ArchiveVerdict {
  return {
    windows: 0,
    served: 0,
    stored: 0,
    deadLettered: 0,
    erased: 0,
    missing: [],
    twice: [],
    altered: [],
    mistokened: [],
    extra: [],
    values: 0,
    leaked: [],
    objects: 0,
    unencrypted: [],
    digestsVerified: 0,
    records: 0,
    unrecorded: [],
    findings: [],
    events: 0,
    untold: [],
    toldTwice: [],
  };
}
