import type { ArchiveQuery, OpenedPage } from '../../archive/archive-source.ts';
import type { GenesysConnection } from '../../connection.ts';
import type { Patience } from '../../patience.ts';
import type { AnalyticsRow } from './analytics-row.ts';
import type { Asking, ReadyWaits } from './asking.ts';
import { documentOf } from './conversation-documents.ts';
import { madePage } from './made-page.ts';
import type { DocumentTerms } from './stored-document.ts';

/** How the sources of the platform contract work. */
export interface ArchiveTerms {
  connection: Pick<GenesysConnection, 'callWith' | 'download'>;
  /** Conversations whose texts are asked for at a time; each is in memory as a whole. */
  conversationsAtOnce: number;
  documents: DocumentTerms;
  waits: ReadyWaits;
}

/**
 * A day: a window of thousands of conversations takes hours at the client's allowance, and a page costs hundreds of calls. It may be
 * parked meanwhile for what Genesys is still making.
 */
export const platformPagesHoldMs = 86_400_000;

export function askingOf(
  { connection, waits }: ArchiveTerms,
  { missing }: ArchiveQuery,
  patience: Patience,
  signal: AbortSignal,
): Asking {
  return { connection, waits, missing, patience, signal };
}

/** The page of these conversations' documents. */
export function openedRows(
  { conversationsAtOnce, documents }: ArchiveTerms,
  asking: Asking,
  { mediaTypes, without }: ArchiveQuery,
  page: {
    rows: readonly AnalyticsRow[];
    nextPage: string | null;
    serverDate: Date | null;
    ofWindow: number | null;
  },
): OpenedPage {
  return madePage({
    ...page,
    rows: page.rows.filter(({ id }) => id === null || !without.has(id)),
    atOnce: conversationsAtOnce,
    make: (row, signal) => documentOf(row, mediaTypes, { ...asking, signal }, documents),
    signal: asking.signal,
  });
}
