/**
 * Where batches go while the queue is above its high-water mark: a folder on the fetcher's own disk, a file a batch.
 *
 * A file appears whole or not at all: it is written under another name, synced, renamed, and the folder synced, before the
 * batch is accepted. What a power cut leaves otherwise does not read, is set aside, and its batch, in nobody's hands, is
 * fetched again. A file goes only after its job is on the queue. Fetchers may share the folder: adding a job twice is
 * harmless, and so is finding a file gone.
 */
import { constants } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rename, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TrunklineError } from '@trunkline/contracts';
import { readRecord, type SpoolRecord, writeRecord } from './spool-record.ts';

export interface SpoolLimits {
  /** Bytes of all its files together. */
  maxBytes: number;
  /** Share of the disk in use, by whomever, from which on nothing is added. */
  maxDiskPercent: number;
}

export interface SpoolSize {
  batches: number;
  bytes: number;
}

const SUFFIX = '.batch';
const LISTING_MAX_AGE_MS = 2_000;

export class Spool {
  readonly #folder: string;
  readonly #limits: SpoolLimits;
  /** Name to bytes, in the order of the names, which is that of their writing. */
  #listing = new Map<string, number>();
  #listedAt = Number.NEGATIVE_INFINITY;
  #counter = 0;

  constructor(folder: string, limits: SpoolLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** @throws TrunklineError CONFIG_INVALID where the folder cannot be made or written to */
  async open(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await access(this.#folder, constants.W_OK);
    } catch (cause) {
      throw new TrunklineError('CONFIG_INVALID', {
        message: `SPOOL_DIR: the folder ${this.#folder} cannot be written to.`,
        remedy: 'Give a folder on a disk that outlives the process, writable by its user.',
        cause,
      });
    }
  }

  /** What waits here; the listing is at most two seconds old. */
  async size(): Promise<SpoolSize> {
    const listing = await this.#list();
    let bytes = 0;
    for (const size of listing.values()) bytes += size;
    return { batches: listing.size, bytes };
  }

  /** Whether the bound, or that of the disk, is reached. */
  async isFull(): Promise<boolean> {
    const { bytes } = await this.size();
    if (bytes >= this.#limits.maxBytes) return true;
    const disk = await statfs(this.#folder);
    const used = disk.blocks === 0 ? 0 : ((disk.blocks - disk.bavail) / disk.blocks) * 100;
    return used >= this.#limits.maxDiskPercent;
  }

  /** Resolves when the batch is on the disk for good. Errors are those of the file system (ENOSPC: the disk is full). */
  async append(record: SpoolRecord): Promise<void> {
    const order = `${String(Date.now()).padStart(15, '0')}-${String(this.#counter++).padStart(9, '0')}`;
    const name = `${order}-${record.jobId}${SUFFIX}`;
    const part = join(this.#folder, `${name}.part`);
    const bytes = writeRecord(record);
    try {
      await writeSynced(part, bytes);
      await rename(part, join(this.#folder, name));
      await syncFolder(this.#folder);
    } catch (error) {
      await unlink(part).catch(() => {});
      throw error;
    }
    this.#listing.set(name, bytes.length);
  }

  /** Names of the oldest files, to be taken in this order. */
  async oldest(count: number): Promise<string[]> {
    return [...(await this.#list()).keys()].slice(0, count);
  }

  /** `gone`: another fetcher took it; `unreadable`: torn or altered. */
  async read(name: string): Promise<SpoolRecord | 'gone' | 'unreadable'> {
    try {
      return readRecord(await readFile(join(this.#folder, name))) ?? 'unreadable';
    } catch (error) {
      if (isMissing(error)) return 'gone';
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await unlink(join(this.#folder, name)).catch(ignoreMissing);
    this.#listing.delete(name);
  }

  /** Takes a file that does not read out of the way, for a person to look at; its batch then counts as missing. */
  async setAside(name: string): Promise<void> {
    await rename(join(this.#folder, name), join(this.#folder, `${name}.unreadable`)).catch(ignoreMissing);
    this.#listing.delete(name);
  }

  /** The ids of all jobs that wait here, read now. */
  async jobIds(): Promise<Set<string>> {
    this.#listedAt = Number.NEGATIVE_INFINITY;
    const listing = await this.#list();
    return new Set([...listing.keys()].map((name) => name.slice(ORDER_LENGTH, -SUFFIX.length)));
  }

  async #list(): Promise<Map<string, number>> {
    if (performance.now() - this.#listedAt < LISTING_MAX_AGE_MS) return this.#listing;
    this.#listedAt = performance.now();
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(SUFFIX)).sort();
    const listing = new Map<string, number>();
    for (const name of names) {
      const bytes = this.#listing.get(name) ?? (await bytesOf(join(this.#folder, name)));
      if (bytes !== null) listing.set(name, bytes);
    }
    this.#listing = listing;
    return listing;
  }
}

/** Length of the order in front of the job's id: 15 digits, dash, 9 digits, dash. */
const ORDER_LENGTH = 15 + 1 + 9 + 1;

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function bytesOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
