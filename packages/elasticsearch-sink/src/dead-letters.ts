/**
 * The dead-letter index: events that could not be indexed, kept until a person decides.
 *
 * A dead letter is on disk in Elasticsearch before its batch counts as settled. Its `_id` follows from the event, so that a
 * batch that runs twice leaves one; a differing body never takes the place of another. The body is compressed and sealed by
 * the sealer that is handed in; everything else is searchable and holds no value of the event.
 */
import { hash } from 'node:crypto';
import { type ErrorCode, maxEventIdBytes, TrunklineError } from '@trunkline/contracts';
import { bulkFilterPath, bulkOutcomes } from './bulk-outcome.ts';
import type { Elasticsearch } from './elasticsearch.ts';
import { blockRemedy, replyUnreadable } from './foreign-error.ts';
import { deadLetterIndexBody, type IndexSettings } from './schema.ts';
import { IndexOnce } from './setup.ts';

/** Compresses and seals bytes so that only the holder of a key reads them; `associatedData` ties them to their place. */
export interface Sealer {
  seal(bytes: Buffer, associatedData: string): Buffer;
  /** @throws where the bytes were altered, moved, or sealed with a key that is not known */
  open(sealed: Buffer, associatedData: string): Buffer;
}

export interface NewDeadLetter {
  stream: string;
  code: ErrorCode;
  /** The searched field that was refused; `null` where it is not known. Never a value. */
  field: string | null;
  /** Elasticsearch's type of the error; `null` where it did not refuse. */
  errorType: string | null;
  /** `null` where the text is no event. */
  eventId: string | null;
  /** Of the event, or of the text where it is no event. */
  digest: string;
  /** ISO 8601. */
  deadLetteredAt: string;
  /** Source text of the event. */
  text: string;
}

export type DeadLetterStatus = 'open' | 'requeued' | 'discarded';

export interface DeadLetter extends Omit<NewDeadLetter, 'text'> {
  id: string;
  status: DeadLetterStatus;
  /** How often a person had it indexed again. */
  attempts: number;
  /** When its status last changed (ISO 8601); `null`: never. */
  changedAt: string | null;
  /** Who changed it. */
  by: string | null;
  discardReason: string | null;
}

/**
 * The `_id` of a dead letter: the event's id; where an event with that id stands elsewhere with another body, or where there
 * is no id, it holds the digest of the body.
 */
export function deadLetterId({
  code,
  eventId,
  digest,
}: Pick<NewDeadLetter, 'code' | 'eventId' | 'digest'>): string {
  if (eventId === null) return `malformed-${digest}`;
  return code === 'AUDIT_ID_CONFLICT' ? differingId(eventId, digest) : eventId;
}

function differingId(eventId: string, digest: string): string {
  return `${hash('sha256', eventId, 'hex').slice(0, 16)}-${digest}`;
}

/** Two organisations may have events of one id. Elasticsearch takes no longer `_id` than an event's may be. */
function ofOrganisation(organisation: string | null, id: string): string {
  if (organisation === null) return id;
  const named = `${organisation}.${id}`;
  return Buffer.byteLength(named) <= maxEventIdBytes ? named : `${organisation}.${hash('sha256', id, 'hex')}`;
}

export class DeadLetters {
  readonly #es: Elasticsearch;
  readonly #index: string;
  readonly #sealer: Sealer;
  readonly #created: IndexOnce;
  readonly #organisationOf: (stream: string) => string | null;

  /** @param organisationOf of a stream; `null`: the only one of the deployment, whose ids stand as they are */
  constructor(
    es: Elasticsearch,
    settings: Pick<IndexSettings, 'deadLetterIndex' | 'replicas'>,
    sealer: Sealer,
    organisationOf: (stream: string) => string | null = () => null,
  ) {
    this.#es = es;
    this.#organisationOf = organisationOf;
    this.#index = settings.deadLetterIndex;
    this.#sealer = sealer;
    this.#created = new IndexOnce(es, settings.deadLetterIndex, deadLetterIndexBody(settings));
  }

  /**
   * Resolves with their ids, in their order, when every one is on disk; one that is there already stays as it is.
   * @throws TrunklineError with an ELASTICSEARCH_ code where one is not; putting them again is harmless
   */
  async put(letters: readonly NewDeadLetter[], signal?: AbortSignal): Promise<string[]> {
    if (letters.length === 0) return [];
    await this.#created.ensure();
    const ids = letters.map((letter) => this.#idOf(letter, deadLetterId(letter)));
    const places = await this.#create(letters, ids, [...letters.keys()], signal);
    if (places.length === 0) return ids;
    // Something stands there: usually the same letter, from an earlier run of the batch.
    const stored = await this.#storedDigests(
      places.map((place) => ids[place] as string),
      signal,
    );
    const differing = places.filter((place, n) => {
      const letter = letters[place] as NewDeadLetter;
      if (letter.eventId === null || stored[n] === letter.digest) return false;
      ids[place] = this.#idOf(letter, differingId(letter.eventId, letter.digest));
      return true;
    });
    // Under an id that holds the digest, what stands there is the same letter.
    await this.#create(letters, ids, differing, signal);
    return ids;
  }

