import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileErrorCode, fileStageError } from './file-stage-error.ts';
import type { StageDriver } from './stage.ts';

/**
 * The stage in a folder, on one machine or on a disk that several share (its file system must know hard links).
 *
 * A part is written to a file of its own in `.tmp`, synced, and then linked to its name: the link exists whole or not at all,
 * and fails where the name is taken. A writer that dies leaves at most its file in `.tmp`.
 */
export class FileDriver implements StageDriver {
  readonly #root: string;
  readonly #temporary: string;

  /** @param root an absolute path; made at the first write */
  constructor(root: string) {
    this.#root = root;
    this.#temporary = join(root, '.tmp');
  }

  async put(name: string, bytes: Uint8Array): Promise<'written' | 'exists'> {
    return this.#converted(async () => {
      const temporary = join(this.#temporary, `${Date.now()}-${randomBytes(9).toString('hex')}`);
      try {
        await this.#writeSynced(temporary, bytes);
        return await this.#linkInto(this.#path(name), temporary);
      } finally {
        await unlink(temporary).catch(ignoreMissing);
      }
    });
  }

  async get(name: string): Promise<Buffer | null> {
    return this.#converted(() => readWhole(this.#path(name)).catch(nullIfMissing));
  }

  async has(name: string): Promise<boolean> {
    return this.#converted(async () => (await stat(this.#path(name)).catch(nullIfMissing)) !== null);
  }

  async *list(prefix: string): AsyncGenerator<{ name: string; bytes: number; writtenAt: number }> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for await (const { name, path } of this.#walk(folder, prefix)) {
      const facts = await this.#converted(() => stat(path).catch(nullIfMissing));
      if (facts !== null) yield { name, bytes: facts.size, writtenAt: facts.mtimeMs };
    }
  }

  async removeAll(prefix: string): Promise<number> {
    let removed = 0;
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for await (const { path } of this.#walk(folder, prefix)) {
      await this.#converted(() => unlink(path).then(() => removed++, ignoreMissing));
    }
    if (prefix.endsWith('/')) await this.#removeEmptyFolders(join(this.#root, prefix));
    return removed;
  }

  async remove(name: string): Promise<void> {
    await this.#converted(() => unlink(this.#path(name)).catch(ignoreMissing));
  }

  async removeLeftOvers(before: number): Promise<number> {
    let removed = 0;
    const left = await this.#converted(
      async () => (await readdir(this.#temporary).catch(nullIfMissing)) ?? [],
    );
    for (const name of left) {
      if (!(Number.parseInt(name, 10) < before)) continue;
      await this.#converted(() => unlink(join(this.#temporary, name)).then(() => removed++, ignoreMissing));
    }
    return removed;
  }

  async check(): Promise<void> {
    const probe = join(this.#temporary, `${Date.now()}-check-${randomBytes(9).toString('hex')}`);
    await this.#converted(async () => {
      await this.#writeSynced(probe, Buffer.from('check'));
      await unlink(probe);
    });
  }

  #path(name: string): string {
    return `${join(this.#root, name)}${suffix}`;
  }

  async #writeSynced(path: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.#temporary, { recursive: true, mode: 0o700 });
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(bytes);
    await file.sync();
  }

  async #linkInto(path: string, temporary: string): Promise<'written' | 'exists'> {
    for (let attempt = 1; ; attempt++) {
      await this.#makeFolder(dirname(path));
      try {
        await link(temporary, path);
        await sync(dirname(path));
        return 'written';
      } catch (error) {
        if (fileErrorCode(error) === 'EEXIST') return 'exists';
        // Somebody removed the folder, empty as it was, between its making and the link.
        if (fileErrorCode(error) !== 'ENOENT' || attempt === 5) throw error;
      }
    }
  }

  /** Makes a folder and syncs its parents as far up as they were made. */
  async #makeFolder(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = folder; made.length >= first.length; made = dirname(made)) await sync(dirname(made));
  }

  /** Parts below a folder, in the order of their names: as S3 orders them, by code units of the whole name. */
  async *#walk(folder: string, prefix: string): AsyncGenerator<{ name: string; path: string }> {
    const entries = await this.#converted(
      async () =>
        (await readdir(join(this.#root, folder), { withFileTypes: true }).catch(nullIfMissing)) ?? [],
    );
    const known = entries.flatMap((entry) => {
      if (entry.name.startsWith('.')) return [];
      if (entry.isDirectory()) return [{ key: `${folder}${entry.name}/`, isFolder: true }];
      return entry.name.endsWith(suffix)
        ? [{ key: `${folder}${entry.name.slice(0, -suffix.length)}`, isFolder: false }]
        : [];
    });
    known.sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const { key, isFolder } of known) {
      if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
      if (isFolder) yield* this.#walk(key, prefix);
      else if (key.startsWith(prefix)) yield { name: key, path: this.#path(key) };
    }
  }

  /** A folder that somebody writes to at this moment is not empty, and stays. */
  async #removeEmptyFolders(folder: string): Promise<void> {
    const entries = (await readdir(folder, { withFileTypes: true }).catch(nullIfMissing)) ?? [];
    for (const entry of entries) {
      if (entry.isDirectory()) await this.#removeEmptyFolders(join(folder, entry.name));
    }
    await rmdir(folder).catch(() => {});
  }

  async #converted<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw fileStageError(error);
    }
  }
}

/** Parts end in it on disk, so that a part and a folder may have one name; a name that ends so itself only reads oddly. */
const suffix = ',sealed';

async function readWhole(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const buffer = Buffer.allocUnsafeSlow(size);
  let end = 0;
  while (end < size) {
    const { bytesRead } = await file.read(buffer, end, size - end, end);
    if (bytesRead === 0) break; // it was cut meanwhile: what is there does not open
    end += bytesRead;
  }
  return buffer.subarray(0, end);
}

async function sync(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

function ignoreMissing(error: unknown): void {
  if (fileErrorCode(error) !== 'ENOENT') throw error;
}

function nullIfMissing(error: unknown): null {
  const code = fileErrorCode(error);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
  return null;
}
