import { ArchiveReader } from '@trunkline/archive-store';
import { loadSettings } from '@trunkline/service';
import { archiveReadSettings } from '../config.ts';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { optionalTimeRangeOf } from '../frame/time-range.ts';
import { Progress } from '../terminal/progress.ts';
import { counted, printable } from '../terminal/text.ts';
import { withBucket } from './bucket.ts';
import { dayRangeOf } from './day-range.ts';
import { windowCounter } from './window-counter.ts';

/** Prints one conversation as it is stored: redacted, digits and all. */
export async function getConversation(
  io: CommandIo,
  id: string,
  options: { from?: string; to?: string; json: boolean },
): Promise<ExitCode> {
  const range = dayRangeOf(optionalTimeRangeOf(options));
  const config = loadSettings(archiveReadSettings, io.env);
  using progress = new Progress(io.err, io.now);
  const found = await withBucket(config.s3, (bucket) =>
    new ArchiveReader(bucket).get(id, range, { onWindow: windowCounter('Searching', progress) }),
  );
  progress[Symbol.dispose]();
  if (found === null) {
    const where = range === null ? 'the archive' : `the windows of ${range.fromDay} to ${range.toDay}`;
    io.err.write(`trunkline: There is no conversation ${printable(id)} in ${where}.\n`);
    return exitCodes.findings;
  }
  const { place, text } = found;
  const { missingTexts: told } = JSON.parse(text) as { missingTexts?: unknown };
  const missingTexts = Array.isArray(told) ? told : [];
  if (missingTexts.length > 0) {
    io.err.write(
      `trunkline: It was archived without ${counted(missingTexts.length, 'text')} that Genesys did not give: see its missingTexts.\n`,
    );
  }
  if (!options.json) io.out.write(`${text}\n`);
  else {
    const { windowId, object, line } = place;
    const head = {
      v: 1,
      id,
      windowId,
      object: { key: object.key, sha256: object.sha256 },
      line,
      missingTexts,
    };
    // Its source text, not parsed and written again: numbers keep their digits.
    io.out.write(`${JSON.stringify(head).slice(0, -1)},"conversation":${text}}\n`);
  }
  return exitCodes.ok;
}
