import { dayIsFinalAfterMs } from '@trunkline/simulator';
import type { Contract } from '../oracle/served-events.ts';
import type { S3Access } from '../parts/s3.ts';
import type { StartOptions } from './start-options.ts';
import type { Secrets } from './state-folder.ts';

/** Pure: the environment that each process of this machine is started with. */

export interface Addresses {
  redisUrl: string;
  elasticsearchUrl: string;
  genesysUrl: string;
  /** The archive's bucket on this machine's S3; `null` where the environment names one of its own, or nothing is archived. */
  archive: (S3Access & { bucket: string }) | null;
}

const bothPipelines = 'audit,archive';

/**
 * Under the platform contract each conversation takes several requests and is much longer, with a transcript of every word: so
 * there are fewer, and more than the usual 5 requests a second, as an organisation may have that asks for it.
 */
const platformConversationsADay = 150;
const requestsPerSecond = 40;
/** A run that ends by itself does not wait for hours of late rows and for histories: the simulator's clock runs ahead. */
const clockSpeedUntilDrained = 20;
const historyMinutes = 5;

/** A poll finds a full page ten times a second at most: what the fetcher's token bucket lets through. */
const fastestRate = 1_000;
const usualRate = 20;
/** Conversations a day, five in six of them voice or chat, and bytes: archived within seconds, and more than one batch. */
const conversationsADay = 640;
const bytesADay = 10_000_000;

export function simulatorSettings(
  base: Record<string, string>,
  options: StartOptions,
  secrets: Secrets,
  where: { port: number; dataDir: string },
): Record<string, string> {
  const { contract, events, rate, untilDrained } = options;
  return {
    ...(contract === 'platform' && untilDrained
      ? { SIMULATOR_CLOCK_SPEED: String(clockSpeedUntilDrained) }
      : {}),
    SIMULATOR_RATE: String(rate ?? (untilDrained ? fastestRate : usualRate)),
    ...(untilDrained && events !== null ? { SIMULATOR_BACKLOG: String(events) } : {}),
    ...(contract === 'platform'
      ? {
          SIMULATOR_RATE_LIMIT: String(60 * requestsPerSecond),
          SIMULATOR_ARCHIVE_CONVERSATIONS: String(platformConversationsADay),
        }
      : {
          SIMULATOR_ARCHIVE_CONVERSATIONS: String(conversationsADay),
          SIMULATOR_ARCHIVE_BYTES: String(bytesADay),
        }),
    ...base,
    ...(rate === null ? {} : { SIMULATOR_RATE: String(rate) }),
    SIMULATOR_EVENTS: events === null ? (base['SIMULATOR_EVENTS'] ?? 'null') : String(events),
    SIMULATOR_PORT: String(where.port),
    SIMULATOR_DATA_DIR: where.dataDir,
    SIMULATOR_CLIENT_ID: secrets.GENESYS_CLIENT_ID,
    SIMULATOR_CLIENT_SECRET: secrets.GENESYS_CLIENT_SECRET,
  };
}

/** The Genesys Cloud that the environment names, by address, organisation or region; `null`: none, the simulator is spoken with. */
export function realGenesys(environment: Readonly<Record<string, string | undefined>>): string | null {
  const { GENESYS_API_BASE, GENESYS_SUBDOMAIN, GENESYS_REGION } = environment;
  return GENESYS_API_BASE || GENESYS_SUBDOMAIN || GENESYS_REGION || null;
}

/**
 * When a day of the simulator is whole. The guide's conversations are so at once. Under the platform contract one that goes on behind
 * midnight has another row when it is over.
 */
const simulatedSettleMs: Record<Contract, number> = { guide: 0, platform: dayIsFinalAfterMs };

/**
 * What all processes share. What a person set in the environment wins, except for the addresses, which were taken from there
 * where they are set.
 */
