import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventText, idOf, TestPipeline, until } from './indexer.fixture.ts';

const entry = fileURLToPath(new URL('killed-indexer.fixture.ts', import.meta.url));

test('an event that kills every process is found and dead-lettered; its neighbours and the other batches are indexed', {
  timeout: 400_000,
}, async () => {
  await using pipeline = new TestPipeline();
  const others = Array.from({ length: 3 }, () => [eventText(), eventText()]);
  const poisoned = [eventText(), eventText({ id: 'poison-1' }), eventText(), eventText()];
  for (const batch of [...others, poisoned]) await pipeline.add(batch);

  const env = pipeline.env({
    ...process.env,
    WORKER_LOCK_SECONDS: '1',
    WORKER_STALLED_INTERVAL_SECONDS: '0.5',
    LOG_LEVEL: 'silent',
  });
  let over = false;
  let deaths = 0;
  const orchestrator = (async () => {
    while (!over) {
      const child = spawn(process.execPath, ['--conditions=@trunkline/source', entry], {
        env,
        stdio: 'ignore',
      });
      const stopper = setInterval(() => over && child.kill('SIGTERM'), 50);
      await once(child, 'exit');
      clearInterval(stopper);
      if (child.signalCode === 'SIGKILL') deaths++;
    }
  })();
  const deadline = Date.now() + 300_000;
  await until('all is settled', async () => (await pipeline.watermark()) === 4, deadline);
  await until(
    'the dead letter stands failed',
    async () => (await pipeline.deadLetterQueue.getFailedCount()) === 1,
  );
  over = true;
  await orchestrator;

  expect(deaths).toBeLessThanOrEqual(8);
  const stored = await pipeline.stored();
  const expected = [...others.flat(), ...poisoned].map(idOf).filter((id) => id !== 'poison-1');
  expect([...stored.keys()].sort()).toEqual(expected.sort());
  expect(await pipeline.letters.get('poison-1')).toMatchObject({
    code: 'AUDIT_EVENT_KILLS_WORKER',
    text: poisoned[1],
  });
  expect(await pipeline.queue.getFailedCount()).toBe(0);
});
