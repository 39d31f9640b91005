import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_DEAD_LETTER,
  ARCHIVE_FETCH,
  ARCHIVE_NOTIFY,
  ARCHIVE_PLAN,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type QueueName,
} from '@trunkline/contracts';
import {
  archiveInUse,
  archivePausedUntil,
  type BucketGate,
  bucketGate,
  bytes,
  count,
  type Picture,
  planned,
  type QueueDepth,
} from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import type { Icon } from '../../html/icons.ts';
import { known, moment } from '../../html/shown.ts';
import { pill, type Tone, worst } from '../../html/tone.ts';
import type { OverviewState } from '../feed.ts';
import { queueLink } from '../links.ts';
import { depthLines, queueTone, replicas, type Station, toneOf, way } from './way.ts';

/** The way of archived conversations, or a quiet line where this deployment has none. */
export function archiveWaySection({ picture }: OverviewState): Html {
  if (picture === null) return html`<section id="archive" hidden></section>`;
  if (!archiveInUse(picture)) {
    return html`<section id="archive" class="none"><p>This deployment archives no conversations: no redactor or uploader is alive, and nothing was archived before.</p></section>`;
  }
  const gate = bucketGate(picture.processes);
  return html`<section id="archive" class="card" aria-labelledby="archive-title"><h2 id="archive-title">Conversation archives</h2>
${way(stations(picture, gate))}<div class="remarks">${planLine(picture)}${gateLine(gate)}</div></section>`;
}

/** Each station is a queue, with the processes that work for it. */
function stations(picture: Picture, gate: BucketGate | null): Station[] {
  const depth = (name: QueueName) => picture.queues.find((queue) => queue.name === name);
  const kind = (service: string) => picture.processes.filter((process) => process.service === service);
  const [redactors, uploaders] = [kind('redactor'), kind('uploader')];
  const station = (
    name: string,
    sign: Icon,
    queue: QueueName,
    changes: { says?: readonly (Html | string)[]; tone?: Tone } = {},
  ): Station => {
    const own = depth(queue);
    return {
      name,
      icon: sign,
      says: changes.says ?? depthLines(own),
      tone: worst(queueTone(own), changes.tone ?? 'plain'),
      href: queueLink(queue, own !== undefined && own.failed > 0 ? 'failed' : null),
      flow: { text: null, moves: own !== undefined && own.active > 0 },
    };
  };
  const dead = depth(ARCHIVE_DEAD_LETTER)?.failed ?? 0;
  const { totals } = picture.archive;
  const pausedUntil = archivePausedUntil(picture.processes, picture.takenAt);
  return [
    station('Planner', 'calendar', ARCHIVE_PLAN, { says: planSays(depth(ARCHIVE_PLAN)) }),
    station('Fetch', 'fetch', ARCHIVE_FETCH, {
      says: [
        ...(pausedUntil === null ? [] : [html`paused until ${moment(pausedUntil, picture.takenAt)}`]),
        ...depthLines(depth(ARCHIVE_FETCH)),
      ],
      tone: pausedUntil === null ? 'plain' : 'look',
    }),
    station('Redact', 'redact', ARCHIVE_REDACT, {
      says: [
        ...depthLines(depth(ARCHIVE_REDACT)),
        `redactors: ${replicas(redactors)}`,
        ...(dead > 0 ? [`${count(dead)} not redacted`] : []),
      ],
      tone: worst(toneOf(redactors), dead > 0 ? 'look' : 'plain'),
    }),
    station('Upload', 'bucket', ARCHIVE_UPLOAD, {
      says: [...depthLines(depth(ARCHIVE_UPLOAD)), `uploaders: ${replicas(uploaders)}`],
      tone: worst(toneOf(uploaders), gate?.isOpen === false ? 'bad' : 'plain'),
    }),
    station('Window', 'window', ARCHIVE_WINDOW, {
      says: [
        windowSays(depth(ARCHIVE_WINDOW)),
        `${count(totals.windowsArchived ?? 0)} archived, ${bytes(totals.bytesArchived ?? 0)}`,
      ],
    }),
    station('Compliance', 'chain', ARCHIVE_COMPLIANCE),
    { ...station('Notify', 'bell', ARCHIVE_NOTIFY), flow: null },
  ];
}

/** What is delayed in this queue is the next tick of the schedule. */
function planSays(depth: QueueDepth | undefined): string[] {
  if (depth === undefined) return ['not known'];
  if (depth.active > 0) return ['looking for windows'];
  if (depth.waiting > 0) return [`${count(depth.waiting)} waiting`];
  return [depth.delayed > 0 ? 'scheduled' : 'no schedule'];
}

function windowSays(depth: QueueDepth | undefined): string {
  if (depth === undefined) return 'not known';
  return `${count(depth.waitingForOthers + depth.waiting + depth.delayed + depth.active)} under way`;
}

function gateLine(gate: BucketGate | null): Html | null {
  if (gate === null) return null;
  return html`<p class="remark gate"><span class="label">Bucket gate</span> ${gate.isOpen ? pill('good', 'open') : pill('bad', 'shut')}${gate.remark === null ? null : html` <span class="quiet">${gate.remark}</span>`}</p>`;
}

/** Up to where every window is archived, as the planner last saw it. */
function planLine({ processes, takenAt }: Picture): Html | null {
  const plan = planned(processes);
  if (plan === null) return null;
  const upTo =
    plan.watermark === null
      ? 'No window is archived in order yet'
      : html`Every window up to ${moment(plan.watermark, takenAt)} UTC is archived`;
  const verb = plan.unfinished === 1 ? 'is' : 'are';
  const open =
    plan.unfinished === 0
      ? 'none that is due is missing'
      : html`${count(plan.unfinished)} that ${verb} due ${verb} not done, the oldest ${known(plan.oldest, (id) => id)}`;
  return html`<p class="remark">${upTo}; ${open}.</p>`;
}
