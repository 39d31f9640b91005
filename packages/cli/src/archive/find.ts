import { ArchiveReader, type Place } from '@trunkline/archive-store';
import { loadSettings } from '@trunkline/service';
import { archiveFindSettings } from '../config.ts';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { optionalTimeRangeOf } from '../frame/time-range.ts';
import { Progress } from '../terminal/progress.ts';
import { counted, printable, table } from '../terminal/text.ts';
import { withBucket } from './bucket.ts';
import { dayRangeOf } from './day-range.ts';
import { type PersonOptions, personNamed, tokenOfPerson } from './person.ts';
import { windowCounter } from './window-counter.ts';

export const personWays = '--phone, --email, --ssn, --card, --iban or --token';

/** Finds the conversations of a person by the token that stands for them, without reading any. */
export async function findConversations(
  io: CommandIo,
  options: PersonOptions & { from?: string; to?: string; json: boolean },
): Promise<ExitCode> {
  const person = personNamed(options, personWays);
  const range = dayRangeOf(optionalTimeRangeOf(options));
  const config = loadSettings(archiveFindSettings, io.env);
  const token = await tokenOfPerson(person, config, io);
  using progress = new Progress(io.err, io.now);
  const places: Place[] = [];
  await withBucket(config.s3, async (bucket) => {
    const found = new ArchiveReader(bucket).find(token, range, {
      onWindow: windowCounter('Searching', progress),
    });
    for await (const place of found) places.push(place);
  });
  progress[Symbol.dispose]();
  io.out.write(options.json ? jsonOf(token, places) : textOf(places));
  return places.length === 0 ? exitCodes.findings : exitCodes.ok;
}

function jsonOf(token: string, places: readonly Place[]): string {
  const conversations = places.map(({ conversationId, windowId, object, line }) => ({
    id: conversationId,
    windowId,
    object: object.key,
    line,
  }));
  return `${JSON.stringify({ v: 1, token, conversations })}\n`;
}

function textOf(places: readonly Place[]): string {
  const rows = places.map(({ conversationId, windowId, object, line }) => [
    printable(conversationId),
    windowId,
    object.key,
    String(line),
  ]);
  return [
    ...(rows.length === 0 ? [] : [table([['CONVERSATION', 'WINDOW', 'OBJECT', 'LINE'], ...rows])]),
    counted(places.length, 'conversation'),
    '',
  ].join('\n');
}
