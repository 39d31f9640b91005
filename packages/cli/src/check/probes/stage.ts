import { openS3, type S3Settings } from '@trunkline/archive-store';
import { openStage } from '@trunkline/claim-check/stage';
import { ok, type Probe } from '../probe.ts';

export interface StageWanted {
  readonly url: string;
  readonly kmsKeyArn: string | null;
  readonly payloadKeys: readonly Buffer[];
  /** How S3 is reached, where the stage is a bucket. */
  readonly s3: S3Settings;
}

export function stageProbe(
  { url, kmsKeyArn, payloadKeys, s3 }: StageWanted,
  opened: AsyncDisposableStack,
  needs: readonly string[],
): Probe {
  return {
    name: 'stage',
    needs,
    attempt: async () => {
      const client = url.startsWith('s3:') ? opened.adopt(openS3(s3), (open) => open.destroy()) : null;
      await openStage({ url, kmsKeyArn }, payloadKeys, client).check();
      return ok(`${url} can be written to`);
    },
  };
}
