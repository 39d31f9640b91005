import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerAnswers, removeVolume, volumeFor } from '../obtain/docker.ts';
import type { Contract } from '../oracle/served-events.ts';
import { elasticsearchFolder } from '../parts/elasticsearch.ts';
import type { PartSource } from '../parts/part.ts';

/** Keys and credentials of this machine's Trunkline, by the names of the settings that take them. */
export type Secrets = Readonly<Record<(typeof secretNames)[number], string>>;

const secretNames = [
  'PAYLOAD_KEY',
  'TOKENIZATION_KEY',
  'GENESYS_CLIENT_ID',
  'GENESYS_CLIENT_SECRET',
  'DASHBOARD_OPERATOR_PASSWORD',
  'DASHBOARD_VIEWER_PASSWORD',
] as const;

interface Running {
  pid: number;
  children: number[];
}

/** How long the processes of a killed start may take to go. */
const leftoversMs = 15_000;

/** Everything that `npm start` keeps between two starts: data, keys, logs. Readable for its owner only. */
export class StateFolder {
  readonly path: string;

  constructor(folder: string) {
    this.path = path.resolve(folder);
  }

  get redis(): string {
    return path.join(this.path, 'redis');
  }

  get elasticsearch(): string {
    return path.join(this.path, 'elasticsearch');
  }

  get s3(): string {
    return path.join(this.path, 's3');
  }

  /** Archives between download and upload, sealed. */
  get stage(): string {
    return path.join(this.path, 'stage');
  }

  get simulator(): string {
    return path.join(this.path, 'simulator');
  }

  /** Batches that the queue had no room for. */
  get spool(): string {
    return path.join(this.path, 'spool');
  }

  get logs(): string {
    return path.join(this.path, 'logs');
  }

  get secretsFile(): string {
    return path.join(this.path, 'secrets.env');
  }

  /** The command line for what runs here. */
  get commandFile(): string {
    return path.join(this.path, 'trunkline');
  }

