import { AsyncLocalStorage } from 'node:async_hooks';
import {
  getKmsClient,
  getLocalCryptographicMaterialsCache,
  type KeyringNode,
  type KMS,
  KmsKeyringNode,
  type KmsKeyringNodeInput,
  NodeCachingMaterialsManager,
} from '@aws-crypto/client-node';
import { TrunklineError } from '@trunkline/contracts';
import type { StageKey } from './stage-key.ts';

type ClientProvider = NonNullable<KmsKeyringNodeInput['clientProvider']>;
type Materials = NodeCachingMaterialsManager;

/**
 * The KMS key of PAYLOAD_KMS_KEY_ARN. It seals under that key; it opens what any key of the same account sealed that the
 * process may use, so that the key can be changed while windows are under way (and because a sealed part names its key by
 * ARN, where the setting may name an alias).
 *
 * Data keys are cached: one serves the parts of one window for five minutes at most, instead of one request to KMS a part.
 * @throws TrunklineError CONFIG_INVALID
 */
export function kmsStageKey(arn: string): { sealing: StageKey; opening: StageKey } {
  const [, partition, , region, account] = arn.split(':');
  if (partition === undefined || region === undefined || account === undefined) {
    throw new TrunklineError('CONFIG_INVALID', { message: 'PAYLOAD_KMS_KEY_ARN is not the ARN of a key.' });
  }
  const kms = new WatchedKms(arn);
  // The client's own answers have optional members where the interface has none: a difference of types only.
  const clientProvider: ClientProvider = (where) =>
    kms.client(where === '' ? region : where) as unknown as ReturnType<ClientProvider>;
  const ofKms = (materials: Materials): StageKey => ({
    kind: 2,
    id: Buffer.alloc(8),
    materials,
    run: (use) => kms.run(use),
  });
  return {
    sealing: ofKms(cached(new KmsKeyringNode({ generatorKeyId: arn, clientProvider }))),
    opening: ofKms(
      cached(
        new KmsKeyringNode({
          discovery: true,
          discoveryFilter: { accountIDs: [account], partition },
          clientProvider,
        }),
      ),
    ),
  };
}

function cached(keyring: KeyringNode): Materials {
  return new NodeCachingMaterialsManager({
    backingMaterials: keyring,
    cache: getLocalCryptographicMaterialsCache(1_000),
    maxAge: 300_000,
    maxMessagesEncrypted: 10_000,
  });
}

/** The SDK swallows what KMS answers to an opening: it is noted here on its way, for the use that it belongs to. */
class WatchedKms {
  readonly #arn: string;
  readonly #clients = new Map<string, KMS>();
  readonly #uses = new AsyncLocalStorage<{ refusal: unknown }>();

  constructor(arn: string) {
    this.#arn = arn;
  }

  client(region: string): KMS | false {
    const known = this.#clients.get(region);
    if (known !== undefined) return known;
    const kms = getKmsClient(region);
    if (kms === false) return false;
    kms.middlewareStack.add(
      (next) => async (args) => {
        try {
          return await next(args);
        } catch (error) {
          const use = this.#uses.getStore();
          if (use !== undefined) use.refusal = error;
          throw error;
        }
      },
      { step: 'initialize' },
    );
    this.#clients.set(region, kms);
    return kms;
  }

  async run<T>(use: () => Promise<T>): Promise<T> {
    const noted = { refusal: null as unknown };
    try {
      return await this.#uses.run(noted, use);
    } catch (error) {
      if (noted.refusal === null) throw error;
      throw this.#converted(noted.refusal);
    }
  }

  #converted(cause: unknown): TrunklineError {
    const { name, status } = answerOf(cause);
    if (status !== null && status >= 400 && status < 500 && !/throttl|limitexceeded/i.test(name)) {
      return new TrunklineError('PAYLOAD_KEY_UNKNOWN', {
        message: `KMS refused the stage's key ${this.#arn} (${name}).`,
        remedy:
          'Allow kms:GenerateDataKey and kms:Decrypt on it, and see that it is enabled; the job is tried again by itself.',
        cause,
      });
    }
    return new TrunklineError('STAGE_UNREACHABLE', {
      message: `KMS did not answer for the stage's key (${name}).`,
      remedy: 'The job is tried again by itself.',
      cause,
    });
  }
}

function answerOf(cause: unknown): { name: string; status: number | null } {
  if (!(cause instanceof Error)) return { name: 'unknown error', status: null };
  const metadata = (cause as { $metadata?: { httpStatusCode?: number } }).$metadata;
  return { name: cause.name, status: metadata?.httpStatusCode ?? null };
}
