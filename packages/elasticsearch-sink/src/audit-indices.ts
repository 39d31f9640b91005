import type { Elasticsearch } from './elasticsearch.ts';
import { dailyIndex, dayOfIndex, undatedIndex } from './index-name.ts';
import { auditIndexBody, type IndexBody, type IndexSettings } from './schema.ts';
import { createIndex } from './setup.ts';

const dayMs = 86_400_000;

/**
 * The daily indices: created before the first document, deleted when they are too old.
 *
 * An index is created by name with its whole mapping, not left to the first document: a template that somebody deleted
 * would else give way to a dynamic mapping, which grows with whatever the events carry.
 */
export class AuditIndices {
  readonly #es: Elasticsearch;
  readonly #settings: IndexSettings;
  readonly #policy: () => string | null;
  readonly #known = new Map<string, Promise<void>>();

  /** @param policy name of the ILM policy, `null` without ILM; asked when an index is created */
  constructor(es: Elasticsearch, settings: IndexSettings, policy: () => string | null) {
    this.#es = es;
    this.#settings = settings;
    this.#policy = policy;
  }

  /** @throws TrunklineError with an ELASTICSEARCH_ code */
  async ensure(index: string): Promise<void> {
    let creating = this.#known.get(index);
    if (creating === undefined) {
      creating = createIndex(this.#es, index, this.#bodyOf(index));
      if (this.#known.size >= 10_000) this.#known.clear();
      this.#known.set(index, creating);
      creating.catch(() => this.#known.delete(index));
    }
    return creating;
  }

  isKnown(index: string): boolean {
    return this.#known.has(index);
  }

  /** An index that answered "not found" is created again before the next document. */
  forget(index: string): void {
    this.#known.delete(index);
  }

  /** Creates the index of today and that of tomorrow, so that midnight finds it there, and the undated one. */
  async ensureTomorrow(now: number): Promise<void> {
    const { indexPrefix } = this.#settings;
    await this.ensure(dailyIndex(indexPrefix, now));
    await this.ensure(dailyIndex(indexPrefix, now + dayMs));
    await this.ensure(undatedIndex(indexPrefix));
  }

  /**
   * Deletes daily indices whose day ended more than `days` days ago, the oldest first. Only names that are exactly prefix and
   * date are looked at; few a run, so that a clock that is years ahead cannot empty the cluster before somebody notices.
   * @returns the indices deleted
   */
  async deleteExpired(now: number, days: number, maxPerRun = 3, signal?: AbortSignal): Promise<string[]> {
    const { indexPrefix } = this.#settings;
    const { body } = await this.#es.ask({
      method: 'GET',
      path: `/${indexPrefix}*/_settings/index.uuid`,
      query: { ignore_unavailable: true },
      what: 'for the names of the daily indices',
      signal,
    });
    const expired = Object.keys(body as object)
      .filter((index) => {
        const day = dayOfIndex(indexPrefix, index);
        return day !== null && day + (days + 1) * dayMs <= now;
      })
      .sort()
      .slice(0, maxPerRun);
    for (const index of expired) {
      const what = `to delete the expired index ${index}`;
      await this.#es.ask({ method: 'DELETE', path: `/${index}`, what, accept: [404], signal });
      this.forget(index);
    }
    return expired;
  }

  #bodyOf(index: string): IndexBody {
    const day = dayOfIndex(this.#settings.indexPrefix, index);
    const policy = day === null ? null : this.#policy();
    const body = auditIndexBody(this.#settings, policy);
    if (day !== null && policy !== null) body.settings['index.lifecycle.origination_date'] = day + dayMs;
    return body;
  }
}
