import { createHash, type Hash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { type StagedBlob, TrunklineError } from '@trunkline/contracts';
import { release } from './release.ts';
import { type Stage, type StageDriver, stageChunkBytes, stageChunkName } from './stage.ts';
import { checkStageName, checkStagePrefix } from './stage-name.ts';
import { type StageSeal, unreadable } from './stage-seal.ts';

/** The stage over a driver: cuts into chunks, seals, checks. */
export class SealedStage implements Stage {
  readonly #driver: StageDriver;
  readonly #seal: StageSeal;

  constructor(driver: StageDriver, seal: StageSeal) {
    this.#driver = driver;
    this.#seal = seal;
  }

  async write(name: string, source: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<StagedBlob> {
    checkStageName(name);
    const digest = createHash('sha256');
    const chunk = Buffer.allocUnsafeSlow(stageChunkBytes);
    let filled = 0;
    let chunks = 0;
    let bytes = 0;
    const flush = async (): Promise<void> => {
      signal?.throwIfAborted();
      await this.#writeChunk(name, chunks++, chunk.subarray(0, filled));
      filled = 0;
    };
    for await (const piece of source) {
      for (let at = 0; at < piece.length; ) {
        const part = piece.subarray(at, at + stageChunkBytes - filled);
        chunk.set(part, filled);
        await hash(digest, part);
        filled += part.length;
        at += part.length;
        bytes += part.length;
        if (filled === stageChunkBytes) await flush();
      }
    }
    if (filled > 0) await flush();
    release(chunk);
    return { name, chunks, bytes, sha256: digest.digest('hex') };
  }

  async *read(blob: StagedBlob, signal?: AbortSignal): AsyncGenerator<Buffer> {
    const digest = createHash('sha256');
    let bytes = 0;
    for (let index = 0; index < blob.chunks; index++) {
      signal?.throwIfAborted();
      const chunk = await this.getChunk(stageChunkName(blob.name, index));
      if (chunk === null) throw missing(blob.name);
      bytes += chunk.length;
      await hash(digest, chunk);
      if (index === blob.chunks - 1) requireWhole(blob, bytes, digest);
      yield chunk;
    }
    if (blob.chunks === 0) requireWhole(blob, bytes, digest);
  }

  async has(blob: StagedBlob): Promise<boolean> {
    checkStageName(blob.name);
    for (let index = 0; index < blob.chunks; index++) {
      if (!(await this.#driver.has(stageChunkName(blob.name, index)))) return false;
    }
    return true;
  }

  async putChunk(name: string, bytes: Uint8Array): Promise<'written' | 'exists'> {
    checkStageName(name);
    const sealed = await this.#seal.seal(name, bytes);
    const written = await this.#driver.put(name, sealed);
    // Else it may still be on its way to somebody who has answered early.
    if (written === 'written') release(sealed);
    return written;
  }

  async getChunk(name: string): Promise<Buffer | null> {
    checkStageName(name);
    const sealed = await this.#driver.get(name);
    if (sealed === null) return null;
    const plain = await this.#seal.open(name, sealed);
    release(sealed);
    return plain;
  }

  async putNote(name: string, value: unknown): Promise<'written' | 'exists'> {
    return this.putChunk(name, Buffer.from(JSON.stringify(value), 'utf8'));
  }

  async getNote(name: string): Promise<unknown> {
    const text = await this.getChunk(name);
    return text === null ? null : JSON.parse(text.toString('utf8'));
  }

  list(prefix: string): AsyncIterable<{ name: string; bytes: number; writtenAt: number }> {
    return this.#driver.list(prefix);
  }

  async removeAll(prefix: string): Promise<number> {
    checkStagePrefix(prefix);
    return this.#driver.removeAll(prefix);
  }

  async removeNote(name: string): Promise<void> {
    checkStageName(name);
    return this.#driver.remove(name);
  }

  removeLeftOvers(before: number): Promise<number> {
    return this.#driver.removeLeftOvers(before);
  }

  check(): Promise<void> {
    return this.#driver.check();
  }

  /** A chunk that is there already is an earlier run's: it must hold the same. */
  async #writeChunk(blob: string, index: number, plain: Buffer): Promise<void> {
    const name = stageChunkName(blob, index);
    if ((await this.putChunk(name, plain)) === 'written') return;
    const standing = await this.getChunk(name);
    if (standing?.equals(plain) === true) return;
    throw new TrunklineError('STAGE_BLOB_UNREADABLE', {
      message: `The name ${blob} in the stage is taken by other content.`,
      remedy: 'Retry archive-fetch of its window; nothing was overwritten.',
    });
  }
}

/** A chunk at once would hold the event loop for 8 ms and more. */
const hashBytes = 2 * 1024 * 1024;

async function hash(digest: Hash, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += hashBytes) {
    if (at > 0) await turn();
    digest.update(bytes.subarray(at, at + hashBytes));
  }
}

function requireWhole(blob: StagedBlob, bytes: number, digest: Hash): void {
  if (bytes !== blob.bytes || digest.digest('hex') !== blob.sha256) throw unreadable(blob.name);
}

function missing(name: string): TrunklineError {
  return new TrunklineError('STAGE_BLOB_MISSING', {
    message: `${name} is not in the stage, or not all of it.`,
    remedy: 'Where its window is complete, nothing needs doing; else retry archive-fetch of the window.',
  });
}
