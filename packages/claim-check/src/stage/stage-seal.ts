import { once } from 'node:events';
import { crc32 } from 'node:zlib';
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  type MessageHeader,
} from '@aws-crypto/client-node';
import { TrunklineError } from '@trunkline/contracts';
import { release } from './release.ts';
import { type StageKey, stageScope } from './stage-key.ts';

/**
 * Seals parts of the stage and opens them again, with the AWS Encryption SDK.
 *
 * A sealed part: a header of 14 bytes (version 1; kind of key; 8 bytes of the key's id; CRC-32 of all the rest), then one
 * message of the SDK: committing suite without signature, frames of 256 KiB. Its plain text begins with the part's own name;
 * its encryption context holds the part's place (the window), so that a data key of KMS serves a window's parts, and KMS's own
 * log tells which window was opened. The CRC tells damage from a key that is not here; what a forger changes fails in the SDK.
 *
 * The SDK works frame by frame and gives the event loop its turn between frames: no turn is longer than a few ms.
 */
export class StageSeal {
  readonly #sealing: StageKey;
  readonly #opening: readonly StageKey[];

  /** @param sealing the key that seals; @param opening every key that opens, `sealing` among them */
  constructor(sealing: StageKey, opening: readonly StageKey[]) {
    this.#sealing = sealing;
    this.#opening = opening;
  }

  /** @throws TrunklineError PAYLOAD_KEY_UNKNOWN, STAGE_UNREACHABLE where KMS refuses or is away */
  async seal(name: string, plain: Uint8Array): Promise<Buffer> {
    const key = this.#sealing;
    const own = Buffer.from(`${name}\n`, 'utf8');
    const frames = Math.floor((own.length + plain.length) / frameBytes) + 1;
    const sealed = Buffer.allocUnsafeSlow(
      headerBytes + messageHeaderBytes + frames * perFrameBytes + own.length + plain.length,
    );
    const end = await key.run(() => {
      const stream = sdk.encryptStream(key.materials, {
        suiteId: AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
        encryptionContext: { purpose: 'trunkline stage', scope: stageScope(name) },
        frameLength: frameBytes,
      });
      return pump(stream, pieces(own, plain), sealed, headerBytes);
    });
    writeHeader(sealed, key, end);
    return sealed.subarray(0, end);
  }

  /**
   * @throws TrunklineError STAGE_BLOB_UNREADABLE where the part was cut, altered or moved, PAYLOAD_KEY_UNKNOWN where no key of
   * ours sealed it or KMS refuses, STAGE_UNREACHABLE where KMS is away
   */
  async open(name: string, sealed: Buffer): Promise<Buffer> {
    if (
      sealed.length < headerBytes ||
      sealed[0] !== version ||
      checksum(sealed) !== sealed.readUInt32BE(10)
    ) {
      throw unreadable(name);
    }
    const [kind, id] = [sealed[1], sealed.subarray(2, 10)];
    const key = this.#opening.find((candidate) => candidate.kind === kind && candidate.id.equals(id));
    if (key === undefined) throw unknownKey(name, kind === 2 ? null : id.toString('hex'));
    let context: Readonly<Record<string, string>> = {};
    const plain = Buffer.allocUnsafeSlow(sealed.length);
    let end: number;
    try {
      end = await key.run(() => {
        const stream = sdk.decryptUnsignedMessageStream(key.materials, { maxBodySize: frameBytes });
        stream.once('MessageHeader', (header: MessageHeader) => {
          context = header.encryptionContext;
        });
        return pump(stream, pieces(sealed.subarray(headerBytes)), plain, 0);
      });
    } catch (cause) {
      if (cause instanceof TrunklineError) throw cause;
      throw unreadable(name, cause);
    }
    const own = Buffer.from(`${name}\n`, 'utf8');
    const isWhole =
      context['scope'] === stageScope(name) && end >= own.length && plain.subarray(0, own.length).equals(own);
    if (!isWhole) throw unreadable(name);
    return plain.subarray(own.length, end);
  }
}

const sdk = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);

/** Frames of 64 KiB cost half the speed; larger ones gain nothing and hold the event loop longer. */
const frameBytes = 262_144;
const version = 1;
const headerBytes = 14;
/** More than the SDK's header with our context and one data key of KMS takes. */
const messageHeaderBytes = 8_192;
/** Sequence number, nonce, tag and, of the last frame, mark and length. */
const perFrameBytes = 40;

function writeHeader(sealed: Buffer, key: StageKey, end: number): void {
  sealed[0] = version;
  sealed[1] = key.kind;
  key.id.copy(sealed, 2);
  sealed.writeUInt32BE(checksum(sealed.subarray(0, end)), 10);
}

function checksum(sealed: Buffer): number {
  return crc32(sealed.subarray(headerBytes), crc32(sealed.subarray(0, 10)));
}

function* pieces(...wholes: Uint8Array[]): Generator<Uint8Array> {
  for (const whole of wholes) {
    for (let at = 0; at < whole.length; at += frameBytes) yield whole.subarray(at, at + frameBytes);
  }
}

/** Sends pieces through a stream of the SDK into a buffer that is large enough. @returns where it ends */
async function pump(
  stream: ReturnType<typeof sdk.encryptStream>,
  source: Iterable<Uint8Array>,
  target: Buffer,
  from: number,
): Promise<number> {
  let at = from;
  const ended = new Promise<void>((resolve, reject) => {
    stream.on('data', (piece: Buffer) => {
      at += piece.copy(target, at);
      release(piece);
    });
    stream.once('end', resolve);
    stream.on('error', reject); // the SDK tells some of its errors twice
  });
  const fed = (async () => {
    for (const piece of source) {
      if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), ended]);
    }
    stream.end();
  })();
  try {
    await Promise.all([ended, fed]);
  } catch (error) {
    stream.destroy();
    throw error;
  }
  return at;
}

export function unreadable(name: string, cause?: unknown): TrunklineError {
  return new TrunklineError('STAGE_BLOB_UNREADABLE', {
    message: `${name} in the stage does not open: it was cut, altered or moved.`,
    remedy:
      'Retry archive-fetch of its window; a second time, look for what writes to the stage besides Trunkline.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function unknownKey(name: string, id: string | null): TrunklineError {
  return new TrunklineError('PAYLOAD_KEY_UNKNOWN', {
    message:
      id === null
        ? `${name} in the stage was sealed with a KMS key, and PAYLOAD_KMS_KEY_ARN is not set.`
        : `${name} in the stage was sealed with a key (${id}) that PAYLOAD_KEY does not hold.`,
    remedy:
      id === null
        ? 'Set PAYLOAD_KMS_KEY_ARN; the job is tried again by itself.'
        : 'Add the former key behind the present one in PAYLOAD_KEY; the job is tried again by itself.',
  });
}