export function processSettings(
  base: Record<string, string>,
  secrets: Secrets,
  addresses: Addresses,
  contract: Contract,
): Record<string, string> {
  const simulated = realGenesys(base) === null;
  return {
    // One node: a replica would find no place, and the cluster would never be green.
    AUDIT_REPLICAS: '0',
    ES_REQUIRED_HEALTH: 'green',
    SHUTDOWN_DEADLINE_SECONDS: '4',
    FETCHER_PIPELINES: bothPipelines,
    // A killed worker's jobs come back within seconds, not half a minute.
    WORKER_LOCK_SECONDS: '5',
    WORKER_STALLED_INTERVAL_SECONDS: '2.5',
    // The last simulated day is archived at once, and shown as done soon after.
    ...(simulated
      ? {
          ARCHIVE_SETTLE_SECONDS: String(simulatedSettleMs[contract] / 1_000),
          ARCHIVE_PLAN_CRON: '*/30 * * * * *',
        }
      : {}),
    ...(simulated && contract === 'platform'
      ? {
          GENESYS_RATE_PER_SECOND: String(requestsPerSecond),
          AUDIT_HISTORY_MINUTES: String(historyMinutes),
          GENESYS_LOGIN_BASE: addresses.genesysUrl,
        }
      : {}),
    ...(simulated && !base['EVENT_BRIDGE_URL']
      ? // Loopback is a private address, which a webhook has to be allowed.
        { EVENT_BRIDGE_URL: `${addresses.genesysUrl}/event-bridge`, EVENT_BRIDGE_ALLOW_PRIVATE: 'true' }
      : {}),
    ...base,
    ...unlessGiven(base, 'PAYLOAD_KEY', secrets.PAYLOAD_KEY),
    REDIS_URL: addresses.redisUrl,
    ELASTICSEARCH_URL: addresses.elasticsearchUrl,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    ...(simulated
      ? {
          GENESYS_CONTRACT: contract,
          GENESYS_API_BASE: addresses.genesysUrl,
          GENESYS_CLIENT_ID: secrets.GENESYS_CLIENT_ID,
          GENESYS_CLIENT_SECRET: secrets.GENESYS_CLIENT_SECRET,
        }
      : {}),
    ...(addresses.archive === null ? {} : archiveSettings(addresses.archive)),
  };
}

/** Whether conversations are archived: a person may have asked for the audit pipeline alone. */
export function archives({ FETCHER_PIPELINES }: Record<string, string>): boolean {
  return (FETCHER_PIPELINES ?? bothPipelines).split(',').some((name) => name.trim() === 'archive');
}

/** Those of the processes that make tokens or sign with the key, over what all share. */
export function tokenizingSettings(
  settings: Record<string, string>,
  secrets: Secrets,
): Record<string, string> {
  return { ...settings, ...unlessGiven(settings, 'TOKENIZATION_KEY', secrets.TOKENIZATION_KEY) };
}

/**
 * What the command line needs of a process's environment: what was made for it here, and what a person set of Trunkline's own
 * settings. All else of a person's environment is none of its business.
 * @param names all of Trunkline's settings
 */
export function commandSettings(
  base: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>>,
  names: ReadonlySet<string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => names.has(name) || base[name] !== value),
  );
}

function archiveSettings(archive: S3Access & { bucket: string }): Record<string, string> {
  return {
    S3_ENDPOINT: archive.endpoint,
    S3_BUCKET: archive.bucket,
    AWS_REGION: archive.region,
    AWS_ACCESS_KEY_ID: archive.accessKeyId,
    AWS_SECRET_ACCESS_KEY: archive.secretAccessKey,
    // A person's own AWS account: a profile would win over the key, a session's token would not go with it.
    AWS_PROFILE: '',
    AWS_SESSION_TOKEN: '',
  };
}

/** `NAME_FILE` takes the place of NAME; both at once are refused. */
function unlessGiven(base: Record<string, string>, name: string, value: string): Record<string, string> {
  return base[`${name}_FILE`] === undefined ? { [name]: base[name] ?? value } : {};
}
