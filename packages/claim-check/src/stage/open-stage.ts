import { fileURLToPath } from 'node:url';
import type { S3Client } from '@aws-sdk/client-s3';
import { TrunklineError } from '@trunkline/contracts';
import { FileDriver } from './file-driver.ts';
import { kmsStageKey } from './kms-stage-key.ts';
import { S3Driver } from './s3-driver.ts';
import { SealedStage } from './sealed-stage.ts';
import type { Stage, StageDriver } from './stage.ts';
import { rawStageKey } from './stage-key.ts';
import { StageSeal } from './stage-seal.ts';

/** What of the configuration the stage reads: STAGE_URL and PAYLOAD_KMS_KEY_ARN. */
export interface StagePlace {
  readonly url: string;
  readonly kmsKeyArn?: string | null | undefined;
}

/**
 * The stage that the settings name. Nothing is read or written yet.
 * @param payloadKeys PAYLOAD_KEY: where no KMS key is set the first seals; all open
 * @param s3 needed where the URL is one of `s3:`; stays its owner's
 * @throws TrunklineError CONFIG_INVALID
 */
export function openStage(place: StagePlace, payloadKeys: readonly Buffer[], s3: S3Client | null): Stage {
  const raw = payloadKeys.map(rawStageKey);
  const kms = typeof place.kmsKeyArn === 'string' ? kmsStageKey(place.kmsKeyArn) : null;
  const sealing = kms?.sealing ?? raw[0];
  if (sealing === undefined) throw invalid('PAYLOAD_KEY holds no key, and PAYLOAD_KMS_KEY_ARN is not set.');
  const seal = new StageSeal(sealing, kms === null ? raw : [kms.opening, ...raw]);
  return new SealedStage(driverOf(place.url, s3), seal);
}

function driverOf(url: string, s3: S3Client | null): StageDriver {
  const { protocol, host, pathname } = new URL(url);
  switch (protocol) {
    case 'file:':
      return new FileDriver(fileURLToPath(url));
    case 's3:': {
      if (s3 === null) throw invalid('STAGE_URL names a bucket, and no S3 client was given.');
      const path = pathname.replace(/^\/+|\/+$/g, '');
      return new S3Driver(s3, host, path === '' ? '' : `${path}/`);
    }
    default:
      throw invalid('STAGE_URL must begin with file:// or s3://.');
  }
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('CONFIG_INVALID', { message });
}
