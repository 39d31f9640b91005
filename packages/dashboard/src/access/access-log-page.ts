import type { AccessEntry, AccessLog } from '@trunkline/access-log';
import { count } from '@trunkline/overview';
import { Router } from 'express';
import { type Html, html } from '../html/html.ts';
import { noticePage, page } from '../html/layout.ts';
import { known, moment } from '../html/shown.ts';
import { pill, type Tone } from '../html/tone.ts';
import { table } from '../overview/table.ts';
import type { Visitor } from './sessions.ts';
import { visitorOf } from './visitor.ts';

/** `/access-log`: the last accesses, for operators: it tells who of their colleagues was here, and from where. */
export function accessLogRoutes(accessLog: AccessLog): Router {
  const router = Router();
  router.get('/access-log', async (_request, response) => {
    const visitor = visitorOf(response);
    if (visitor.role !== 'operator') {
      response
        .status(403)
        .send(noticePage('For operators', 'The access log is shown to operators only. Log in as one.'));
      return;
    }
    const [actions, logins] = await Promise.all([accessLog.read('actions'), accessLog.read('logins')]);
    response.send(accessLogPage(actions, logins, visitor, Date.now()));
  });
  return router;
}

/** @param now ms since 1970 */
function accessLogPage(
  actions: readonly AccessEntry[],
  logins: readonly AccessEntry[],
  visitor: Visitor,
  now: number,
): string {
  return page({
    title: 'Access log · Trunkline',
    visitor,
    current: 'access-log',
    main: html`<main id="main"><div class="head"><h1>Access log</h1><p class="quiet">The newest of what people did, here and with the command line. What was done here stands in the log of this process too, as events <code>access.*</code>.</p></div>
<section class="card" aria-labelledby="actions"><h2 id="actions">Actions</h2>${table(
      'Actions',
      [
        ['At (UTC)', ''],
        ['Who', ''],
        ['What', ''],
        ['On which', ''],
        ['From', ''],
        ['Outcome', ''],
        ['Reason', ''],
      ],
      actions.map((entry) => actionRow(entry, now)),
      'Nobody has acted yet.',
    )}</section>
<section class="card" aria-labelledby="logins"><h2 id="logins">Logins</h2>${table(
      'Logins',
      [
        ['At (UTC)', ''],
        ['Who', ''],
        ['What', ''],
        ['From', ''],
        ['Outcome', ''],
      ],
      logins.map((entry) => loginRow(entry, now)),
      'Nobody has logged in yet.',
    )}</section></main>`,
  });
}

function actionRow(entry: AccessEntry, now: number): Html {
  return html`<tr><th scope="row">${at(entry, now)}</th><td data-label="Who">${who(entry)}</td><td data-label="What">${entry.action ?? what(entry)}</td><td data-label="On which" class="id">${known(entry.target, (target) => target)}</td><td data-label="From" class="id">${known(entry.address, (address) => address)}</td><td data-label="Outcome">${outcome(entry)}</td><td data-label="Reason">${entry.reason ?? ''}</td></tr>`;
}

function loginRow(entry: AccessEntry, now: number): Html {
  return html`<tr><th scope="row">${at(entry, now)}</th><td data-label="Who">${who(entry)}</td><td data-label="What">${what(entry)}</td><td data-label="From" class="id">${known(entry.address, (address) => address)}</td><td data-label="Outcome">${outcome(entry)}</td></tr>`;
}

function at({ at: iso }: AccessEntry, now: number): Html | string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? known(null, String) : moment(ms, now);
}

function who({ user, role, via }: AccessEntry): Html | string {
  if (user === null) return html`<span class="quiet">nobody known</span>`;
  const tag = via === 'command-line' ? 'command line' : role;
  return tag === null ? user : html`${user} <span class="tag">${tag}</span>`;
}

/** `access.login-refused` → `login refused` */
function what({ event }: AccessEntry): string {
  return event.replace(/^access\./, '').replaceAll('-', ' ');
}

const tones: Record<AccessEntry['outcome'], Tone> = {
  begun: 'plain',
  done: 'good',
  failed: 'bad',
  refused: 'look',
};

function outcome({ outcome: word, count: many }: AccessEntry): Html {
  return html`${pill(tones[word], word)}${many === null ? null : ` ${count(many)}`}`;
}
