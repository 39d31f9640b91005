/**
 * The archive oracle: what the simulator served against what lies in the bucket, and the search for personal data everywhere else.
 *
 * Nothing is sampled. Every conversation of every window is compared with its source, every digest is computed again, and every text
 * that the pipeline left anywhere is looked through.
 */
import {
  type Bucket,
  type ChainPlace,
  type ComplianceChain,
  type EncryptionChoice,
  type Manifest,
  Manifests,
  verifiedConversations,
  verifyArchive,
} from '@trunkline/archive-store';
import { type ArchiveDeadLetterJob, TrunklineError } from '@trunkline/contracts';
import { memberTexts } from '@trunkline/json-source';
import type { LedgerConversation, LedgerPersonalDatum, SimulatorControl } from '@trunkline/simulator';
import { type ArchiveVerdict, emptyVerdict } from './archive-verdict.ts';
import { judgeEvents } from './completion-verdict.ts';
import { freeDigits } from './free-digits.ts';
import { decodedStrings } from './json-lexemes.ts';
import { objectTexts, type PlacedText } from './places.ts';
import { redactionDifference } from './redaction-difference.ts';
import { type ServedWindow, servedWindows, windowKey } from './served-windows.ts';
import { WrittenValues } from './written-values.ts';

export interface ArchiveOracleParts {
  simulator: SimulatorControl;
  bucket: Bucket;
  chain: ComplianceChain;
  /** The last entry of the chain that Elasticsearch knows of; `null`: it has no copy. */
  witness: ChainPlace | null;
  /** What every object has to be encrypted with. */
  encryption: EncryptionChoice;
  /** Whether every window is told to the simulator's event bridge. */
  notifies: boolean;
  /** Those that wait for a person. */
  deadLetters: readonly ArchiveDeadLetterJob[];
  /** Whatever else the pipeline left anywhere: logs, Redis, stage files, Elasticsearch. */
  elsewhere: () => AsyncIterable<PlacedText>;
}

/** @throws where the simulator or the bucket does not answer */
export async function compareArchive(parts: ArchiveOracleParts): Promise<ArchiveVerdict> {
  const { simulator, bucket } = parts;
  const verdict = emptyVerdict();
  const manifests = await allManifests(bucket);
  const windows = await servedWindows(simulator, [...manifests.values()]);
  const data: LedgerPersonalDatum[] = [];
  for (const window of windows.values()) {
    const range = {
      from: window.from,
      to: window.to,
      ...(window.media === null ? {} : { media: window.media }),
    };
    for await (const datum of simulator.personalData({ ...range, distinct: true })) data.push(datum);
    await judgeWindow(parts, window, verdict);
  }
  verdict.windows = windows.size;
  await judgeChainAndDigests(parts, verdict);
  await judgeEncryption(parts, verdict);
  if (parts.notifies) judgeEvents(await simulator.completionEvents(), [...manifests.keys()], verdict);
  await findLeaks(parts, data, verdict);
  return verdict;
}

async function allManifests(bucket: Bucket): Promise<Map<string, Manifest>> {
  const manifests = new Manifests(bucket);
  const found = new Map<string, Manifest>();
  for await (const windowId of manifests.list(null)) {
    const stored = await manifests.read(windowId);
    if (stored !== null) found.set(windowId, stored.manifest);
  }
  return found;
}

interface Stored {
  id: string;
  text: string;
}

async function judgeWindow(
  { simulator, bucket, deadLetters }: ArchiveOracleParts,
  { from, to, media, manifest }: ServedWindow,
  verdict: ArchiveVerdict,
): Promise<void> {
  const stored = new Map<string, Stored[]>();
  for (const object of manifest?.objects ?? []) {
    for await (const { text } of soundConversations(bucket, object, verdict)) {
      const id = idOf(text);
      stored.set(id, [...(stored.get(id) ?? []), { id, text }]);
      verdict.stored += 1;
    }
  }
  const key = windowKey({ from, to, media });
  const letters = deadLetters.filter(
    ({ window }) => windowKey({ ...window, media: window.mediaTypes }) === key,
  );
  const waiting = new Set(letters.map(({ source }) => source.sha256));
  const erased = new Set(manifest?.erasures.flatMap(({ conversationIds }) => conversationIds));
  verdict.deadLettered += waiting.size;
  verdict.erased += erased.size;
  if (manifest !== null && manifest.counts.deadLettered !== waiting.size) {
    verdict.findings.push(
      `dead-letters-differ: the manifest of ${manifest.window.id} counts ${manifest.counts.deadLettered}, and ${waiting.size} wait`,
    );
  }
  const range = { from, to, ...(media === null ? {} : { media }), source: true };
  for await (const conversation of simulator.conversations(range)) {
    verdict.served += 1;
    const copies = conversation.conversationId === null ? undefined : stored.get(conversation.conversationId);
    judgeConversation(conversation, copies ?? [], { waiting, erased }, verdict);
    if (conversation.conversationId !== null) stored.delete(conversation.conversationId);
  }
  verdict.extra.push(...stored.keys());
}

