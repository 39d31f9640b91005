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
  type ObjectFacts,
  verifiedConversations,
  verifyArchive,
} from '@trunkline/archive-store';
import { type ArchiveDeadLetterJob, TrunklineError } from '@trunkline/contracts';
import { memberTexts } from '@trunkline/json-source';
import type { LedgerConversation, LedgerPersonalDatum, SimulatorControl } from '@trunkline/simulator';
import { decodedStrings } from '../json-lexemes.ts';
import { type ArchiveVerdict, emptyVerdict } from './archive-verdict.ts';
import { judgeEvents } from './completion-verdict.ts';
import { freeDigits } from './free-digits.ts';
import { type KnownConversation, ledgerConversations, type ServedRendition } from './ledger-conversations.ts';
import { objectTexts, type PlacedText } from './places.ts';
import { redactionDifference } from './redaction-difference.ts';
import { type ServedWindow, servedWindows, windowKey } from './served-windows.ts';
import { spokenTexts, wordsDifference } from './spoken-words.ts';
import { tokenDifferences } from './token-difference.ts';
import { WrittenValues } from './written-values.ts';

export interface ArchiveOracleParts {
  simulator: SimulatorControl;
  bucket: Bucket;
  chain: ComplianceChain;
  /** As what the conversations were served. */
  rendition: ServedRendition;
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
  const { simulator, bucket, rendition } = parts;
  const verdict = emptyVerdict();
  const manifests = await allManifests(bucket);
  const windows = await servedWindows(simulator, [...manifests.values()], rendition.contract === 'guide');
  const data: LedgerPersonalDatum[] = [];
  for (const window of windows.values()) {
    const range = {
      from: window.from,
      to: window.to,
      ...(window.media === null ? {} : { media: window.media }),
    };
    const wanted =
      rendition.contract === 'guide'
        ? {}
        : { contract: rendition.contract, attributes: rendition.attributes !== false };
    for await (const datum of simulator.personalData({ ...range, ...wanted, distinct: true })) {
      data.push(datum);
    }
    await judgeWindow(parts, window, verdict);
  }
  verdict.windows = windows.size;
  await judgeChainAndDigests(parts, manifests, verdict);
  if (parts.notifies) {
    const archived = new Map([...manifests].map(([id, { replacements }]) => [id, 1 + replacements.length]));
    judgeEvents(await simulator.completionEvents(), archived, verdict);
  }
  const recordIds = await searchBucket(parts, data, verdict);
  for (const [windowId, { recordId }] of manifests) {
    if (recordIds.filter((id) => id === recordId).length !== 1) verdict.unrecorded.push(windowId);
  }
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
  { simulator, bucket, deadLetters, rendition }: ArchiveOracleParts,
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
  const range = { from, to, ...(media === null ? {} : { media }) };
  for await (const known of ledgerConversations(simulator, range, rendition)) {
    const { conversation } = known;
    verdict.served += 1;
    const copies = conversation.conversationId === null ? undefined : stored.get(conversation.conversationId);
    judgeConversation(known, copies ?? [], { waiting, erased }, verdict);
    const { tokenizationKey } = rendition;
    if (tokenizationKey !== undefined) {
      for (const { text } of copies ?? []) judgeTokens(conversation, text, tokenizationKey, verdict);
    }
    if (conversation.conversationId !== null) stored.delete(conversation.conversationId);
  }
  verdict.extra.push(...stored.keys());
}

function judgeConversation(
  { conversation: { conversationId, startedAt, sha256 }, sources }: KnownConversation,
  copies: readonly Stored[],
  { waiting, erased }: { waiting: ReadonlySet<string>; erased: ReadonlySet<string> },
  verdict: ArchiveVerdict,
): void {
  const name = conversationId ?? `what began at ${startedAt}`;
  const isElsewhere = waiting.has(sha256) || (conversationId !== null && erased.has(conversationId));
  if (copies.length === 0 && !isElsewhere) verdict.missing.push(name);
  if (copies.length + (isElsewhere ? 1 : 0) > 1) verdict.twice.push(name);
  for (const { text } of copies) {
    const differences = sources.map((source) => differenceOf(source, text));
    if (!differences.includes(null)) verdict.altered.push(`${name}: ${differences.join('; or ')}`);
  }
}

function differenceOf(source: string, redacted: string): string | null {
  const difference = redactionDifference(source, redacted);
  if (difference !== null || !source.includes('"words":[')) return difference;
  return wordsDifference(source, redacted);
}

function judgeTokens(
  conversation: LedgerConversation,
  redacted: string,
  tokenizationKey: string | Buffer,
  verdict: ArchiveVerdict,
): void {
  for (const difference of tokenDifferences(conversation, redacted, tokenizationKey)) {
    verdict.mistokened.push(`${conversation.conversationId}: ${difference}`);
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
  manifests: ReadonlyMap<string, Manifest>,
  verdict: ArchiveVerdict,
): Promise<void> {
  const report = await verifyArchive(bucket, {
    fromDay: '0000-01-01',
    toDay: '9999-12-31',
    chain,
    witness,
  });
  verdict.findings.push(...report.findings.map(({ kind, message }) => `${kind}: ${message}`));
  verdict.records = report.chainEntries;
  const spoilt = new Set(report.findings.map(({ key }) => key));
  for (const { index } of manifests.values()) {
    if (index !== null && !spoilt.has(index.key)) verdict.digestsVerified += 1;
  }
}

/**
 * Looks through every object, and then everywhere else: in stored conversations nothing may stand that the engine claims to find,
 * anywhere else nothing personal at all.
 * @returns the ids of the records in the compliance chain
 */
async function searchBucket(
  { bucket, elsewhere, encryption }: ArchiveOracleParts,
  data: readonly LedgerPersonalDatum[],
  verdict: ArchiveVerdict,
): Promise<string[]> {
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
  const recordIds: string[] = [];
  const { keys } = bucket;
  for await (const { key, text, facts } of objectTexts(bucket)) {
    verdict.objects += 1;
    if (!isEncryptedBy(encryption, facts)) {
      verdict.unencrypted.push(`${key}: ${facts.encryption ?? 'not encrypted'}`);
    }
    if (key.startsWith(keys.complianceRecords)) recordIds.push(recordIdOf(text));
    if (key.startsWith(keys.archives(null))) {
      // As a reader sees it, too: behind escapes and in JSON within strings.
      const strings = decodedStrings(text).join('\n');
      const digits = freeDigits(strings).filter((run) => !allowed.includes(run));
      const spoken = claimed.foundIn(spokenTexts(text).join('\n'));
      const found = [...claimed.foundIn(text), ...claimed.foundIn(strings), ...spoken, ...digits];
      report(key, [...new Set(found)]);
    } else report(key, all.foundIn(`${key}\n${text}`));
  }
  for await (const { place, text } of elsewhere()) report(place, all.foundIn(text));
  return recordIds;
}

function isEncryptedBy(choice: EncryptionChoice, { encryption, kmsKeyId }: ObjectFacts): boolean {
  if (encryption !== choice.algorithm) return false;
  // Asked for by id, it is answered by its ARN.
  return choice.algorithm === 'AES256' || choice.keyId === null || kmsKeyId?.endsWith(choice.keyId) === true;
}

function recordIdOf(entry: string): string {
  try {
    return (JSON.parse(entry) as { record: { recordId: string } }).record.recordId;
  } catch {
    return ''; // the verification tells of it
  }
}
