import { hash, randomUUID } from 'node:crypto';
import type { Strike } from '../faults/fault-plan.ts';
import { wantedBytes } from '../http/byte-range.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Reply } from '../http/reply.ts';

/**
 * An object of the store as S3 serves it: ETag, `Range` and `If-Range`.
 * @param deliver called where the reply brings the object's last byte, as of `Reply`
 * @param strike what may be wrong with it
 */
export function storedObject(
  request: ReceivedRequest,
  object: { body: Buffer; contentType: string },
  deliver: NonNullable<Reply['deliver']> = () => () => {},
  strike: Strike | null = null,
): Reply {
  const { body, contentType } = object;
  const isOther = strike?.take('new-etag') != null;
  const etag = `"${isOther ? randomUUID() : hash('sha256', body, 'hex').slice(0, 32)}"`;
  const unchanged = (request.headers['if-range'] ?? etag) === etag;
  const asked = wantedBytes(unchanged ? request.headers.range : undefined, body.length);
  const isIgnored = asked.kind !== 'whole' && strike?.take('range-ignored') != null;
  const wanted = isIgnored ? ({ kind: 'whole' } as const) : asked;
  const headers = { 'Content-Type': contentType, 'Accept-Ranges': 'bytes', ETag: etag };
  switch (wanted.kind) {
    case 'unsatisfiable':
      return { status: 416, headers: { 'Content-Range': `bytes */${body.length}` }, body: Buffer.alloc(0) };
    case 'whole':
      return { status: 200, headers, body, deliver };
    case 'part':
      return {
        status: 206,
        headers: { ...headers, 'Content-Range': `bytes ${wanted.first}-${wanted.end - 1}/${body.length}` },
        body: body.subarray(wanted.first, wanted.end),
        ...(wanted.end === body.length ? { deliver } : {}),
      };
    default:
      return wanted satisfies never;
  }
}
