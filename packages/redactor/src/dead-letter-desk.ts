import { type Stage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  type ArchiveDeadLetterJob,
  type ArchiveRedactJob,
  archiveDeadLetterJobId,
} from '@trunkline/contracts';
import { jobOptions } from '@trunkline/service';
import type { Queue } from 'bullmq';
import type { Refused } from './batch-redaction.ts';

export interface DeadLetterDeskParts {
  readonly stage: Stage;
  /** archive-dead-letter. */
  readonly queue: Queue;
  readonly attempts: number;
  readonly now: () => Date;
}

/**
 * Sets conversations aside: sealed in the stage first, then a note of why, then a job that names them. Where the job is lost, it is
 * made anew from the note. Done twice it is done once: place and job id
 * follow from the conversation's place in its batch.
 */
export class DeadLetterDesk {
  readonly #parts: DeadLetterDeskParts;

  constructor(parts: DeadLetterDeskParts) {
    this.#parts = parts;
  }

  /** Places in a batch that were set aside by earlier runs, whether or not their jobs were added. */
  async setAsideBefore({ window, flow, batch }: ArchiveRedactJob): Promise<Set<number>> {
    const folder = `dead/${window.id}/${flow}/`;
    const places = new Set<number>();
    for await (const { name } of this.#parts.stage.list(`${folder}${batch}-`)) {
      const index = /^\d+(?=\/)/.exec(name.slice(folder.length + batch.length + 1));
      if (index !== null) places.add(Number(index[0]));
    }
    return places;
  }

  /** @returns whether it is a new one */
  async setAside(job: ArchiveRedactJob, { index, code, line }: Refused): Promise<boolean> {
    const { stage, queue, attempts, now } = this.#parts;
    const { v, window, flow, batch, traceId, storageClass } = job;
    const source = await stage.write(stagePlaces.deadLetter(window.id, flow, batch, index), once(line));
    const letter: ArchiveDeadLetterJob = {
      v,
      window,
      flow,
      batch,
      traceId,
      storageClass,
      index,
      source,
      code,
      deadLetteredAt: now().toISOString(),
    };
    await stage.putNote(stagePlaces.deadLetterNote(window.id, flow, batch, index), letter);
    const jobId = archiveDeadLetterJobId(window.id, flow, batch, index);
    if ((await queue.getJob(jobId)) !== undefined) return false;
    await queue.add('dead-letter', letter, { ...jobOptions(attempts), jobId });
    return true;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
