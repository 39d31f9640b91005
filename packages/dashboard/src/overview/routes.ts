import { type Response, Router } from 'express';
import { visitorOf } from '../access/visitor.ts';
import type { OverviewFeed, OverviewState } from './feed.ts';
import { overview, overviewPage } from './overview-page.ts';

/** The browser comes back by itself, and the session is checked anew. */
const streamLengthMs = 60_000;

/** `/`, and `/events`, which sends the page's changing part each second as server-sent events. */
export function overviewRoutes(feed: OverviewFeed): Router {
  const router = Router();

  router.get('/', async (_request, response) => {
    response.send(overviewPage(await feed.now(), visitorOf(response)));
  });

  router.get('/events', (request, response) => {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      // nginx would gather the events.
      'x-accel-buffering': 'no',
    });
    if (request.method === 'HEAD') return void response.end();
    response.write('retry: 1000\n\n');
    const unsubscribe = feed.subscribe((state) => push(response, state));
    const ending = setTimeout(() => response.end(), streamLengthMs);
    response.on('close', () => {
      clearTimeout(ending);
      unsubscribe();
    });
  });

  return router;
}

/** A browser that does not keep up misses a second rather than filling our memory. */
function push(response: Response, state: OverviewState): void {
  if (response.writableNeedDrain) return;
  response.write(`event: overview\ndata: ${JSON.stringify(overview(state).text)}\n\n`);
}
