import { setTimeout as sleep } from 'node:timers/promises';
import { judge, type Picture } from '@trunkline/overview';
import { Command } from 'commander';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { openPicture } from './read-picture.ts';
import { statusData } from './status-data.ts';
import { statusText } from './status-text.ts';
import { streamData, streamTable } from './stream-table.ts';

const statusExamples = `
What is wrong stands first, with what to do. A figure that is not known is ? (null with --json).
Exit codes: 0 all is well; 1 something is the matter; 2 the state cannot be read; 64, 78 as everywhere.

Examples:
  $ trunkline status
  $ trunkline status --watch 5
  $ trunkline status --json | jq '.findings[] | .title'
`;

const streamsExamples = `
Exit codes: 0 told, whatever it is; 2 the state cannot be read; 64, 78 as everywhere.

Examples:
  $ trunkline streams
  $ trunkline streams --json | jq '.streams[] | {id, lagSeconds}'
`;

export function statusCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return new Command('status')
    .description('What both pipelines are doing, what is wrong, and what to do about it.')
    .option('--watch <seconds>', 'tell it again and again, until it is interrupted')
    .option('--json', 'print JSON; with --watch a line each time', false)
    .addHelpText('after', statusExamples)
    .action(async (options: { watch?: string; json: boolean }) => ended(await status(io, options)));
}

export function streamsCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return new Command('streams')
    .description(
      'Audit streams: received and indexed up to when, lag, and how long until the replay window closes.',
    )
    .option('--json', 'print JSON', false)
    .addHelpText('after', streamsExamples)
    .action(async ({ json }: { json: boolean }) => {
      await using reader = await openPicture(io);
      const picture = await reader.read();
      const data = {
        v: 1,
        takenAt: new Date(picture.takenAt).toISOString(),
        streams: picture.streams.map(streamData),
      };
      io.out.write(`${json ? JSON.stringify(data) : streamTable(picture)}\n`);
      ended(exitCodes.ok);
    });
}

async function status(io: CommandIo, { watch, json }: { watch?: string; json: boolean }): Promise<ExitCode> {
  const everyMs = watch === undefined ? null : intervalMsOf(watch);
  await using reader = await openPicture(io);
  for (;;) {
    const picture = await reader.read();
    const code = tell(io, picture, json);
    if (everyMs === null) return code;
    await sleep(everyMs);
    if (!json) io.out.write('\n');
  }
}

function tell(io: CommandIo, picture: Picture, json: boolean): ExitCode {
  const verdict = judge(picture);
  io.out.write(json ? `${JSON.stringify(statusData(picture))}\n` : statusText(picture, verdict));
  return verdict.level === 'good' ? exitCodes.ok : exitCodes.findings;
}

function intervalMsOf(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > 3_600) throw new UsageError('--watch must be seconds, 1 to 3600.');
  return seconds * 1_000;
}
