/** Recomputes everything that can be recomputed about a range of the archive, and says what does not hold. */
import { organisationOfWindow, TrunklineError, type WindowRelease } from '@trunkline/contracts';
import type { Bucket } from './bucket.ts';
import { type ChainVerdict, judgeChain } from './chain-verdict.ts';
import type { ChainPlace, ComplianceChain } from './compliance-chain.ts';
import type { Finding } from './finding.ts';
import { readIndex } from './index-object.ts';
import { dayOf, formOf } from './keys.ts';
import { type Manifest, Manifests, type StoredManifest } from './manifest.ts';
import { verifiedConversations } from './object-reading.ts';

export interface VerifyRequest {
  /** Days of the windows' beginnings, both included, as `YYYY-MM-DD`. */
  fromDay: string;
  toDay: string;
  /** Whose windows: the chain is one for all; absent: the only organisation of the deployment. */
  organisation?: string;
  chain: ComplianceChain;
  /** The last entry of the chain that Elasticsearch knows of; `null`: it was not asked, or has none. */
  witness: ChainPlace | null;
  onWindow?: (windowId: string) => void;
}

export interface VerifyReport {
  windows: number;
  conversations: number;
  objects: number;
  bytes: number;
  chainEntries: number;
  /** Texts that conversations are without, as the manifests tell; their indexes are held against them. */
  missingTexts: number;
  /** Windows of which texts are missing, and why they went on without. */
  incomplete: { windowId: string; missingTexts: number; release: WindowRelease | null }[];
  /** Empty: everything holds. */
  findings: Finding[];
  /** What could not be proven, in sentences. */
  limits: string[];
}

/** @throws TrunklineError with an S3_ code where the bucket cannot be read: that is no verdict */
export async function verifyArchive(
  bucket: Bucket,
  request: VerifyRequest,
  signal?: AbortSignal,
): Promise<VerifyReport> {
  const manifests = new Manifests(bucket);
  // Manifests first: a window that is completed meanwhile is on record when the chain is read.
  const stored = new Map<string, StoredManifest | null>();
  const findings: Finding[] = [];
  for await (const windowId of manifests.list(request, signal)) {
    stored.set(windowId, await readable(manifests, windowId, findings, signal));
  }
  const chain = await judgeChain(request.chain, request.witness, signal);
  findings.push(...chain.findings);
  const report: VerifyReport = {
    windows: stored.size,
    conversations: 0,
    objects: 0,
    bytes: 0,
    chainEntries: chain.entries,
    missingTexts: 0,
    incomplete: [],
    findings,
    limits: limitsOf(chain, request.witness),
  };
  const named = new Set<string>();
  for (const [windowId, found] of stored) {
    if (found !== null) await verifyWindow(bucket, found, chain, report, named, signal);
    request.onWindow?.(windowId);
  }
  for (const windowId of chain.windows.keys()) {
    const day = dayOf(windowId);
    if (organisationOfWindow(windowId) !== (request.organisation ?? null)) continue;
    if (day < request.fromDay || day > request.toDay || stored.has(windowId)) continue;
    if ((await manifests.read(windowId, signal).catch(() => null)) !== null) continue; // completed meanwhile
    findings.push({
      kind: 'manifest-missing',
      key: bucket.keys.manifest(windowId),
      windowId,
      message: `The compliance record says that ${windowId} was archived, and its manifest is gone.`,
    });
  }
  await findUnnamed(bucket, request, stored, named, findings, signal);
  return report;
}

async function readable(
  manifests: Manifests,
  windowId: string,
  findings: Finding[],
  signal: AbortSignal | undefined,
): Promise<StoredManifest | null> {
  try {
    return await manifests.read(windowId, signal);
  } catch (error) {
    if (!(error instanceof TrunklineError) || error.code !== 'ARCHIVE_MANIFEST_UNREADABLE') throw error;
    findings.push({ kind: 'manifest-unreadable', key: null, windowId, message: error.message });
    return null;
  }
}

async function verifyWindow(
  bucket: Bucket,
  { manifest, key, sha256 }: StoredManifest,
  chain: ChainVerdict,
  report: VerifyReport,
  named: Set<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const windowId = manifest.window.id;
  const find = (kind: Finding['kind'], at: string | null, message: string): void => {
    report.findings.push({ kind, key: at, windowId, message });
  };
  const record = chain.windows.get(windowId);
  if (record?.hasSuccess !== true || record.checksum !== manifest.source.sha256) {
    find(
      'manifest-not-on-record',
      key,
      `No compliance record says that ${windowId} was archived from this source. One that is still on its queue (archive-compliance) will.`,
    );
  } else if (
    record.digests.get(manifest.revision) !== sha256 ||
    Math.max(...record.digests.keys()) > manifest.revision
  ) {
    find(
      'manifest-not-on-record',
      key,
      `${key} (revision ${manifest.revision}) is not the manifest that the compliance record names. A record that is still on its queue (archive-compliance) may.`,
    );
  }
  const lines = new Map<string, number>();
  let conversations = 0;
  for (const object of manifest.objects) {
    named.add(object.key);
    report.objects += 1;
    report.bytes += object.bytes;
    const count = await altered(find, object.key, 'object-altered', async () => {
      let read = 0;
      for await (const _ of verifiedConversations(bucket, object, signal)) read++;
      return read;
    });
    if (count === null) continue;
    lines.set(object.key, count);
    conversations += count;
    if (count !== object.conversations) {
      find(
        'count-differs',
        object.key,
        `${object.key} holds ${count} conversations, and its manifest says ${object.conversations}.`,
      );
    }
    if ((await bucket.head(object.key, undefined, signal))?.encryption === null) {
      find('object-unencrypted', object.key, `${object.key} is stored without encryption.`);
    }
  }
  report.conversations += conversations;
  const { missingTexts } = manifest.counts;
  if (missingTexts > 0) {
    report.missingTexts += missingTexts;
    report.incomplete.push({ windowId, missingTexts, release: manifest.release });
  }
  if (lines.size === manifest.objects.length && conversations !== manifest.counts.conversations) {
    find(
      'count-differs',
      key,
      `The objects of ${windowId} hold ${conversations} conversations, and its manifest says ${manifest.counts.conversations}.`,
    );
  }
  if (manifest.index !== null) {
    named.add(manifest.index.key);
    await altered(find, manifest.index.key, 'object-altered', () =>
      verifyIndex(bucket, manifest, find, signal),
    );
  }
  await findErased(bucket, manifest, find, signal);
}

