/** An indexer whose process dies, as by `kill -9`, when it is about to send an event whose id starts with `poison`. */
import { runIndexer } from './indexer.ts';

await runIndexer(process.env, {
  wrapSink: (sink) => ({
    storedDigests: sink.storedDigests.bind(sink),
    storedTexts: sink.storedTexts.bind(sink),
    bulk: (items, signal) => {
      if (items.some(({ event }) => event.id.startsWith('poison'))) process.kill(process.pid, 'SIGKILL');
      return sink.bulk(items, signal);
    },
  }),
});
