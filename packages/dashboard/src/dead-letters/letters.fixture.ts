/** Dead letters of both pipelines, as indexers and redactors leave them. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Keyring } from '@trunkline/claim-check';
import { openStage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  type ArchiveDeadLetterJob,
  archiveDeadLetterJobId,
  deadLetterJobId,
  type ErrorCode,
  sha256Hex,
} from '@trunkline/contracts';
import { DeadLetters, Elasticsearch, refresh } from '@trunkline/elasticsearch-sink';
import { archiveWindow } from '../archive-jobs.fixture.ts';
import { deadLetterJob, failedJob, startDashboard, type TestDashboard } from '../dashboard.fixture.ts';

/** What no page may show unasked. */
export const secrets = { user: 'Ada Lovelace', phone: '202 555 0143' } as const;

export interface Letters extends AsyncDisposable {
  readonly dashboard: TestDashboard;
  /** Without bodies, past the dashboard. */
  readonly index: DeadLetters;
  auditLetter(id: string, code?: ErrorCode, field?: string | null): Promise<string>;
  archiveLetter(place: number, code?: ErrorCode): Promise<string>;
}

/** A dashboard with a dead-letter index and a stage of its own. */
export async function startLetters(
  parts: { redisUrl: string; elasticsearchUrl: string },
  env: Record<string, string> = {},
): Promise<Letters> {
  const deadLetterIndex = `t${randomBytes(4).toString('hex')}-dead-letters`;
  const payloadKey = randomBytes(32);
  const folder = await mkdtemp(path.join(tmpdir(), 'trunkline-dashboard-'));
  const dashboard = await startDashboard(parts.redisUrl, {
    ELASTICSEARCH_URL: parts.elasticsearchUrl,
    DEAD_LETTER_INDEX: deadLetterIndex,
    PAYLOAD_KEY: payloadKey.toString('base64'),
    STAGE_URL: `file://${folder}`,
    ...env,
  });
  const unset = { cloudId: null, apiKey: null, username: null, password: null, caFile: null };
  const elasticsearch = new Elasticsearch({ urls: [parts.elasticsearchUrl], ...unset, timeoutMs: 30_000 });
  const index = new DeadLetters(elasticsearch, { deadLetterIndex, replicas: 0 }, new Keyring([payloadKey]));
  const stage = openStage({ url: `file://${folder}` }, [payloadKey], null);

  return {
    dashboard,
    index,
    async auditLetter(id, code = 'AUDIT_EVENT_REFUSED', field = 'context.clientIp') {
      const text = JSON.stringify({ id, userName: secrets.user, action: 'UPDATE', request: { a: 1 } });
      const letter = {
        stream: 'default',
        code,
        field,
        errorType: 'document_parsing_exception',
        eventId: id,
        digest: randomBytes(32).toString('hex'),
        deadLetteredAt: new Date().toISOString(),
        text,
      };
      const [letterId = ''] = await index.put([letter]);
      // A page that is looked at before the index shows it by itself would not have it until it is loaded anew.
      await refresh(elasticsearch, deadLetterIndex);
      const job = { ...deadLetterJob, deadLetterId: letterId, code, field };
      await failedJob(dashboard, 'audit-dead-letter', job, `${code}: It waits.`, deadLetterJobId(letterId));
      return letterId;
    },
    async archiveLetter(place, code = 'ARCHIVE_CONVERSATION_MALFORMED') {
      const ids = [archiveWindow.id, '0a1b2c3d4e5f', 'b00001', place] as const;
      const text = JSON.stringify({ conversationId: `c-${place}`, transcripts: [`call ${secrets.phone}`] });
      const source = await stage.write(stagePlaces.deadLetter(...ids), once(Buffer.from(text)));
      const job: ArchiveDeadLetterJob = {
        v: 1,
        window: archiveWindow,
        flow: ids[1],
        batch: ids[2],
        index: place,
        source: { ...source, sha256: sha256Hex.parse(source.sha256) },
        code,
        deadLetteredAt: new Date().toISOString(),
        storageClass: 'STANDARD_IA',
        traceId: 't',
      };
      await stage.putNote(stagePlaces.deadLetterNote(...ids), job);
      const id = archiveDeadLetterJobId(...ids);
      await failedJob(dashboard, 'archive-dead-letter', job, `${code}: It waits.`, id);
      return id;
    },
    async [Symbol.asyncDispose]() {
      await dashboard.close();
      const what = 'in a test';
      await elasticsearch.ask({ method: 'DELETE', path: `/${deadLetterIndex}`, what, accept: [404] });
      await elasticsearch[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
