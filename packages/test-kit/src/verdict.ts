import type { SinkDocument } from './sink-reader.ts';

/** An event that should be somewhere. */
export interface DueEvent {
  n: number;
  /** `null`: it has none, and can only be a dead letter. */
  id: string | null;
  /** Of the texts that may stand for it; more than one where the platform contract served it in several shapes. */
  digests: readonly string[];
  /** When it stands in the stream, ISO 8601. */
  positionedAt: string;
  served: number;
}

/** A stretch of the stream that was recorded as possibly not read. ISO 8601; `null`: without end. */
export interface RecordedGap {
  from: string | null;
  to: string | null;
}

export interface Found {
  documents: readonly SinkDocument[];
  deadLetters: readonly { id: string; digest: string }[];
  /** Events that were never served count as accounted for inside of these. */
  gaps: readonly RecordedGap[];
}

/** The comparison of what was served with what is stored. Lists hold ids (or positions of events without one). */
export interface Verdict {
  /** Distinct events (by id and body) that should be somewhere. */
  due: number;
  indexed: number;
  deadLettered: number;
  inGaps: number;
  missing: string[];
  twice: string[];
  altered: string[];
  extra: string[];
}

/**
 * Compares pure lists: nothing may be missing, stand twice, be altered, or come from nowhere.
 *
 * Of events with one id and different bodies, one is the document, every other one must be a dead letter.
 */
export function judge(due: readonly DueEvent[], found: Found): Verdict {
  const stored = new Map<string, SinkDocument[]>();
  for (const document of found.documents) {
    const standing = stored.get(document.id);
    if (standing === undefined) stored.set(document.id, [document]);
    else standing.push(document);
  }
  const letters = new Set(found.deadLetters.map(({ digest }) => digest));
  const verdict: Verdict = {
    due: 0,
    indexed: 0,
    deadLettered: 0,
    inGaps: 0,
    missing: [],
    twice: [],
    altered: [],
    extra: [],
  };
  const bodies = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const dueLetters = new Set<string>();
  for (const event of due) {
    const { id, digests } = event;
    const keys = digests.map((digest) => `${id}\0${digest}`);
    const isKnown = keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    for (const digest of digests) dueLetters.add(digest);
    if (id !== null) bodies.set(id, new Set([...(bodies.get(id) ?? []), ...digests]));
    if (isKnown) continue;
    verdict.due += 1;
    const documents = id === null ? [] : (stored.get(id) ?? []);
    if (documents.some(({ digest }) => digest !== null && digests.includes(digest))) verdict.indexed += 1;
    else if (digests.some((digest) => letters.has(digest))) verdict.deadLettered += 1;
    else if (event.served === 0 && found.gaps.some((gap) => covers(gap, event.positionedAt)))
      verdict.inGaps += 1;
    else verdict.missing.push(id ?? `event ${event.n}`);
  }
  for (const [id, documents] of stored) {
    const known = bodies.get(id);
    if (known === undefined) verdict.extra.push(id);
    if (documents.length > 1) verdict.twice.push(id);
    if (known !== undefined && documents.some(({ digest }) => digest === null || !known.has(digest))) {
      verdict.altered.push(id);
    }
  }
  for (const letter of found.deadLetters) {
    if (!dueLetters.has(letter.digest)) verdict.extra.push(`dead letter ${letter.id}`);
  }
  return verdict;
}

function covers({ from, to }: RecordedGap, at: string): boolean {
  const time = Date.parse(at);
  return (from === null || Date.parse(from) <= time) && (to === null || time <= Date.parse(to));
}
