import { describe, expect, test } from 'vitest';
import { expectArchivedOnce, startArchiveSystem } from './start-archive-system.ts';

describe.concurrent('an archive', () => {
  test.for([
    {
      form: "the guide's layout",
      settings: { ARCHIVE_LAYOUT: 'guide' },
      key: /\/archives\/\d{4}-\d\d-\d\d\.json$/,
    },
    { form: 'zstd', settings: { ARCHIVE_FORMAT: 'zstd' }, key: /\/b0000\d-[0-9a-f]{12}-g1\.ndjson\.zst$/ },
    { form: 'plain text', settings: { ARCHIVE_FORMAT: 'plain' }, key: /\/b0000\d-[0-9a-f]{12}-g1\.ndjson$/ },
  ] as const)('in $form holds each conversation once', async ({ settings, key }) => {
    await using system = await startArchiveSystem({ settings, simulator: { archiveConversations: 30 } });
    const day = system.day(1);
    await system.archived(day);
    for (const object of (await system.manifest(day)).manifest.objects) expect(object.key).toMatch(key);
    await expectArchivedOnce(system);
  });
});
