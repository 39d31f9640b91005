import { payloadKeyId } from '@trunkline/claim-check';
import { Elasticsearch } from '@trunkline/elasticsearch-sink';
import type { Picture } from '@trunkline/overview';
import { loadSettings } from '@trunkline/service';
import { checkElasticsearch, sealedLetterSettings } from '../config.ts';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { openPicture } from '../status/read-picture.ts';
import { Progress } from '../terminal/progress.ts';
import { count, counted } from '../terminal/text.ts';
import { type SealedLetters, sealedLetters } from './sealed-letters.ts';
import { type PayloadKeyState, payloadKeySteps } from './steps.ts';

/** Tells which keys are set, and what was sealed with which; opens nothing. */
export async function tellOfPayloadKey(io: CommandIo, { json }: { json: boolean }): Promise<ExitCode> {
  const config = loadSettings(sealedLetterSettings, io.env, checkElasticsearch);
  const keys = config.payload.payloadKeys.map((key) => payloadKeyId(key).toString('hex'));
  using progress = new Progress(io.err, io.now);
  await using reader = await openPicture(io);
  const picture = await reader.read();
  await using es = new Elasticsearch(config.elasticsearch);
  const letters = await sealedLetters(es, config.elasticsearch, (looked) =>
    progress.at({ what: 'Looking', share: null, detail: counted(looked, 'dead letter') }),
  );
  progress[Symbol.dispose]();
  const state = stateOf(keys, picture, letters);
  const steps = payloadKeySteps(state);
  io.out.write(json ? `${JSON.stringify({ v: 1, ...state, steps })}\n` : textOf(state, steps));
  return state.deadLetters.some(({ use }) => use === 'not-set') ? exitCodes.findings : exitCodes.ok;
}

function stateOf(
  keys: readonly string[],
  { queues, streams }: Picture,
  { byKey, more }: SealedLetters,
): PayloadKeyState {
  const depth = (of: (name: string) => boolean): number =>
    queues
      .filter(({ name }) => of(name))
      .reduce(
        (all, { waiting, active, delayed, failed, waitingForOthers }) =>
          all + waiting + active + delayed + failed + waitingForOthers,
        0,
      );
  const stageUsers = [
    'archive-fetch',
    'archive-redact',
    'archive-upload',
    'archive-window',
    'archive-dead-letter',
  ];
  return {
    keys: keys.map((id, place) => ({ id, use: place === 0 ? 'seals' : 'opens' })),
    deadLetters: [...byKey].map(([id, letters]) => ({
      id,
      letters,
      use: id === keys[0] ? 'seals' : keys.includes(id) ? 'opens' : 'not-set',
    })),
    moreDeadLetters: more,
    batches: depth((name) => name === 'audit-index'),
    spooled: streams.reduce((all, { spoolBatches }) => all + (spoolBatches ?? 0), 0),
    archiveJobs: depth((name) => stageUsers.includes(name)),
  };
}

const uses = {
  seals: 'seals and opens',
  opens: 'opens only',
  'not-set': 'NOT SET: cannot be opened',
} as const;

function textOf(state: PayloadKeyState, steps: readonly string[]): string {
  return [
    'Keys of PAYLOAD_KEY, by their ids:',
    ...state.keys.map(({ id, use }) => `  ${id}  ${uses[use]}`),
    `Dead letters, by the key that sealed them${state.moreDeadLetters ? ' (there are more than were looked at)' : ''}:`,
    ...(state.deadLetters.length === 0
      ? ['  none']
      : state.deadLetters.map(({ id, letters, use }) => `  ${id}  ${count(letters)}, ${uses[use]}`)),
    `Waiting: ${counted(state.batches, 'batch', 'batches')} on the queue, ${count(state.spooled)} in spools; ${counted(state.archiveJobs, 'job')} of the archive, which lie sealed in the stage.`,
    '',
    'Next:',
    ...steps.map((step, place) => `  ${place + 1}. ${step}`),
    '',
  ].join('\n');
}
