import { parseArgs } from 'node:util';
import type { Contract } from '../oracle/served-events.ts';

export interface StartOptions {
  /** Which HTTP contract the processes speak with the simulator. */
  contract: Contract;
  untilDrained: boolean;
  /** How many events the simulator serves; `null` = it goes on for ever. */
  events: number | null;
  /** Events a second; `null` = the simulator's default. */
  rate: number | null;
  indexers: number;
  fresh: boolean;
}

const contracts = ['guide', 'platform'] as const;
const eventsUntilDrained = 20_000;

/** Pure: the arguments of `npm start`, or everything that is wrong with them. */
export function readStartOptions(args: readonly string[]): StartOptions | { problems: string[] } {
  const problems: string[] = [];
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        'until-drained': { type: 'boolean' },
        events: { type: 'string' },
        rate: { type: 'string' },
        indexers: { type: 'string' },
        fresh: { type: 'boolean' },
        contract: { type: 'string' },
      },
    }));
  } catch (error) {
    return { problems: [(error as Error).message] };
  }
  const count = (name: string, least: number, most: number): number | null => {
    const text = values[name];
    if (text === undefined) return null;
    const value = Number(text);
    if (/^\d+$/.test(String(text)) && value >= least && value <= most) return value;
    problems.push(`--${name} must be a whole number from ${least} to ${most}, not "${String(text)}"`);
    return null;
  };
  const untilDrained = values['until-drained'] === true;
  const contract = contracts.find((name) => name === (values['contract'] ?? 'guide'));
  if (contract === undefined) {
    problems.push(`--contract must be ${contracts.join(' or ')}, not "${String(values['contract'])}"`);
  }
  const options = {
    contract: contract ?? 'guide',
    untilDrained,
    events: count('events', 1, 100_000_000) ?? (untilDrained ? eventsUntilDrained : null),
    rate: count('rate', 1, 100_000),
    indexers: count('indexers', 1, 64) ?? 2,
    fresh: values['fresh'] === true,
  };
  return problems.length > 0 ? { problems } : options;
}