  /** The dead letter with its event's source text; `null` where there is none of that id. */
  async get(id: string, signal?: AbortSignal): Promise<(DeadLetter & { text: string }) | null> {
    const found = await this.#read(id, signal);
    if (found === null) return null;
    const { body } = found.source;
    const sealed = Buffer.from(body, 'base64');
    const text = this.#sealer.open(sealed, associatedData(id)).toString('utf8');
    return { ...letterOf(found.source), text };
  }

  /**
   * Dead letters without their bodies, the oldest first, a page at a time.
   * @param after what `next` of the page before gave
   */
  async list(
    filter: { status?: DeadLetterStatus; code?: string; stream?: string },
    after: unknown[] | null = null,
    pageSize = 100,
    signal?: AbortSignal,
  ): Promise<{ letters: DeadLetter[]; next: unknown[] | null }> {
    const { body } = await this.#search(
      {
        size: pageSize,
        query: {
          bool: { filter: Object.entries(filter).map(([name, value]) => ({ term: { [name]: value } })) },
        },
        sort: [{ deadLetteredAt: 'asc' }, { letterId: 'asc' }],
        _source: { excludes: ['body'] },
        ...(after === null ? {} : { search_after: after }),
      },
      signal,
    );
    const hits = (body as { hits: { hits: { _source: StoredLetter; sort: unknown[] }[] } }).hits.hits;
    return {
      letters: hits.map((hit) => letterOf(hit._source)),
      next: hits.length < pageSize ? null : (hits.at(-1)?.sort ?? null),
    };
  }

  /** How many dead letters of a status there are, by code. */
  async countsByCode(
    status: DeadLetterStatus = 'open',
    signal?: AbortSignal,
  ): Promise<Record<string, number>> {
    const { body } = await this.#search(
      { size: 0, query: { term: { status } }, aggs: { codes: { terms: { field: 'code', size: 100 } } } },
      signal,
    );
    type Buckets = { aggregations?: { codes?: { buckets?: { key: string; doc_count: number }[] } } };
    const buckets = (body as Buckets).aggregations?.codes?.buckets ?? [];
    return Object.fromEntries(buckets.map(({ key, doc_count: count }) => [key, count]));
  }

  /** Its event has been indexed after all. */
  async markRequeued(id: string, at: string, by: string | null, signal?: AbortSignal): Promise<void> {
    await this.#change(
      id,
      (letter) => ({ status: 'requeued', attempts: letter.attempts + 1, changedAt: at, by }),
      signal,
    );
  }

  /** It was tried again and refused again: says why now. */
  async markRefusedAgain(
    id: string,
    refusal: { code: ErrorCode; field: string | null; errorType: string | null },
    at: string,
    signal?: AbortSignal,
  ): Promise<void> {
    const change = (letter: StoredLetter): Partial<StoredLetter> => ({
      ...refusal,
      status: 'open',
      attempts: letter.attempts + 1,
      changedAt: at,
    });
    await this.#change(id, change, signal);
  }

  /** A person has decided that its event is not to be indexed. */
  async discard(
    id: string,
    reason: string,
    at: string,
    by: string | null,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#change(id, () => ({ status: 'discarded', discardReason: reason, changedAt: at, by }), signal);
  }

  #idOf({ stream }: NewDeadLetter, id: string): string {
    return ofOrganisation(this.#organisationOf(stream), id);
  }

  /** @returns the places of those where a document stands already */
  async #create(
    letters: readonly NewDeadLetter[],
    ids: readonly string[],
    places: readonly number[],
    signal?: AbortSignal,
  ): Promise<number[]> {
    if (places.length === 0) return [];
    const what = 'to keep dead letters';
    let lines = '';
    for (const place of places) {
      const id = ids[place] as string;
      const create = { _index: this.#index, _id: id };
      lines += `${JSON.stringify({ create })}\n${JSON.stringify(this.#source(letters[place] as NewDeadLetter, id))}\n`;
    }
    const { body } = await this.#es.ask({
      method: 'POST',
      path: '/_bulk',
      query: { filter_path: bulkFilterPath, pipeline: '_none' },
      lines,
      what,
      signal,
    });
    const outcomes = bulkOutcomes(
      body,
      places.map((place) => ids[place] as string),
    );
    const there: number[] = [];
    for (const [n, outcome] of outcomes.entries()) {
      switch (outcome.kind) {
        case 'created':
          break;
        case 'exists':
          there.push(places[n] as number);
          break;
        case 'retry':
          throw new TrunklineError('ELASTICSEARCH_OVERLOADED', {
            message: `Elasticsearch answered ${outcome.status} (${outcome.errorType}) for a dead letter.`,
          });
        case 'blocked':
          throw new TrunklineError('ELASTICSEARCH_WRITE_BLOCKED', {
            message: `The index ${this.#index} cannot be written: write block ${outcome.blockId}.`,
            remedy: blockRemedy(outcome.blockId),
          });
        case 'denied':
          throw new TrunklineError('ELASTICSEARCH_PERMISSION_MISSING', {
            message: `Writing to the index ${this.#index} is not allowed (${outcome.action ?? 'no action named'}).`,
            remedy: 'Grant the privileges listed in docs/operations.md to the API key or user.',
          });
        case 'dead':
          throw new TrunklineError('ELASTICSEARCH_SETUP_REFUSED', {
            message: `The index ${this.#index} refuses dead letters (${outcome.errorType}): its mapping is not Trunkline's.`,
            remedy: `Move that index aside (reindex it under another name and delete it), then restart an indexer.`,
          });
        default:
          outcome satisfies never;
      }
    }
    return there;
  }

  #source(letter: NewDeadLetter, id: string): StoredLetter {
    const { text, ...reason } = letter;
    return {
      letterId: id,
      ...reason,
      status: 'open',
      attempts: 0,
      changedAt: null,
      by: null,
      discardReason: null,
      body: this.#sealer.seal(Buffer.from(text, 'utf8'), associatedData(id)).toString('base64'),
    };
  }

  async #storedDigests(ids: readonly string[], signal?: AbortSignal): Promise<(string | null)[]> {
    const { body } = await this.#es.ask({
      method: 'POST',
      path: `/${this.#index}/_mget`,
      query: { _source_includes: 'digest', filter_path: 'docs._source' },
      body: { ids },
      what: 'for dead letters that are there already',
      signal,
    });
    const docs = (body as { docs?: { _source?: { digest?: string } }[] }).docs ?? [];
    return ids.map((_, place) => docs[place]?._source?.digest ?? null);
  }

  async #read(
    id: string,
    signal?: AbortSignal,
  ): Promise<{ source: StoredLetter; seqNo: number; term: number } | null> {
    const answer = await this.#es.ask({
      method: 'GET',
      path: `/${this.#index}/_doc/${encodeURIComponent(id)}`,
      what: 'for a dead letter',
      accept: [404],
      signal,
    });
    if (answer.status === 404) return null;
    const { _source, _seq_no, _primary_term } = answer.body as {
      _source: StoredLetter;
      _seq_no: number;
      _primary_term: number;
    };
    return { source: _source, seqNo: _seq_no, term: _primary_term };
  }

  /** Read, change, write on the condition that nobody else changed it in between. */
  async #change(
    id: string,
    change: (letter: StoredLetter) => Partial<StoredLetter>,
    signal?: AbortSignal,
  ): Promise<void> {
    for (let attempt = 0; attempt < 10; attempt++) {
      const found = await this.#read(id, signal);
      if (found === null) {
        throw new TrunklineError('DEAD_LETTER_MISSING', {
          message: `There is no dead letter ${id} in the index ${this.#index}.`,
          remedy: 'It was deleted, or the queue belongs to another cluster: remove its job.',
        });
      }
      const answer = await this.#es.ask({
        method: 'PUT',
        path: `/${this.#index}/_doc/${encodeURIComponent(id)}`,
        query: { if_seq_no: found.seqNo, if_primary_term: found.term, refresh: true },
        body: { ...found.source, ...change(found.source) },
        what: 'to change a dead letter',
        accept: [409],
        signal,
      });
      if (answer.status !== 409) return;
    }
    throw new TrunklineError('ELASTICSEARCH_OVERLOADED', {
      message: `The dead letter ${id} is being changed by others at the same time.`,
    });
  }

  async #search(query: object, signal?: AbortSignal): Promise<{ body: unknown }> {
    const what = 'for dead letters';
    const answer = await this.#es.ask({
      method: 'POST',
      path: `/${this.#index}/_search`,
      query: { ignore_unavailable: true },
      body: query,
      what,
      signal,
    });
    if (!Array.isArray((answer.body as { hits?: { hits?: unknown } } | null)?.hits?.hits))
      throw replyUnreadable(what);
    return answer;
  }
}

interface StoredLetter extends Omit<DeadLetter, 'id'> {
  letterId: string;
  /** Base64 of the sealed source text. */
  body: string;
}

function letterOf({ letterId, body: _, ...letter }: StoredLetter): DeadLetter {
  return { id: letterId, ...letter };
}

function associatedData(id: string): string {
  return `dead-letter:${id}`;
}
