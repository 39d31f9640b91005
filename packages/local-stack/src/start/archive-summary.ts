import { type ArchiveVerdict, archiveTroubles, chainIntact } from '../oracle/archive/archive-verdict.ts';

/** Names that say more than the verdict's own. */
const troubleNames: Partial<Record<keyof ReturnType<typeof archiveTroubles>, string>> = {
  leaked: 'personal values leaked',
  unencrypted: 'not encrypted as asked for',
  unrecorded: 'without a compliance record of their own',
  findings: 'verification',
  untold: 'without completion event',
  toldTwice: 'told of twice',
};
const examplesShown = 5;

/** Pure: the summary for a person. */
export function archiveSummary(verdict: ArchiveVerdict): string {
  const row = (name: string, value: number | string): string =>
    `  ${name.padEnd(24)}${(typeof value === 'number' ? value.toLocaleString('en-US') : value).padStart(10)}`;
  const troubles = Object.entries(archiveTroubles(verdict)) as [keyof typeof troubleNames, string[]][];
  return [
    "The simulator's conversations against the bucket",
    row('windows', verdict.windows),
    row('conversations served', verdict.served),
    row('stored', verdict.stored),
    row('dead-lettered', verdict.deadLettered),
    row('missing', verdict.missing.length),
    row('twice', verdict.twice.length),
    row('altered', verdict.altered.length),
    row('personal values', verdict.values),
    row('personal values leaked', verdict.leaked.length),
    row('objects', verdict.objects),
    row('not encrypted', verdict.unencrypted.length),
    row('digests verified', verdict.digestsVerified),
    row('compliance chain', chainIntact(verdict) ? 'intact' : 'BROKEN'),
    row('completion events', verdict.events),
    ...troubles.map(
      ([kind, examples]) =>
        `  ${troubleNames[kind] ?? kind}, for example: ${examples.slice(0, examplesShown).join(', ')}`,
    ),
    troubles.length === 0 ? 'They agree.' : 'They do NOT agree.',
  ].join('\n');
}
