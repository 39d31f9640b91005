import type { LedgerEvent, SimulatorControl } from '../index.ts';
import type { PlatformClient } from './platform-client.ts';

/** A row as any shape of it is read here. */
export type AuditRow = Record<string, unknown>;

export interface RealtimeReply {
  entities: AuditRow[];
  pageSize: number;
  pageNumber: number;
  pageCount: number;
  total: number;
}

/** One realtime query that has to succeed. */
export async function realtime(
  client: PlatformClient,
  body: object,
  search = '?expand=user',
): Promise<RealtimeReply> {
  const response = await client.request('POST', `/api/v2/audits/query/realtime${search}`, body);
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as RealtimeReply;
}

/** Asks for a history query; its transaction id. */
export async function submit(client: PlatformClient, body: object): Promise<string> {
  const response = await client.request('POST', '/api/v2/audits/query', body);
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** An interval around a moment, in hours. */
export function around(ms: number, hoursBefore: number, hoursAfter = 1): string {
  const at = (hours: number) => new Date(ms + hours * 3_600_000).toISOString();
  return `${at(-hoursBefore)}/${at(hoursAfter)}`;
}

/** The whole ledger, in order. */
export async function ledgerOf(
  control: SimulatorControl,
  query: Parameters<SimulatorControl['events']>[0] = {},
): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  for await (const event of control.events(query)) events.push(event);
  return events;
}
