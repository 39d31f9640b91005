/** What processes themselves call wrong, in words for one look. Pure. */
import type { Heartbeat } from '@trunkline/contracts';
import { duration } from './figures.ts';
import { bad, type Finding, type FindingText, look } from './finding.ts';

/**
 * A process beats every second; one that is silent for longer than three hangs, or was killed a moment ago (ms). With the second that
 * the overview takes between two looks, one that was killed is told of within five.
 */
const silentMs = 3_500;

/**
 * What a dependency's trouble means for the pipeline, by `<service> <dependency>` as processes report it, or by the dependency
 * where it means the same everywhere. What a process tells beyond that stands below in its own words. The first is told first.
 */
const meanings: Readonly<Record<string, string>> = {
  redis: 'has lost Redis: its work waits',
  'indexer elasticsearch': 'Indexing waits: the gate to Elasticsearch is shut',
  'indexer elasticsearch requests': 'Indexing waits: one bulk request after another fails',
  'indexer elasticsearch set-up': 'Elasticsearch is not set up as it has to be',
  'indexer payload key': 'Batches cannot be opened: they were sealed with a key that is not known',
  'fetcher genesys': 'No events are received: Genesys does not take the request',
  'fetcher genesys archive': 'Archives wait: Genesys does not take the request',
  'fetcher spool': 'Fetching stands: queue and spool are full',
  'fetcher spool drain': 'The spool cannot be drained',
  'fetcher poll': 'No events are received: polling fails',
  'fetcher plan': 'Windows of the archive cannot be planned',
  'redactor stage': 'Redaction waits: the stage cannot be used',
  'fetcher stage': 'Archives wait: the stage cannot be used',
  'fetcher bucket': "The archive's bucket cannot be read",
  'uploader bucket': 'Uploads wait: the bucket gate is shut',
  'fetcher elasticsearch': 'Checkpoints cannot be kept in Elasticsearch',
  'uploader webhook': 'Completion events wait: the webhook is gone',
  'uploader compliance copy': 'The searchable copy of the compliance chain is behind',
};

/** Records get on meanwhile. */
const harmless = new Set(['uploader webhook', 'uploader compliance copy']);

interface Trouble {
  readonly service: string;
  readonly dependency: string;
  /** The stream that it is about, where a process has several; else `null`. */
  readonly stream: string | null;
  /** In the words of the process. */
  readonly words: string;
  /** How many replicas tell it. */
  instances: number;
}

/** Replicas with the same trouble are told of once; what explains other troubles comes first. */
export function troubles(processes: readonly Heartbeat[], now: number): Finding[] {
  const found = new Map<string, Trouble>();
  for (const { service, live, problems } of processes) {
    for (const problem of live ? problems : ['work: A step of its work does not end.', ...problems]) {
      const known = found.get(`${service} ${problem}`);
      if (known === undefined)
        found.set(`${service} ${problem}`, { service, ...read(problem), instances: 1 });
      else known.instances += 1;
    }
  }
  const told = [...found.values()].sort((a, b) => rankOf(a) - rankOf(b)).map(findingOf);
  return [...told, ...silent(processes, now)];
}

/** `<dependency>: <words>`, or `<dependency> (<stream>): <words>`, as processes report it. */
function read(problem: string): Pick<Trouble, 'dependency' | 'stream' | 'words'> {
  const [, dependency = '', stream = null, words = problem] =
    /^([a-z][a-z -]*?)(?: \(([\w.+-]+)\))?: (.*)$/s.exec(problem) ?? [];
  return { dependency, stream, words };
}

function findingOf(trouble: Trouble): Finding {
  const { service, dependency, words, instances } = trouble;
  const of = instances === 1 ? '' : ` (${instances} processes)`;
  const text: FindingText = {
    title: titleOf(trouble),
    detail: `${service}: ${words}${of}`,
    place: { kind: 'processes' },
  };
  return harmless.has(`${service} ${dependency}`) ? look(text) : bad(text);
}

function titleOf({ service, dependency, stream }: Trouble): string {
  const meaning = meanings[`${service} ${dependency}`] ?? meanings[dependency];
  if (meaning !== undefined && stream !== null) return `Stream ${stream}: ${lowered(meaning)}`;
  if (meaning !== undefined) return /^[A-Z]/.test(meaning) ? meaning : `The ${service} ${meaning}`;
  return dependency === 'work' ? `A step of the ${service} does not end` : `The ${service} is not ready`;
}

function lowered(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function rankOf({ service, dependency }: Trouble): number {
  const names = Object.keys(meanings);
  const place = [`${service} ${dependency}`, dependency]
    .map((name) => names.indexOf(name))
    .find((at) => at >= 0);
  return place ?? names.length;
}

function silent(processes: readonly Heartbeat[], now: number): Finding[] {
  const quiet = processes.filter(({ beatAt }) => now - Date.parse(beatAt) > silentMs);
  const groups = Object.entries(Object.groupBy(quiet, ({ service }) => service)) as [string, Heartbeat[]][];
  return groups.map(([service, some]) =>
    look({
      title:
        some.length === 1 ? `One ${service} is silent` : `${some.length} processes are silent: ${service}`,
      detail: `${service}: ${some.map((one) => `pid ${one.pid} on ${one.host}, heard ${duration(now - Date.parse(one.beatAt))} ago`).join('; ')}.`,
      remedy: 'Where they were ended on purpose nothing is to be done: their jobs go to others.',
      place: { kind: 'processes' },
    }),
  );
}
