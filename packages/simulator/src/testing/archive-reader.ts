import { request } from 'node:http';
import type { SimulatorOptionsInput } from '../options.ts';
import type { Simulator } from '../simulator.ts';
import { type HandClock, type Poller, still } from './poller.ts';

/** The day before the one on which a still simulator stands. */
export const DAY = { from: '2026-03-13T00:00:00.000Z', to: '2026-03-14T00:00:00.000Z' };

export interface ReadReply {
  status: number;
  headers: Record<string, string | undefined>;
  /** What came of the body. */
  body: Buffer;
  /** The connection broke before the end. */
  broken: boolean;
}

/** A client of the archives as simple as the contract allows, that keeps what came before a connection broke. */
export class ArchiveReader {
  readonly url: string;
  token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  /** @param body of the query; the day before, voice and chat, by default */
  query(
    body: unknown = {},
    { headers = {}, page }: { headers?: Record<string, string | undefined>; page?: string } = {},
  ): Promise<ReadReply> {
    const url = new URL('/api/v2/analytics/conversations/details/query', this.url);
    if (page !== undefined) url.searchParams.set('page', page);
    const all: Record<string, string | undefined> = {
      'content-type': 'application/json',
      authorization: `Bearer ${this.token}`,
      'x-genesys-storage-class': 'STANDARD_IA',
      ...headers,
    };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return new Promise((resolve, reject) => {
      let began: (() => void) | null = null;
      const call = request(url, { method: 'POST', headers: given, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        const end = (broken: boolean) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as Record<string, string>,
            body: Buffer.concat(chunks),
            broken,
          });
        began = () => end(true);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => end(false));
        response.on('error', () => end(true));
      });
      call.on('error', (error) => {
        if (began === null) reject(error);
        else began();
      });
      call.end(
        typeof body === 'string'
          ? body
          : JSON.stringify({ ...DAY, size: 100, filter: MEDIA, ...(body as object) }),
      );
    });
  }
}

const MEDIA = [
  { type: 'in', clause: 'mediaType=voice' },
  { type: 'in', clause: 'mediaType=chat' },
];

/** A simulator on a clock that stands still at 2026-03-14T15:00Z. */
export async function stillArchive(
  options: SimulatorOptionsInput = {},
): Promise<{ simulator: Simulator; reader: ArchiveReader; clock: HandClock; poller: Poller }> {
  const { simulator, clock, poller } = await still({ archiveConversations: 30, ...options });
  return { simulator, clock, poller, reader: new ArchiveReader(simulator.url, poller.token) };
}
