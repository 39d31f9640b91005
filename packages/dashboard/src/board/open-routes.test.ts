import { createRequire } from 'node:module';
import { queueNames } from '@trunkline/contracts';
import { expect, test } from 'vitest';
import { openRoutes, whyRefused } from './open-routes.ts';

interface BoardRoute {
  method: string | string[];
  route: string | string[];
}

// Bull Board exports the list for its server adapters, as CommonJS without types.
const { appRoutes } = createRequire(import.meta.url)('@bull-board/api/dist/routes.js') as {
  appRoutes: { entryPoint: BoardRoute; api: BoardRoute[] };
};

const boardRoutes = [appRoutes.entryPoint, ...appRoutes.api].flatMap(({ method, route }) =>
  [method].flat().flatMap((one) => [route].flat().map((path) => `${one} ${path}`)),
);

/** Routes that change something and stay closed to everybody; a new one of a later Bull Board fails the test below. */
const closedRoutes = [
  'post /api/queues/:queueName/add',
  'put /api/queues/:queueName/concurrency',
  'put /api/queues/:queueName/rate-limit',
  'put /api/queues/:queueName/rate-limit/release',
  'put /api/queues/:queueName/empty',
  'put /api/queues/:queueName/obliterate',
  'put /api/queues/:queueName/job-schedulers/:schedulerId/remove',
  'patch /api/queues/:queueName/job-schedulers/:schedulerId',
  'put /api/queues/:queueName/job-schedulers/:schedulerId/run',
  'patch /api/queues/:queueName/:jobId/update-data',
  'patch /api/queues/:queueName/:jobId/delay',
  'patch /api/queues/:queueName/:jobId/priority',
  'put /api/queues/:queueName/:jobId/remove-unprocessed-children',
];

test('every changing route of Bull Board is either on the list of open ones or known to be closed', () => {
  const changing = boardRoutes.filter((route) => !route.startsWith('get '));
  const open = openRoutes.map(({ method, route }) => `${method} ${route}`);
  expect([...open, ...closedRoutes].sort()).toEqual(changing.sort());
});

test('only queues whose jobs stand elsewhere too, or come again, let go of them', () => {
  const open = ['audit-dead-letter', 'archive-plan', 'archive-fetch'];
  expect(queueNames.filter((name) => whyRefused('remove', name) === null)).toEqual(open);
  expect(queueNames.filter((name) => whyRefused('remove-all', name) === null)).toEqual(open);
  expect(whyRefused('remove', '__proto__')).not.toBeNull();
  expect(whyRefused('remove', null)).not.toBeNull();
});
