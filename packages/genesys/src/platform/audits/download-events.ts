import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { TrunklineError } from '@trunkline/contracts';
import { scanArray, scanObject } from '@trunkline/json-source';
import type { OpenBody } from '../../open-body.ts';

const unzip = promisify(gunzip);

/**
 * The events of a downloaded result: a plain JSON array (genesys-api.md, section 2). Whether the store compresses it, and whether
 * an object ever stands around it as around a page, is not documented: both are read.
 *
 * @param maxBytes of the file, and of what it unpacks to: all of it is held while it is given
 * @throws TrunklineError GENESYS_REPLY_UNREADABLE
 */
export async function eventsOfDownload(body: OpenBody, maxBytes: number): Promise<Buffer[] | 'too-large'> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > maxBytes) return 'too-large';
    parts.push(part);
  }
  const text = await unpacked(Buffer.concat(parts, length), maxBytes);
  if (text === 'too-large') return text;
  const elements = scanArray(text) ?? scanObject(text, 'entities')?.elements;
  if (elements) return elements.map(({ from, to }) => text.subarray(from, to));
  throw new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: 'The downloaded result of the audit history query is no JSON array.',
    remedy: 'It is downloaded again and nothing is skipped; if it lasts, tell Genesys.',
  });
}

async function unpacked(bytes: Buffer, maxBytes: number): Promise<Buffer | 'too-large'> {
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isZipped) return bytes;
  try {
    return await unzip(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (cause instanceof RangeError) return 'too-large';
    throw new TrunklineError('GENESYS_REPLY_UNREADABLE', {
      message: 'The downloaded result of the audit history query cannot be unpacked.',
      remedy: 'It is downloaded again.',
      cause,
    });
  }
}