function judgeConversation(
  { conversationId, startedAt, sha256, source = '' }: LedgerConversation,
  copies: readonly Stored[],
  { waiting, erased }: { waiting: ReadonlySet<string>; erased: ReadonlySet<string> },
  verdict: ArchiveVerdict,
): void {
  const name = conversationId ?? `what began at ${startedAt}`;
  const isElsewhere = waiting.has(sha256) || (conversationId !== null && erased.has(conversationId));
  if (copies.length === 0 && !isElsewhere) verdict.missing.push(name);
  if (copies.length + (isElsewhere ? 1 : 0) > 1) verdict.twice.push(name);
  for (const { text } of copies) {
    const difference = redactionDifference(source, text);
    if (difference !== null) verdict.altered.push(`${name}: ${difference}`);
  }
}

/** The conversations of an object; one whose bytes are not what the manifest says is told of by the verification. */
async function* soundConversations(
  bucket: Bucket,
  object: Manifest['objects'][number],
  verdict: ArchiveVerdict,
): AsyncGenerator<{ text: string }> {
  try {
    for await (const { text } of verifiedConversations(bucket, object)) yield { text: text.toString('utf8') };
    verdict.digestsVerified += 1;
  } catch (error) {
    if (!(error instanceof TrunklineError) || error.code !== 'ARCHIVE_OBJECT_ALTERED') throw error;
  }
}

function idOf(text: string): string {
  const members = memberTexts(text);
  const id: unknown = JSON.parse(members.get('conversationId') ?? members.get('id') ?? 'null');
  return String(id);
}

async function judgeChainAndDigests(
  { bucket, chain, witness }: ArchiveOracleParts,
  verdict: ArchiveVerdict,
): Promise<void> {
  const report = await verifyArchive(bucket, { fromDay: '0000-01-01', toDay: '9999-12-31', chain, witness });
  verdict.findings.push(...report.findings.map(({ kind, message }) => `${kind}: ${message}`));
  verdict.records = report.chainEntries;
  const successes = new Map<string, number>();
  for await (const { opened } of chain.read(1)) {
    if (opened.kind === 'altered') continue;
    const { recordId } = opened.entry.record;
    successes.set(recordId, (successes.get(recordId) ?? 0) + 1);
  }
  const manifests = await allManifests(bucket);
  for (const [windowId, { recordId }] of manifests) {
    if (successes.get(recordId) !== 1) verdict.unrecorded.push(windowId);
  }
  const indexes = [...manifests.values()].filter(({ index }) => index !== null);
  const spoilt = report.findings.filter(({ key }) => indexes.some(({ index }) => index?.key === key));
  verdict.digestsVerified += indexes.length - new Set(spoilt.map(({ key }) => key)).size;
}

async function judgeEncryption(
  { bucket, encryption }: ArchiveOracleParts,
  verdict: ArchiveVerdict,
): Promise<void> {
  for await (const { key } of bucket.list(bucket.keys.prefix)) {
    const facts = await bucket.head(key);
    if (facts === null) continue;
    verdict.objects += 1;
    const isRight =
      facts.encryption === encryption.algorithm &&
      (encryption.algorithm === 'AES256' ||
        encryption.keyId === null ||
        facts.kmsKeyId?.endsWith(encryption.keyId));
    if (!isRight) verdict.unencrypted.push(`${key}: ${facts.encryption ?? 'not encrypted'}`);
  }
}

/** In stored conversations nothing that the engine claims to find; anywhere else nothing personal at all. */
async function findLeaks(
  { bucket, elsewhere }: ArchiveOracleParts,
  data: readonly LedgerPersonalDatum[],
  verdict: ArchiveVerdict,
): Promise<void> {
  const all = WrittenValues.of(data);
  const unclaimed = data
    .filter(({ claimed }) => !claimed)
    .flatMap(({ places }) => places.map(({ text }) => text));
  const claimed = WrittenValues.of(data.filter((datum) => datum.claimed)).except(unclaimed);
  const allowed = unclaimed.join('\n').replace(/\D+/g, ' ');
  verdict.values = all.size;
  const report = (place: string, found: readonly string[]): void => {
    verdict.leaked.push(...found.map((what) => `${place}: ${what}`));
  };
  for await (const { place, text } of objectTexts(bucket)) {
    if (!place.startsWith(bucket.keys.archives(null))) {
      report(place, all.foundIn(text));
      continue;
    }
    report(place, claimed.foundIn(text));
    // As a reader sees it: behind escapes and in JSON within strings.
    const strings = decodedStrings(text).join('\n');
    report(place, claimed.foundIn(strings));
    report(
      place,
      freeDigits(strings)
        .filter((run) => !allowed.includes(run))
        .map((run) => `digits ${run}`),
    );
  }
  for await (const { place, text } of elsewhere()) report(place, all.foundIn(text));
}
