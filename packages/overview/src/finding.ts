import type { QueueName } from '@trunkline/contracts';

/** Where a person looks, or acts; a page makes a link of it, a terminal a command. */
export type Place =
  | { readonly kind: 'queue'; readonly queue: QueueName; readonly status: 'failed' | 'waiting' | null }
  | { readonly kind: 'window'; readonly windowId: string }
  | { readonly kind: 'dead-letters'; readonly pipeline: 'audit' | 'archive' }
  | { readonly kind: 'processes' };

/** Something that is the matter. */
export interface Finding {
  /** `bad`: records do not get on. `look`: they do, and a person should look. */
  readonly level: 'bad' | 'look';
  /** What it is, in one sentence for one look. */
  readonly title: string;
  /** What is known of it: where a process tells it, its kind and its own words, as `indexer: ...`. */
  readonly detail: string | null;
  /** What to do; `null` where the detail says it. */
  readonly remedy: string | null;
  readonly place: Place | null;
}

export type FindingText = { title: string; detail?: string; remedy?: string; place?: Place };

export function bad(text: FindingText): Finding {
  return finding('bad', text);
}

export function look(text: FindingText): Finding {
  return finding('look', text);
}

function finding(level: Finding['level'], { title, detail, remedy, place }: FindingText): Finding {
  return { level, title, detail: detail ?? null, remedy: remedy ?? null, place: place ?? null };
}
