import { type Range, ranges } from '@trunkline/overview';
import { type Request, Router } from 'express';
import { visitorOf } from '../access/visitor.ts';
import type { OverviewFeed } from './feed.ts';
import { LivePages } from './live.ts';
import { overviewPage } from './overview-page.ts';

/** The browser comes back by itself, and the session is checked anew. */
const streamLengthMs = 60_000;

/** `/`, and `/events`, which sends the page's changing parts as server-sent events. `range` chooses that of the charts. */
export function overviewRoutes(feed: OverviewFeed): Router {
  const router = Router();
  const pages = new LivePages(feed);

  router.get('/', async (request, response) => {
    const range = rangeOf(request);
    const [state, samples] = await Promise.all([feed.now(), feed.samples(range)]);
    response.send(overviewPage({ state, samples, range }, visitorOf(response)));
  });

  router.get('/events', (request, response) => {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      // nginx would gather the events.
      'x-accel-buffering': 'no',
    });
    if (request.method === 'HEAD') return void response.end();
    response.write('retry: 1000\n\n');
    pages.add(response, rangeOf(request));
    const ending = setTimeout(() => response.end(), streamLengthMs);
    response.on('close', () => clearTimeout(ending));
  });

  return router;
}

function rangeOf({ query }: Request): Range {
  return ranges.find((range) => range === query['range']) ?? '1h';
}
