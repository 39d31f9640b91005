import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Reply } from '../http/reply.ts';

/** Where a store of presigned objects stands in for the bucket of the real service. */
export const STORE_PATH = '/presigned/';

/**
 * Writes and judges presigned links, in the manner of S3: path, time of signing, lifetime and signature in the query.
 *
 * Nothing is stored, so a link stays good over a restart. Links live in the host's time, as tokens do.
 */
export class PresignedLinks {
  readonly #key: string;
  readonly #hostNow: () => number;
  /** Links signed before this moment count as expired. */
  #revokedBeforeMs = 0;

  constructor(key: string, hostNow: () => number) {
    this.#key = key;
    this.#hostNow = hostNow;
  }

  /**
   * The absolute address of an object.
   * @param request whose host the link leads to, so that it goes through the same proxy
   * @param path below the store, without a leading slash; parts are letters, digits, `-`, `_`, `.`
   */
  sign(request: ReceivedRequest, path: string, lifetimeSeconds: number): string {
    const query = new URLSearchParams({
      'X-Amz-Date': String(this.#hostNow()),
      'X-Amz-Expires': String(lifetimeSeconds),
    });
    query.set('X-Amz-Signature', this.#signature(path, query));
    return `http://${request.headers.host}${STORE_PATH}${path}?${query}`;
  }

  /** Every link signed so far has expired. */
  expire(): void {
    this.#revokedBeforeMs = this.#hostNow() + 1;
  }

  /** Null where the request may have the object; else what S3 would answer. */
  refusal(request: ReceivedRequest): Reply | null {
    if (request.headers.authorization !== undefined) {
      return storeError(400, 'InvalidArgument', 'Only one auth mechanism allowed');
    }
    const query = new URLSearchParams(request.query);
    const given = Buffer.from(query.get('X-Amz-Signature') ?? '');
    query.delete('X-Amz-Signature');
    const right = Buffer.from(this.#signature(request.path.slice(STORE_PATH.length), query));
    if (given.length !== right.length || !timingSafeEqual(given, right)) {
      return storeError(
        403,
        'SignatureDoesNotMatch',
        'The request signature does not match the signature provided.',
      );
    }
    const signedMs = Number(query.get('X-Amz-Date'));
    const untilMs = signedMs + Number(query.get('X-Amz-Expires')) * 1000;
    return signedMs < this.#revokedBeforeMs || this.#hostNow() >= untilMs ? expiredLinkReply() : null;
  }

  #signature(path: string, query: URLSearchParams): string {
    return createHmac('sha256', this.#key).update(`link\0${path}\0${query}`).digest('hex');
  }
}

export function expiredLinkReply(): Reply {
  return storeError(403, 'AccessDenied', 'Request has expired');
}

/** An error as S3 words it. */
export function storeError(status: number, code: string, message: string): Reply {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { 'Content-Type': 'application/xml' }, body: Buffer.from(xml) };
}
