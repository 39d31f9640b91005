import { Archive } from '../archive/archive.ts';
import type { SavedArchive } from '../archive/archive-settings.ts';
import { seedFrom } from '../audit/random.ts';

const NOW = Date.parse('2026-03-14T15:00:00.000Z');
export const DAY_BEFORE = {
  fromMs: Date.parse('2026-03-13T00:00:00Z'),
  toMs: Date.parse('2026-03-14T00:00:00Z'),
};

/** An archive without a simulator around it. */
export function archiveOf(settings: Partial<SavedArchive> = {}, seed = 'trunkline'): Archive {
  return new Archive(
    seedFrom(seed),
    {
      pages: 1,
      digest: 'both',
      layout: 'compact',
      people: 20,
      volume: { conversations: 40, bytes: null },
      days: {},
      dailyOdd: [],
      placedOdd: [],
      rewrites: [],
      lakeLagMinutes: 0,
      largestPage: null,
      ...settings,
    },
    () => NOW,
  );
}
