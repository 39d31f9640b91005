/** What to do next to replace a key. Pure. */

/** `seals`: the first key; `opens`: one behind it; `not-set`: no key that is set. */
type KeyUse = 'seals' | 'opens' | 'not-set';

export interface PayloadKeyState {
  readonly keys: readonly { readonly id: string; readonly use: KeyUse }[];
  readonly deadLetters: readonly { readonly id: string; readonly letters: number; readonly use: KeyUse }[];
  /** Whether there are more than were looked at. */
  readonly moreDeadLetters: boolean;
  /** Batches on the queue, and in the spools of living fetchers. */
  readonly batches: number;
  readonly spooled: number;
  /** Jobs whose payload lies in the stage. */
  readonly archiveJobs: number;
}

export function payloadKeySteps(state: PayloadKeyState): string[] {
  const lost = state.deadLetters.filter(({ use }) => use === 'not-set');
  if (lost.length > 0) {
    return [
      `Put the key with the id ${lost.map(({ id }) => id).join(', ')} back, behind the present one: PAYLOAD_KEY=present,former. Without it these dead letters stay closed.`,
    ];
  }
  if (state.keys.length === 1) {
    return [
      'Make a key: openssl rand -base64 32. Keep it where the old one is kept.',
      'Set PAYLOAD_KEY=old,new for all processes and restart them: now all of them can open what the new one seals.',
      'Set PAYLOAD_KEY=new,old for all processes and restart them: now the new one seals.',
      'Run this command again: it tells when the old one may go.',
    ];
  }
  return [...whatNeedsOld(state), lastStep(state)];
}

function whatNeedsOld(state: PayloadKeyState): string[] {
  const letters = state.deadLetters.filter(({ use }) => use === 'opens');
  const all = letters.reduce((sum, one) => sum + one.letters, 0);
  return [
    ...(all === 0 && !state.moreDeadLetters
      ? []
      : [
          `${all} dead letters were sealed with an old key: queue them again (trunkline dead-letters requeue --all). A body that was indexed or discarded since is readable with the old key alone: keep it for as long as these are to be read.`,
        ]),
    ...(state.batches + state.spooled === 0
      ? []
      : [
          'Wait until queue and spools have been empty once since the restart: batches from before it need the old key.',
        ]),
    ...(state.archiveJobs === 0
      ? []
      : [
          'Wait until the windows that were under way at the restart are done, and conversations that could not be redacted are dealt with: they lie in the stage.',
        ]),
  ];
}

function lastStep(state: PayloadKeyState): string {
  const nothing = whatNeedsOld(state).length === 0;
  return `${nothing ? 'Nothing that waits needs an old key any more. Drop' : 'Then drop'} it: PAYLOAD_KEY=new for all processes, and restart them. Keep the old one with the backups of its time.`;
}

export function tokenizationKeySteps(keyId: string | null): string[] {
  return [
    'Read first: a new key makes other tokens. The same person has one token before and another after it, and `archive find` has to be run once with each key.',
    `Make a key: openssl rand -base64 48, and choose an id for it${keyId === null ? '' : `, another than ${keyId}`}: TOKENIZATION_KEY_ID stands in every token that it makes.`,
    'Let the archive come to rest: pause archive-plan (trunkline pause archive-plan), and wait until archive-redact, archive-upload and archive-compliance are empty.',
    'Set TOKENIZATION_KEY and TOKENIZATION_KEY_ID for all redactors and uploaders, restart them, and resume archive-plan.',
    'Keep the old key for good: `archive find`, `archive erase --phone` and `verify archive` need it for what was archived and recorded with it.',
  ];
}
