import { type Html, html } from '../../html/html.ts';
import type { Snapshot } from '../snapshot.ts';
import { archivePicture } from './archive-picture.ts';
import { failedStepTable, windowTable } from './archive-tables.ts';
import { archiveTiles } from './archive-tiles.ts';
import { archiveInUse } from './in-use.ts';

/** The archive pipeline, or a quiet line where this deployment has none. */
export function archiveSection(snapshot: Snapshot): Html {
  if (!archiveInUse(snapshot)) {
    return html`<p class="quiet">This deployment archives no conversations: no redactor or uploader is alive, and nothing was archived before.</p>`;
  }
  return html`${archivePicture(snapshot)}
${archiveTiles(snapshot)}
${failedStepTable(snapshot)}
${windowTable(snapshot)}`;
}