type Find = (kind: Finding['kind'], at: string | null, message: string) => void;

async function altered<T>(
  find: Find,
  key: string,
  kind: Finding['kind'],
  read: () => Promise<T>,
): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof TrunklineError) || error.code !== 'ARCHIVE_OBJECT_ALTERED') throw error;
    find(kind, key, error.message);
    return null;
  }
}

/** Every conversation once, at a place that there is. */
async function verifyIndex(
  bucket: Bucket,
  manifest: Manifest,
  find: Find,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { index } = manifest;
  if (index === null) return;
  const objects = new Map(manifest.objects.map((object) => [object.key, object.conversations]));
  const places = new Set<string>();
  const ids = new Set<string>();
  let strays = 0;
  let missing = 0;
  for await (const { id, object, line, missingTexts } of readIndex(bucket, index, signal)) {
    const count = objects.get(object);
    const first = formOf(object).layout === 'guide' ? 1 : 0;
    if (count === undefined || line < first || line >= count + first) strays += 1;
    places.add(`${object} ${line}`);
    ids.add(id);
    missing += missingTexts;
  }
  const { conversations, missingTexts } = manifest.counts;
  if (missing !== missingTexts) {
    find(
      'count-differs',
      index.key,
      `The index of ${manifest.window.id} tells of ${missing} missing texts, and its manifest of ${missingTexts}.`,
    );
  }
  if (strays > 0 || places.size !== conversations || ids.size !== conversations) {
    find(
      'index-differs',
      index.key,
      `The index of ${manifest.window.id} names ${ids.size} conversations at ${places.size} places (${strays} of them are not there); its manifest says ${conversations}.`,
    );
  }
}

async function findErased(
  bucket: Bucket,
  manifest: Manifest,
  find: Find,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const key of manifest.erasures.flatMap(({ replaced }) => replaced)) {
    for await (const _ of bucket.versions(key, signal)) {
      find(
        'erased-object-stands',
        key,
        `${key} was replaced by an erasure and still stands there, or a version of it does: erase again.`,
      );
      break;
    }
  }
}

/** Objects of windows that are done, and of windows that nobody knows of; one that is under way has no manifest yet. */
async function findUnnamed(
  bucket: Bucket,
  { fromDay, toDay }: VerifyRequest,
  stored: ReadonlyMap<string, StoredManifest | null>,
  named: ReadonlySet<string>,
  findings: Finding[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { keys } = bucket;
  // What an erasure replaced is looked for by itself; what stands of a window's earlier fetch is kept by a lock.
  const replaced = new Set(
    [...stored.values()].flatMap((found) =>
      [...(found?.manifest.erasures ?? []), ...(found?.manifest.replacements ?? [])].flatMap(
        (one) => one.replaced,
      ),
    ),
  );
  const report = (key: string, windowId: string | null): void => {
    if (named.has(key) || replaced.has(key)) return;
    findings.push({
      kind: 'object-unnamed',
      key,
      windowId,
      message: `No manifest names ${key}: an attempt that was cut short left it, or somebody else put it there.`,
    });
  };
  for (const all of [keys.archives(null), keys.indexes(null)]) {
    for await (const { key } of bucket.list(all, `${all}dt=${fromDay}`, signal)) {
      // Ids of windows hold neither of what may stand behind them.
      const [, day, windowId] = /^dt=(\d{4}-\d\d-\d\d)\/([^/-]+)[/-]/.exec(key.slice(all.length)) ?? [];
      if (day !== undefined && day > toDay) break;
      if (day === undefined || windowId === undefined) continue;
      if (stored.get(windowId)) report(key, windowId);
    }
  }
  for await (const { key } of bucket.list(keys.archives(null), undefined, signal)) {
    const day = /^(\d{4}-\d\d-\d\d)\S*\.json$/.exec(key.slice(keys.archives(null).length))?.[1];
    if (day === undefined) break; // `dt=` sorts behind digits
    const isGuide = [...stored.values()].some(
      (found) => found?.manifest.layout === 'guide' && dayOf(found.manifest.window.id) === day,
    );
    if (isGuide && day >= fromDay && day <= toDay) report(key, null);
  }
}

function limitsOf(chain: ChainVerdict, witness: ChainPlace | null): string[] {
  const limits: string[] = [];
  if (chain.unknownKey > 0) {
    limits.push(
      `${chain.unknownKey} entries of the compliance chain were sealed with another TOKENIZATION_KEY: their links hold, whether somebody with access to the bucket rewrote them cannot be said.`,
    );
  }
  if (witness === null) {
    limits.push(
      'No copy of the chain outside the bucket was compared: failures on record that were cut off its end together with its head would not show.',
    );
  }
  return limits;
}
