import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { TrunklineError } from '@trunkline/contracts';
import { scanObject } from '@trunkline/json-source';
import type { OpenedPage, PagePosition } from '../../archive/archive-source.ts';
import {
  openedPage,
  PART,
  RANGE_NOT_SATISFIABLE,
  rangeHeaders,
  sourceChanged,
  WHOLE,
} from '../../archive/opened-page.ts';
import { downloadPage } from '../../archive/page-download.ts';

import { LongWait } from '../../long-wait.ts';
import { type Asking, textWaitMs } from './asking.ts';

/** A document that Genesys hands out by presigned links. */
export interface StoredDocument {
  /** Names it in messages: "a transcript". */
  what: string;
  /** As Genesys named it now. */
  link: string;
  /** Asks for another link, where this one has ended. */
  renew: () => Promise<string>;
}

export interface DocumentTerms {
  /** A larger document is not read: it is in memory as a whole. */
  maxBytes: number;
  backoffMinMs: number;
  backoffMaxMs: number;
}

/** New links for one document; how long a link lives is not documented. */
const maxRenewals = 3;

/**
 * Downloads a JSON document into memory, through interruptions: it goes on behind the last byte where the store still has the same
 * object, by whatever link.
 * @throws TrunklineError GENESYS_LINK_EXPIRED where new links are refused too
 * @throws TrunklineError ARCHIVE_DIGEST_MISMATCH where the store states a digest that its bytes do not have
 * @throws TrunklineError ARCHIVE_DOWNLOAD_INTERRUPTED where it comes no further, is too large or no JSON
 * @throws as `GenesysConnection.download`
 */
export async function downloadDocument(
  asking: Asking,
  document: StoredDocument,
  terms: DocumentTerms,
): Promise<Buffer> {
  const { what } = document;
  const { signal } = asking;
  const opener = openerOf(asking, document);
  let parts: Buffer[] = [];
  let bytes = 0;
  let stated: string | null = null;
  const download = downloadPage({
    what,
    open: opener.open,
    left: null,
    onInterruption: () => {}, // a document is small: what is told of is the page that it goes into
    backoffMinMs: terms.backoffMinMs,
    backoffMaxMs: terms.backoffMaxMs,
    signal,
  });
  for await (const part of download) {
    if (part.kind === 'begin') {
      parts = [];
      bytes = 0;
      stated = part.head.sha256;
    } else if (part.kind === 'bytes') {
      bytes += part.bytes.length;
      if (bytes > terms.maxBytes) throw useless(what, `is larger than ${terms.maxBytes} bytes`);
      parts.push(part.bytes);
    }
  }
  const stored = Buffer.concat(parts, bytes);
  const actual = stated === null ? null : createHash('sha256').update(stored).digest('hex');
  if (stated !== null && actual !== stated) {
    throw new TrunklineError('ARCHIVE_DIGEST_MISMATCH', {
      message: `The bytes of ${what} are not those that the store states: SHA-256 expected ${stated}, actual ${actual}.`,
      remedy: 'Nothing of the window was passed on. When the source is mended, retry this job.',
    });
  }
  const text = opener.isPacked() ? await unpacked(stored, what, terms.maxBytes) : stored;
  if (scanObject(text, '') === null) throw useless(what, 'is no JSON object');
  return text;
}

function openerOf(asking: Asking, { what, link: first, renew }: StoredDocument) {
  const { connection, signal } = asking;
  const isWanted = asking.missing !== 'any';
  const patience = isWanted ? asking.patience : { ...asking.patience, longestWaitMs: textWaitMs(asking) };
  let link = first;
  let renewals = 0;
  let isPacked = false;
  const once = async (resume: PagePosition | null): Promise<OpenedPage> => {
    const call = {
      what,
      url: link,
      headers: rangeHeaders(resume),
      wanted: resume === null ? [WHOLE] : [WHOLE, PART],
      refusal: (status: number) =>
        status === RANGE_NOT_SATISFIABLE && resume !== null
          ? sourceChanged(what)
          : status === 404
            ? objectGone(what)
            : null,
    };
    const reply = await connection.download(call, patience, signal).catch((error: unknown) => {
      throw error instanceof LongWait && !isWanted ? useless(what, 'cannot be reached', error) : error;
    });
    try {
      // Objects may be stored packed and say so in the header that else means how they are sent; whether Genesys does is unverified.
      isPacked = reply.headers.get('content-encoding')?.trim().toLowerCase() === 'gzip';
      const headers = new Map(reply.headers);
      if (isPacked) headers.delete('content-encoding');
      return openedPage({ ...reply, headers }, resume, what);
    } catch (error) {
      reply.body.destroy();
      throw error;
    }
  };
  return {
    open: async (resume: PagePosition | null): Promise<OpenedPage> => {
      for (;;) {
        try {
          return await once(resume);
        } catch (error) {
          const hasEnded = error instanceof TrunklineError && error.code === 'GENESYS_LINK_EXPIRED';
          if (!hasEnded || renewals === maxRenewals) throw error;
          renewals++;
          link = await renew();
        }
      }
    },
    isPacked: () => isPacked,
  };
}

const unzip = promisify(gunzip);

async function unpacked(bytes: Buffer, what: string, maxBytes: number): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw useless(what, 'cannot be unpacked', error);
  }
}

function objectGone(what: string): TrunklineError {
  return new TrunklineError('GENESYS_LINK_EXPIRED', {
    message: `The store no longer has ${what} under this link.`,
    remedy: 'A new link is asked for.',
  });
}

function useless(what: string, how: string, cause?: unknown): TrunklineError {
  return new TrunklineError('ARCHIVE_DOWNLOAD_INTERRUPTED', {
    message: `What the store has for ${what} ${how}.`,
    remedy: 'It is tried again; if it lasts, ask Genesys Cloud Care.',
    ...(cause === undefined ? {} : { cause }),
  });
}
