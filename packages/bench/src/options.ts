import { parseArgs } from 'node:util';

export const measureIds = ['P1', 'P2', 'P3', 'P4', 'P6', 'P7', 'P8', 'P9', 'P10'] as const;
export type MeasureId = (typeof measureIds)[number];

export interface BenchOptions {
  only: readonly MeasureId[];
  rounds: number;
  /** Events that a round of P1 to P4 carries through each of its phases. */
  events: number;
  /** Length of P7's and of P8's measurement. */
  seconds: number;
  /** Bytes of each archive of P6. */
  sizes: readonly number[];
  /** Where the report is written besides standard output. */
  out: string | null;
  /** Folder for CPU profiles of the processes. */
  profile: string | null;
  /** Settings of the processes, by variable, in P1 to P4 and P6. */
  settings: Readonly<Record<string, string>>;
}

export const usage = `pnpm bench [options]
  --only P1,P3     these measures alone (P1 P2 P3 P4 P6 P7 P8 P9 P10; P10: the dashboard)
  --rounds 5       rounds, each with every side in turn
  --events 100000  events of a round
  --seconds 60     length of the latency and of the idle measurement
  --size 200M,2G   archives of P6, by their size: bytes, K, M or G
  --quick          one small round: shows that it runs, measures nothing
  --out FILE       writes the report there too
  --profile DIR    writes CPU profiles of the processes (makes them slower)
  --set NAME=VALUE a setting of the processes in P1 to P4 and P6; may be given again`;

/** @throws Error naming what is wrong with the arguments */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      events: { type: 'string' },
      seconds: { type: 'string' },
      size: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
      profile: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  const usual = values.quick
    ? { rounds: 1, events: 10_000, seconds: 20, size: '20M' }
    : { rounds: 5, events: 100_000, seconds: 60, size: '200M' };
  return {
    only: values.only === undefined ? measureIds : values.only.split(',').map(measureId),
    rounds: wholeNumber('--rounds', values.rounds, usual.rounds),
    events: wholeNumber('--events', values.events, usual.events),
    seconds: wholeNumber('--seconds', values.seconds, usual.seconds),
    sizes: (values.size ?? usual.size).split(',').map(bytesOf),
    out: values.out ?? null,
    profile: values.profile ?? null,
    settings: Object.fromEntries(values.set.map(nameAndValue)),
  };
}

function nameAndValue(text: string): [string, string] {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new Error(`--set: ${text} is not NAME=VALUE`);
  return [name, value];
}

function measureId(text: string): MeasureId {
  const id = measureIds.find((one) => one === text.trim().toUpperCase());
  if (id === undefined) throw new Error(`--only: ${text} is none of ${measureIds.join(', ')}`);
  return id;
}

function wholeNumber(name: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new Error(`${name} must be a whole number above 0`);
  return Number(text);
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9 };

function bytesOf(text: string): number {
  const [, number, unit] = /^(\d{1,9}(?:\.\d+)?)([KMG]?)$/i.exec(text.trim()) ?? [];
  const bytes = Number(number) * (unitBytes[unit?.toUpperCase() ?? ''] ?? Number.NaN);
  if (!(bytes >= 1)) throw new Error(`--size: ${text} is no size such as 200M or 2G`);
  return Math.round(bytes);
}
