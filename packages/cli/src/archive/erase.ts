import { randomBytes } from 'node:crypto';
import {
  ArchiveReader,
  type Bucket,
  type ErasureOutcome,
  eraseConversations,
} from '@trunkline/archive-store';
import { ARCHIVE_COMPLIANCE, type ArchiveComplianceJob } from '@trunkline/contracts';
import { addComplianceRecord, loadSettings } from '@trunkline/service';
import { archiveEraseSettings, personSettings } from '../config.ts';
import { openRedis } from '../frame/connect-redis.ts';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { onRecord } from '../frame/on-record.ts';
import { reasonOf } from '../frame/reason.ts';
import { optionalTimeRangeOf } from '../frame/time-range.ts';
import { withQueueOn } from '../frame/with-queue.ts';
import { Progress } from '../terminal/progress.ts';
import { counted, printable } from '../terminal/text.ts';
import { withBucket } from './bucket.ts';
import { confirmed } from './confirm.ts';
import { dayRangeOf } from './day-range.ts';
import { personWays } from './find.ts';
import { type PersonNamed, type PersonOptions, personNamed, tokenOfPerson } from './person.ts';
import { windowCounter } from './window-counter.ts';

export interface EraseOptions extends PersonOptions {
  reason: string;
  from?: string;
  to?: string;
  yes: boolean;
  json: boolean;
}

type DayRange = ReturnType<typeof dayRangeOf>;

/** Takes conversations out of the archive for good; each is on the compliance record, also where a lock keeps it. */
export async function eraseFromArchive(
  io: CommandIo,
  ids: readonly string[],
  options: EraseOptions,
): Promise<ExitCode> {
  const person =
    ids.length > 0 ? nobodyToo(options) : personNamed(options, `conversation ids, ${personWays}`);
  const reason = reasonOf(options);
  const range = dayRangeOf(optionalTimeRangeOf(options));
  const config = loadSettings(archiveEraseSettings, io.env);
  const token =
    person === null ? null : await tokenOfPerson(person, loadSettings(personSettings, io.env), io);

  using progress = new Progress(io.err, io.now);
  await using redis = await openRedis(config.redis, progress);
  return await withQueueOn(redis, config.process.deployment, ARCHIVE_COMPLIANCE, (queue) =>
    withBucket(config.s3, async (bucket) => {
      const meant = token === null ? [...new Set(ids)] : await ofPerson(bucket, token, range, progress);
      progress[Symbol.dispose]();
      if (meant.length === 0) return told(io, options, { erased: [], locked: [], notFound: [] });
      const question = `${counted(meant.length, 'conversation')} will be erased from the archive for good.`;
      if (!options.yes && !(await confirmed(question, io))) {
        io.err.write('Nothing was erased.\n');
        return exitCodes.incomplete;
      }
      const record = (job: ArchiveComplianceJob): Promise<void> =>
        addComplianceRecord(queue, job, config.worker.attempts);
      const act = { action: 'erase', target: whichOf(meant), reason, ahead: true };
      const outcome = await onRecord(io, redis, act, progress, async (done) => {
        const ended = await eraseConversations(bucket, {
          conversationIds: meant,
          reason,
          by: io.user,
          at: new Date(io.now()),
          traceId: randomBytes(16).toString('hex'),
          range,
          record,
          onWindow: windowCounter('Erasing', progress),
        });
        done(ended.erased.length);
        return ended;
      });
      progress[Symbol.dispose]();
      return told(io, options, outcome);
    }),
  );
}

/** Ids of conversations; of a person nothing stands in a log, not even their token. */
function whichOf(ids: readonly string[]): string {
  const [first = ''] = ids;
  return ids.length === 1 ? `conversation ${printable(first)}` : counted(ids.length, 'conversation');
}

/** @throws UsageError where a person is named beside ids */
function nobodyToo(options: PersonOptions): PersonNamed | null {
  const { phone, email, ssn, card, iban, token } = options;
  if ([phone, email, ssn, card, iban, token].some((value) => value !== undefined))
    throw new UsageError(`Name conversation ids or a person (${personWays}), not both.`);
  return null;
}

async function ofPerson(
  bucket: Bucket,
  token: string,
  range: DayRange,
  progress: Progress,
): Promise<string[]> {
  const ids = new Set<string>();
  const found = new ArchiveReader(bucket).find(token, range, {
    onWindow: windowCounter('Searching', progress),
  });
  for await (const { conversationId } of found) ids.add(conversationId);
  return [...ids];
}

function told(io: CommandIo, { json }: EraseOptions, outcome: ErasureOutcome): ExitCode {
  const { erased, notFound } = outcome;
  const locked = outcome.locked.map(({ conversationId, windowId, error }) => ({
    conversationId,
    windowId,
    code: error.code,
    message: error.message,
  }));
  io.out.write(
    json
      ? `${JSON.stringify({ v: 1, erased, locked, notFound })}\n`
      : textOf(erased.length, locked, notFound),
  );
  const undone = locked.length > 0 || notFound.length > 0 || erased.length === 0;
  return undone ? exitCodes.findings : exitCodes.ok;
}

function textOf(
  erased: number,
  locked: readonly { conversationId: string; windowId: string; message: string }[],
  notFound: readonly string[],
): string {
  const lines = [`${counted(erased, 'conversation')} erased`];
  if (locked.length > 0) {
    lines.push(
      `${counted(locked.length, 'conversation is', 'conversations are')} kept by a lock`,
      ...locked.map(
        (each) => `  ${printable(each.conversationId)} (${each.windowId}): ${printable(each.message, 500)}`,
      ),
    );
  }
  if (notFound.length > 0) {
    lines.push(
      `${counted(notFound.length, 'conversation is', 'conversations are')} not in the archive`,
      ...notFound.map((id) => `  ${printable(id)}`),
    );
  }
  return `${lines.join('\n')}\n`;
}
