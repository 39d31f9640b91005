import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { UIConfig } from '@bull-board/api/typings/app';
import { type QueueName, queueNames } from '@trunkline/contracts';
import type { Queue } from 'bullmq';
import { Router } from 'express';
import type { OperatorActions } from '../access/operator-actions.ts';
import type { Role } from '../access/users.ts';
import { visitorOf } from '../access/visitor.ts';
import { boardGuard } from './guard.ts';
import { maskJobData, maskName, maskProgress, maskReturnValue } from './job-masking.ts';
import { LocalAdapter } from './local-adapter.ts';
import { openRoutes } from './open-routes.ts';

const descriptions: Record<QueueName, string> = {
  'audit-index': 'Batches of audit events on their way into Elasticsearch',
  'audit-dead-letter': 'Events that Elasticsearch refused for good; retry sends one again',
  'archive-plan':
    'Looks which windows of conversations are due, by schedule or for a range that somebody asked for',
  'archive-fetch': 'Windows: each is downloaded, verified by its digest and split into batches',
  'archive-redact': 'Batches of conversations in which personal data are replaced by tokens',
  'archive-upload': 'Redacted batches on their way into the bucket; they wait while the bucket gate is shut',
  'archive-window': 'Windows whose batches are being stored; when all are, manifest and records follow',
  'archive-compliance': 'Records on their way into the compliance chain',
  'archive-notify': 'Completion events for the webhook',
  'archive-dead-letter': 'Conversations that could not be redacted; retry redacts one again',
};

/**
 * Bull Board with every queue, to be mounted at `basePath` behind the check of the session. There are two boards over the
 * same queues: the viewers' is read-only by Bull Board's own rules, apart from the guard.
 */
export function boardRoutes(
  basePath: string,
  queue: (name: QueueName) => Queue,
  actions: OperatorActions,
): Router {
  const router = Router();
  router.use(boardGuard(actions));
  for (const role of ['viewer', 'operator'] as const) {
    const board = createBoard(basePath, queue, role);
    const ofRole = Router();
    ofRole.use((_request, response, next) => (visitorOf(response).role === role ? next() : next('router')));
    ofRole.use(board.getRouter());
    router.use(ofRole);
  }
  return router;
}

function createBoard(basePath: string, queue: (name: QueueName) => Queue, role: Role): LocalAdapter {
  const serverAdapter = new LocalAdapter();
  serverAdapter.setBasePath(basePath);
  createBullBoard({
    queues: queueNames.map((name) => adapterOf(queue(name), name, role)),
    serverAdapter,
    options: { uiConfig: uiConfigOf(role), handlerHooks: { before: onlyOpenRoutes } },
  });
  return serverAdapter;
}

function adapterOf(queue: Queue, name: QueueName, role: Role): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, {
    readOnlyMode: role === 'viewer',
    description: descriptions[name],
  });
  adapter.setFormatter('data', (data: unknown) => maskJobData(name, data));
  adapter.setFormatter('returnValue', (value: unknown) => maskReturnValue(name, value));
  adapter.setFormatter('progress', maskProgress);
  adapter.setFormatter('name', (job: { name?: unknown }) => maskName(job.name));
  return adapter;
}

/** Asks Bull Board itself which of its routes is about to run, so that no path can mean one to the guard and another to it. */
function onlyOpenRoutes({ method, route }: { method: string; route: string }): { allow: boolean } {
  return {
    allow: method === 'get' || openRoutes.some((open) => open.method === method && open.route === route),
  };
}

/** Those of our own pages: Bull Board's would come from another host. */
const fonts = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** Where Bull Board's own colours have less contrast than WCAG AA asks of text. */
const light = {
  primary: '#0b5a51',
  'muted-foreground': '#4d5761',
  destructive: '#b8322b',
  'status-failed': '#c42b2b',
  'status-completed': '#127a38',
  'status-waiting': '#9a4d04',
  'status-waiting-children': '#a8460a',
} as const;
const dark = {
  'muted-foreground': '#a3adba',
  destructive: '#ea8a84',
  'status-failed': '#e8807f',
  'status-active': '#7aa5ea',
  'status-delayed': '#ab91ea',
  'status-prioritized': '#d48be0',
} as const;

function uiConfigOf(role: Role): UIConfig {
  return {
    boardTitle: 'Trunkline',
    boardLogo: { path: '/assets/mark.svg', width: 26, height: 26 },
    favIcon: { default: '/assets/mark.svg', alternative: 'static/favicon-32x32.png' },
    miscLinks: [{ text: 'Overview', url: '/' }],
    hideDocsLink: true,
    theme: { light: { 'font-sans': fonts, ...light }, dark: { 'font-sans': fonts, ...dark } },
    ...(role === 'viewer'
      ? { environment: { label: 'Read only', color: '#475569', textColor: '#ffffff' } }
      : {}),
  };
}