  /**
   * Makes the folder and claims it for this process.
   * @throws Error when another start uses it
   */
  async claim(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const before = await this.#readJson<Running>('running.json');
    if (before !== null) {
      if (before.pid !== process.pid && isAlive(before.pid)) {
        throw new Error(
          `Another npm start (process ${before.pid}) uses ${this.path}. Stop it, or set TRUNKLINE_STATE_DIR to another folder.`,
        );
      }
      await untilGone(before.children);
    }
    await this.running([]);
    for (const folder of [this.redis, this.s3, this.stage, this.simulator, this.logs]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    // The account that runs Elasticsearch for root must get through to its own folder, and sees nothing else.
    await mkdir(this.elasticsearch, { recursive: true });
    if (process.getuid?.() === 0) await chmod(this.path, 0o711);
  }

  /**
   * Notes the contract that the data of this folder are made under.
   * @throws Error when they were made under the other: the simulator gives each event in the form of its contract, so that all
   *   that is stored would count as altered
   */
  async keepTo(contract: Contract): Promise<void> {
    const before = await this.#readJson<Contract>('contract.json');
    if (before !== null && before !== contract) {
      throw new Error(
        `What ${this.path} holds came under the contract ${before}, and ${contract} is asked for. Add --fresh, which forgets it, or set TRUNKLINE_STATE_DIR to another folder.`,
      );
    }
    await this.#writeJson('contract.json', contract);
  }

  /**
   * Writes the `trunkline` command of what runs here: the command line with these settings, which win over those of the shell.
   * It holds keys, and so is its owner's alone.
   */
  async writeCommand(
    node: string,
    program: string,
    settings: Readonly<Record<string, string>>,
  ): Promise<void> {
    const lines = [
      '#!/bin/sh',
      '# Made by npm start: the trunkline command with the settings of what runs here. It holds keys.',
      ...Object.entries(settings).map(([name, value]) => `export ${name}=${quoted(value)}`),
      `exec ${quoted(node)} ${quoted(program)} "$@"`,
    ];
    await writeFile(`${this.commandFile}.new`, `${lines.join('\n')}\n`, { mode: 0o700 });
    await rename(`${this.commandFile}.new`, this.commandFile);
  }

  /** Notes what runs for this start, so that the next one can wait for what a kill left behind. */
  async running(children: number[]): Promise<void> {
    await this.#writeJson('running.json', { pid: process.pid, children } satisfies Running);
  }

  async release(): Promise<void> {
    await rm(path.join(this.path, 'running.json'), { force: true });
  }

  /** Empties queue, index, bucket, stage and ledger; keys and passwords stay. */
  async empty(): Promise<void> {
    const data = [this.redis, this.elasticsearch, this.s3, this.spool, this.stage, this.simulator];
    for (const folder of [...data, this.logs]) await rm(folder, { recursive: true, force: true });
    await rm(elasticsearchFolder(this.elasticsearch), { recursive: true, force: true });
    if (await dockerAnswers()) {
      await removeVolume(volumeFor('redis', this.redis));
      await removeVolume(volumeFor('elasticsearch', this.elasticsearch));
      await removeVolume(volumeFor('s3', this.s3));
    }
    for (const note of ['sources.json', 'contract.json'])
      await rm(path.join(this.path, note), { force: true });
    await this.claim();
  }

  /** The keys and passwords of this folder; made when it is new. */
  async secrets(): Promise<Secrets> {
    const kept = await readFile(this.secretsFile, 'utf8').catch(() => '');
    const found = Object.fromEntries(
      kept
        .split('\n')
        .map((line) => /^([A-Z_]+)=(.+)$/.exec(line))
        .filter((match) => match !== null)
        .map((match) => [match[1], match[2]]),
    ) as Partial<Secrets>;
    const secrets = {
      PAYLOAD_KEY: found.PAYLOAD_KEY ?? randomBytes(32).toString('base64'),
      TOKENIZATION_KEY: found.TOKENIZATION_KEY ?? `base64:${randomBytes(32).toString('base64')}`,
      GENESYS_CLIENT_ID: found.GENESYS_CLIENT_ID ?? 'trunkline-local',
      GENESYS_CLIENT_SECRET: found.GENESYS_CLIENT_SECRET ?? randomBytes(24).toString('base64url'),
      DASHBOARD_OPERATOR_PASSWORD: found.DASHBOARD_OPERATOR_PASSWORD ?? randomBytes(12).toString('base64url'),
      DASHBOARD_VIEWER_PASSWORD: found.DASHBOARD_VIEWER_PASSWORD ?? randomBytes(12).toString('base64url'),
    };
    if (secretNames.some((name) => found[name] === undefined)) {
      const text = secretNames.map((name) => `${name}=${secrets[name]}\n`).join('');
      await writeFile(`${this.secretsFile}.new`, text, { mode: 0o600 });
      await rename(`${this.secretsFile}.new`, this.secretsFile);
    }
    return secrets;
  }

  /** The log file of a process; that of the start before is kept beside it. */
  async logFile(name: string): Promise<string> {
    const file = path.join(this.logs, `${name}.log`);
    await rename(file, path.join(this.logs, `${name}.previous.log`)).catch(() => {});
    return file;
  }

  /**
   * The order in which sources are asked: the one that served before comes first, because the data lies with it. An
   * address in the environment always wins.
   */
  async sourceOrder(part: string): Promise<readonly PartSource[]> {
    const before = (await this.#readJson<Record<string, PartSource>>('sources.json'))?.[part];
    return [
      ...new Set<PartSource>(['environment', ...(before ? [before] : []), 'docker', 'binary', 'download']),
    ];
  }

  async rememberSources(sources: Record<string, PartSource>): Promise<void> {
    const before = await this.#readJson<Record<string, PartSource>>('sources.json');
    await this.#writeJson('sources.json', { ...before, ...sources });
  }

  async #readJson<T>(name: string): Promise<T | null> {
    try {
      return JSON.parse(await readFile(path.join(this.path, name), 'utf8')) as T;
    } catch {
      return null;
    }
  }

  async #writeJson(name: string, value: unknown): Promise<void> {
    const file = path.join(this.path, name);
    await writeFile(`${file}.new`, `${JSON.stringify(value)}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
}

/** As one word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function untilGone(pids: readonly number[]): Promise<void> {
  const begin = performance.now();
  while (pids.some(isAlive) && performance.now() - begin < leftoversMs) await sleep(100);
}
