/** The state of both pipelines on a terminal: what is wrong and what to do first, then the figures. Pure. */
import { ARCHIVE_DEAD_LETTER, AUDIT_DEAD_LETTER, heartbeatTtlMs, type QueueName } from '@trunkline/contracts';
import {
  archiveInUse,
  auditInUse,
  bucketGate,
  bytes,
  count,
  type DeadLettersByCode,
  dollars,
  type Finding,
  indexGate,
  type Picture,
  type Place,
  planned,
  type Verdict,
} from '@trunkline/overview';
import { printable, table } from '../terminal/text.ts';
import { ago, known, utc } from './figures.ts';
import { streamTable } from './stream-table.ts';

export function statusText(picture: Picture, verdict: Verdict): string {
  const sections = [
    headline(picture, verdict),
    verdict.findings.map(findingText).join('\n\n'),
    auditInUse(picture) ? titled('Audit streams', streamTable(picture)) : '',
    titled('Safeguards', safeguards(picture)),
    titled('Queues', queueTable(picture)),
    titled('Dead letters', deadLetters(picture)),
    archiveInUse(picture) ? titled('Last windows of the archive', windowTable(picture)) : '',
    titled('Processes', processTable(picture)),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function headline({ takenAt }: Picture, { level, findings }: Verdict): string {
  const [worst] = findings;
  const said =
    level === 'good' || worst === undefined
      ? 'All is well.'
      : `${level === 'bad' ? 'WRONG' : 'LOOK'}: ${worst.title}${findings.length === 1 ? '' : ` (and ${count(findings.length - 1)} more)`}`;
  return `${printable(said)}  ${utc(takenAt)} UTC`;
}

function findingText({ level, title, detail, remedy, place }: Finding): string {
  const command = place === null ? null : commandOf(place);
  return [
    `${level === 'bad' ? 'wrong' : 'look '}  ${printable(title)}`,
    ...(detail === null ? [] : [`       ${printable(detail, 600)}`]),
    ...(remedy === null ? [] : [`       do: ${printable(remedy, 600)}`]),
    ...(command === null ? [] : [`       run: ${command}`]),
  ].join('\n');
}

/** What to type where a page has a link. */
function commandOf(place: Place): string | null {
  switch (place.kind) {
    case 'queue':
      return place.status === null
        ? `trunkline resume ${place.queue}`
        : `trunkline retry ${place.queue} --all`;
    case 'dead-letters':
      return place.pipeline === 'audit'
        ? 'trunkline dead-letters list'
        : 'trunkline archive dead-letters list';
    case 'window': // its finding names the command, which wants a reason
    case 'processes':
      return null;
    default:
      return place satisfies never;
  }
}

function titled(title: string, body: string): string {
  return `${title}\n${body
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')}`;
}

function safeguards(picture: Picture): string {
  const { processes, streams, takenAt } = picture;
  const gate = indexGate(processes);
  const bucket = bucketGate(processes);
  const pausedUntil = Math.max(0, ...streams.map((stream) => stream.pausedUntil ?? 0));
  const spool = streams.map(({ spoolBatches }) => spoolBatches).filter((batches) => batches !== null);
  const plan = planned(processes);
  const rows = [
    [
      'gate to Elasticsearch',
      known(gate?.isOpen ?? null, (open) => (open ? 'open' : `shut (${gate?.reason ?? 'no reason told'})`)),
    ],
    ['circuit breaker', known(gate?.breaker ?? null, String)],
    ['throttle', pausedUntil > takenAt ? `paused by Genesys until ${utc(pausedUntil)}` : 'no pause'],
    ['spool', spool.length === 0 ? '?' : `${count(spool.reduce((all, one) => all + one, 0))} batches`],
    ...(archiveInUse(picture)
      ? [
          [
            'bucket gate',
            bucket === null
              ? '?'
              : `${bucket.isOpen ? 'open' : 'shut'}${bucket.remark === null ? '' : ` (${printable(bucket.remark)})`}`,
          ],
          [
            'archived up to',
            plan === null
              ? '?'
              : `${plan.watermark === null ? 'nothing in order yet' : utc(plan.watermark)}, ${count(plan.unfinished)} due and not done`,
          ],
        ]
      : []),
  ];
  return table(rows);
}

function queueTable({ queues }: Picture): string {
  const head = ['QUEUE', 'WAITING', 'ACTIVE', 'DELAYED', 'FAILED', 'FOR OTHERS', ''];
  const rows = queues.map((queue) => [
    queue.name,
    count(queue.waiting),
    count(queue.active),
    count(queue.delayed),
    count(queue.failed),
    count(queue.waitingForOthers),
    queue.paused ? 'paused' : '',
  ]);
  return table([head, ...rows]);
}

function deadLetters({ deadLetters: { audit, archive } }: Picture): string {
  return [...byCode(AUDIT_DEAD_LETTER, audit), ...byCode(ARCHIVE_DEAD_LETTER, archive)].join('\n');
}

function byCode(queue: QueueName, letters: DeadLettersByCode | null): string[] {
  const what = queue === AUDIT_DEAD_LETTER ? 'audit events' : 'conversations';
  if (letters === null) return [`${what}: ?`];
  if (letters.counts.length === 0) return [`${what}: none`];
  const of = letters.ofNewest === null ? '' : ` (of the newest ${count(letters.ofNewest)})`;
  return [
    `${what}${of}: ${letters.counts.map(({ code, count: some }) => `${count(some)} ${code}`).join(', ')}`,
  ];
}

function windowTable({ archive }: Picture): string {
  const head = [
    'WINDOW',
    'STATUS',
    'CONVERSATIONS',
    'MISSING TEXTS',
    'BYTES',
    'USD A MONTH',
    'DIGEST',
    'RECORD',
    'AT',
  ];
  const rows = archive.windows.map((window) => [
    printable(window.windowId),
    window.status === 'SUCCESS' ? 'archived' : 'failed',
    known(window.conversations, count),
    known(window.missingTexts, count),
    known(window.bytes, bytes),
    known(window.cost, dollars),
    known(window.integrity, String),
    window.status === 'FAILURE' ? '-' : known(window.record, String),
    utc(Date.parse(window.at)),
  ]);
  const failed = archive.failedSteps.map(
    ({ windowId, queue, code }) =>
      `${printable(windowId)}: a job of ${queue} stands failed (${code ?? 'unforeseen'})`,
  );
  const waiting = archive.heldBack.map(
    ({ windowId, why, since, until }) =>
      `${printable(windowId)}: held back since ${since}, looked at again at ${until}. ${printable(why, 300)}`,
  );
  return [...(rows.length === 0 ? ['none yet'] : [table([head, ...rows])]), ...failed, ...waiting].join('\n');
}

function processTable({ processes, takenAt }: Picture): string {
  if (processes.length === 0) return `none was heard within ${heartbeatTtlMs / 1_000} s`;
  const head = ['KIND', 'VERSION', 'HOST', 'PID', 'READY', 'LAST HEARD'];
  const rows = processes.map((process) => [
    printable(process.service),
    printable(process.version),
    printable(process.host),
    String(process.pid),
    process.live ? (process.ready ? 'yes' : 'no') : 'hangs',
    ago(Date.parse(process.beatAt), takenAt),
  ]);
  return table([head, ...rows]);
}
