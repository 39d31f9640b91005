import type { StagedBlob } from '@trunkline/contracts';

/** Where sealed bytes lie, by name. A name is made of parts of letters, digits and `_+.-`, with `/` between them. */
export interface StageDriver {
  /**
   * Writes whole and durably, or not at all, and never over what is there.
   * @throws TrunklineError STAGE_FULL, STAGE_UNREACHABLE
   */
  put(name: string, bytes: Uint8Array): Promise<'written' | 'exists'>;
  /** @returns `null` where nothing has this name; @throws TrunklineError STAGE_UNREACHABLE */
  get(name: string): Promise<Buffer | null>;
  has(name: string): Promise<boolean>;
  /** Everything whose name starts with `prefix`, in the order of names. */
  list(prefix: string): AsyncIterable<{ name: string; bytes: number; writtenAt: number }>;
  /** Deletes everything whose name starts with `prefix`; nothing there is no error. @returns how many */
  removeAll(prefix: string): Promise<number>;
  /** Deletes what has exactly this name; nothing there is no error. */
  remove(name: string): Promise<void>;
  /** Deletes what writers left that died in `put` before `before` (ms since 1970); it harms nothing, it only takes room. */
  removeLeftOvers(before: number): Promise<number>;
  /** Tries to write and to delete; for `/readyz`. @throws as `put` */
  check(): Promise<void>;
}

/**
 * The encrypted stage: what jobs refer to instead of carrying it (claim check). All is sealed with the AWS Encryption SDK, the
 * name of each part bound to it, so that nothing opens that was cut, altered or moved. Nothing is ever overwritten.
 */
export interface Stage {
  /**
   * Writes a blob in sealed chunks of 4 MiB, holding no more than two of them in memory.
   * @returns the reference that a job carries
   * @throws TrunklineError STAGE_FULL, STAGE_UNREACHABLE; STAGE_BLOB_UNREADABLE where the name is taken by other content
   */
  write(name: string, source: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<StagedBlob>;
  /**
   * The bytes of a blob, chunk by chunk, each authenticated before it is handed out; size and digest of the whole are checked
   * before the last one is.
   * @throws TrunklineError STAGE_BLOB_MISSING, STAGE_BLOB_UNREADABLE (which name the blob), PAYLOAD_KEY_UNKNOWN
   */
  read(blob: StagedBlob, signal?: AbortSignal): AsyncIterable<Buffer>;
  /** Whether all chunks of a blob are there (they are not read). */
  has(blob: StagedBlob): Promise<boolean>;
  /** One sealed chunk by name, for those who put blobs together by themselves (a download that is resumed). */
  putChunk(name: string, bytes: Uint8Array): Promise<'written' | 'exists'>;
  getChunk(name: string): Promise<Buffer | null>;
  /** A small sealed record. @returns `exists` where one stands there: it is left as it is */
  putNote(name: string, value: unknown): Promise<'written' | 'exists'>;
  /** @returns the parsed record, or `null`; @throws as `read` */
  getNote(name: string): Promise<unknown>;
  /** Names below a prefix, with when they were written (ms since 1970) and their sealed size. */
  list(prefix: string): AsyncIterable<{ name: string; bytes: number; writtenAt: number }>;
  /**
   * Deletes everything below a place.
   * @param prefix ends in `/`, so that `b00001-1/` leaves `b00001-10` alone; a blob's chunks lie below `<its name>/`
   * @returns how many parts
   */
  removeAll(prefix: string): Promise<number>;
  /** Deletes one note or chunk; nothing there is no error. */
  removeNote(name: string): Promise<void>;
  /** See `StageDriver.removeLeftOvers`. */
  removeLeftOvers(before: number): Promise<number>;
  /** @throws TrunklineError where the stage cannot be written to */
  check(): Promise<void>;
}

/**
 * Plain bytes of a full chunk: what is downloaded again after a kill at most, and what a process holds a few times over. With
 * twice as much the processes of the archive had some 10 MB more of buffers in hand.
 */
export const stageChunkBytes = 4 * 1024 * 1024;

/** Where the chunks of a blob lie; names of chunks sort in their order. */
export function stageChunkName(blob: string, index: number): string {
  return `${blob}/${String(index).padStart(6, '0')}`;
}

/** Where things lie in the stage. */
export const stagePlaces = {
  /** Everything of a window while it is under way. */
  window: (windowId: string): string => `windows/${windowId}/`,
  /** What one attempt at fetching a window writes. */
  attempt: (windowId: string, attempt: string): string => `windows/${windowId}/fetch-${attempt}/`,
  /** What redacting one batch writes. */
  redacted: (windowId: string, flow: string, batch: string): string =>
    `windows/${windowId}/${flow}/redacted/${batch}/`,
  /** Note that a window is complete; outlives the window's files. */
  completed: (windowId: string): string => `completed/${windowId}`,
  /** A conversation that waits for a person; outlives the window's files. */
  deadLetter: (windowId: string, flow: string, batch: string, index: number): string =>
    `dead/${windowId}/${flow}/${batch}-${index}`,
  /** Note beside it: its job's data, from which the job is made anew where it is lost. */
  deadLetterNote: (windowId: string, flow: string, batch: string, index: number): string =>
    `dead/${windowId}/${flow}/${batch}-${index}/letter`,
} as const;
