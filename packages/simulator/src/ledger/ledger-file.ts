import { z } from 'zod';
import { NdjsonFile } from '../ndjson-file.ts';
import { PLATFORM_SHAPES, type PlatformShape } from '../platform/audits/audit-shape.ts';

/** One line of the ledger: the events of one reply. */
export interface LedgerLine {
  /** When, epoch ms of the host's clock. */
  at: number;
  /** Positions, as ranges from-to, both included, in the order of the page. */
  n: [number, number][];
  /** In which shape; absent = the guide's. */
  as?: PlatformShape | undefined;
  /** The reply of an earlier line with the same `at`, `n` and `as` did not go out whole after all. */
  lost?: true | undefined;
}

const lineSchema = z.strictObject({
  at: z.number(),
  n: z.array(z.tuple([z.int(), z.int()])),
  as: z.enum(PLATFORM_SHAPES).optional(),
  lost: z.literal(true).optional(),
});

/**
 * The ledger on disk: append-only NDJSON, one line a page, written before its last bytes leave.
 *
 * Ids, dates and digests are functions of seed and position, so positions are all that has to be kept.
 */
export class LedgerFile extends NdjsonFile<LedgerLine> {
  constructor(path: string) {
    super(path, lineSchema);
  }
}
