import type { Buffer } from 'node:buffer';
import { hkdfSync } from 'node:crypto';
import type { NodeCachingMaterialsManager } from '@aws-crypto/client-node';
import { type KeyringNode, RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from '@aws-crypto/client-node';
import { payloadKeyId } from '../keyring.ts';

/** A key that seals or opens parts of the stage. */
export interface StageKey {
  /** As written in a sealed part: 1 a key of PAYLOAD_KEY, 2 a key of KMS. */
  readonly kind: 1 | 2;
  /** 8 bytes; of KMS keys zeros, because the message itself tells which one. */
  readonly id: Buffer;
  readonly materials: KeyringNode | NodeCachingMaterialsManager;
  /** Runs one use of the key, and turns what the key's keeper refused into our errors. */
  run<T>(use: () => Promise<T>): Promise<T>;
}

/**
 * What a data key serves: the first two parts of a name (`windows/BATCH_20261121`), or a shorter name whole.
 */
export function stageScope(name: string): string {
  return name.split('/', 2).join('/');
}

/** A key of PAYLOAD_KEY. The stage's wrapping key is derived from it, so that it is not the one that seals audit payloads. */
export function rawStageKey(payloadKey: Buffer): StageKey {
  const id = payloadKeyId(payloadKey);
  const wrapping = new Uint8Array(hkdfSync('sha256', payloadKey, '', 'trunkline stage', 32));
  return {
    kind: 1,
    id,
    materials: new RawAesKeyringNode({
      keyNamespace: 'trunkline',
      keyName: id.toString('hex'),
      unencryptedMasterKey: wrapping,
      wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    }),
    run: (use) => use(),
  };
}
