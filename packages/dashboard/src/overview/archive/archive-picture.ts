import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_FETCH,
  ARCHIVE_NOTIFY,
  ARCHIVE_PLAN,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  type QueueName,
} from '@trunkline/contracts';
import { type Html, html } from '../../html/html.ts';
import { count, known, moment } from '../figures.ts';
import type { QueueDepth, Snapshot } from '../snapshot.ts';
import { depthText, queueTone, replicas, station, type Tone, toneOf, worse } from '../stations.ts';
import { type BucketGate, bucketGate } from './bucket-gate.ts';
import { planned } from './plan.ts';

/** The way of archived conversations: each station is a queue, with the processes that work for it. */
export function archivePicture(snapshot: Snapshot): Html {
  const depth = (name: QueueName) => snapshot.queues.find((queue) => queue.name === name);
  const redactors = snapshot.processes.filter(({ service }) => service === 'redactor');
  const uploaders = snapshot.processes.filter(({ service }) => service === 'uploader');
  const gate = bucketGate(snapshot.processes);
  const queue = (label: string, name: QueueName, text = depthText(depth(name)), tone: Tone = 'plain'): Html =>
    station(label, text, worse(queueTone(depth(name)), tone), `/queues/queue/${name}`);
  const upload = `${depthText(depth(ARCHIVE_UPLOAD))}; uploaders: ${replicas(uploaders)}`;
  return html`<section class="card way archive" aria-labelledby="archive"><h2 id="archive">Conversation archives</h2><ol>
${queue('Planner', ARCHIVE_PLAN, planText(depth(ARCHIVE_PLAN)))}
${queue('Fetch', ARCHIVE_FETCH)}
${queue('Redact', ARCHIVE_REDACT, `${depthText(depth(ARCHIVE_REDACT))}; redactors: ${replicas(redactors)}`, toneOf(redactors))}
${queue('Upload', ARCHIVE_UPLOAD, upload, worse(toneOf(uploaders), gate?.isOpen === false ? 'bad' : 'plain'))}
${queue('Window', ARCHIVE_WINDOW, windowText(depth(ARCHIVE_WINDOW)))}
${queue('Compliance', ARCHIVE_COMPLIANCE)}
${queue('Notify', ARCHIVE_NOTIFY)}
</ol>${planLine(snapshot)}${gateLine(gate)}</section>`;
}

/** What is delayed in this queue is the next tick of the schedule. */
function planText(depth: QueueDepth | undefined): string {
  if (depth === undefined) return 'not known';
  if (depth.active > 0) return 'looking for windows';
  if (depth.waiting > 0) return `${count(depth.waiting)} waiting`;
  return depth.delayed > 0 ? 'scheduled' : 'no schedule';
}

function windowText(depth: QueueDepth | undefined): string {
  if (depth === undefined) return 'not known';
  const underWay = depth.waitingForOthers + depth.waiting + depth.delayed + depth.active;
  return `${count(underWay)} under way`;
}

function gateLine(gate: BucketGate | null): Html | null {
  if (gate === null) return null;
  const pill = gate.isOpen
    ? html`<span class="pill good">open</span>`
    : html`<span class="pill bad">shut</span>`;
  return html`<p class="remark gate">Bucket gate ${pill}${gate.remark === null ? null : html` <span class="quiet">${gate.remark}</span>`}</p>`;
}

/** Up to where every window is archived, as the planner last saw it. */
function planLine(snapshot: Snapshot): Html | null {
  const plan = planned(snapshot.processes);
  if (plan === null) return null;
  const upTo =
    plan.watermark === null
      ? 'No window is archived in order yet'
      : html`Every window up to ${moment(plan.watermark, snapshot.takenAt)} UTC is archived`;
  const open =
    plan.unfinished === 0
      ? 'none that is due is missing'
      : html`${count(plan.unfinished)} that ${plan.unfinished === 1 ? 'is' : 'are'} due ${plan.unfinished === 1 ? 'is' : 'are'} not done, the oldest ${known(plan.oldest, (id) => id)}`;
  return html`<p class="remark">${upTo}; ${open}.</p>`;
}
