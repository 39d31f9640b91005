import { z } from 'zod';
import { httpUrl, optionalSetting, setting, yesOrNo } from './setting.ts';

const keyPart = z.string().regex(/^([\w!.*'()-]+\/)*$/, 'must be empty or end in /');

/** The archive's bucket. Credentials come by the AWS SDK's own chain (environment, profile, container, instance). */
export const s3Settings = {
  region: setting({
    env: 'AWS_REGION',
    schema: z.string().regex(/^[a-z0-9-]+$/, 'must be a region such as eu-central-1'),
    summary: "region of the archive's bucket",
  }),
  bucket: setting({
    env: 'S3_BUCKET',
    schema: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket'),
    summary: 'bucket of the archive; its default encryption must be AES256 or aws:kms',
  }),
  prefix: setting({
    env: 'S3_PREFIX',
    schema: keyPart,
    default: '',
    summary: 'start of every key of the archive, such as `acme/`',
  }),
  keyPrefix: setting({
    env: 'ARCHIVE_KEY_PREFIX',
    schema: keyPart,
    default: '',
    summary:
      'behind S3_PREFIX, start of the keys of windows (objects, indexes, manifests); compliance records stand before it',
  }),
  endpoint: optionalSetting({
    env: 'S3_ENDPOINT',
    schema: httpUrl,
    summary: 'another S3 service than AWS: its base URL',
  }),
  forcePathStyle: optionalSetting({
    env: 'S3_FORCE_PATH_STYLE',
    schema: yesOrNo,
    summary: 'bucket in the path instead of the host name; by default where S3_ENDPOINT is set',
  }),
} as const;
