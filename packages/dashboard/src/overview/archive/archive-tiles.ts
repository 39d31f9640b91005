import { ARCHIVE_DEAD_LETTER } from '@trunkline/contracts';
import { type Html, html } from '../../html/html.ts';
import { bytes, count, known } from '../figures.ts';
import type { Snapshot } from '../snapshot.ts';
import { tile, total } from '../tile.ts';

/** The six figures of the archive pipeline. */
export function archiveTiles({ archive, queues }: Snapshot): Html {
  const { totals } = archive;
  const deadLetters = queues.find((queue) => queue.name === ARCHIVE_DEAD_LETTER);
  return html`<section aria-label="Figures of conversation archives" class="tiles">
${tile('Windows', total(totals, 'windowsArchived'), html`archived; failures: ${total(totals, 'windowsFailed')}`)}
${tile('Conversations', total(totals, 'conversationsArchived'), 'archived')}
${tile('Values redacted', total(totals, 'valuesRedacted'), 'replaced by tokens')}
${tile('Stored', bytes(totals['bytesArchived'] ?? 0), 'in the bucket')}
${tile(deadLetterLink, known(deadLetters?.failed, count), html`wait for a person; ${total(totals, 'conversationsDeadLettered')} in all`)}
${tile('Completion events', total(totals, 'completionEvents'), 'delivered')}
</section>`;
}

const deadLetterLink = html`<a href="/queues/queue/${ARCHIVE_DEAD_LETTER}?status=failed">Not redacted</a>`;
