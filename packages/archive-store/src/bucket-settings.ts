import {
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.ts';
import { codeOf, statusOf } from './foreign-error.ts';

/** What decides whether a bucket may be written to. All throw TrunklineError with an S3_ code. */
export interface BucketSettings {
  /** Default encryption, as S3 calls it; `null`: none. */
  encryption(signal?: AbortSignal): Promise<string | null>;
  /** S3's verdict on the policy; `null`: there is none; `unknown`: this S3 has no such question. */
  policyIsPublic(signal?: AbortSignal): Promise<boolean | null | 'unknown'>;
  policy(signal?: AbortSignal): Promise<string | null>;
  publicAccessBlock(
    signal?: AbortSignal,
  ): Promise<{ ignoresPublicAcls: boolean; blocksEverything: boolean } | null>;
  /** Whether the bucket's access list grants something to everybody. */
  aclIsPublic(signal?: AbortSignal): Promise<boolean>;
}

const limitMs = 15_000;
const everybody = /\/groups\/global\/(AllUsers|AuthenticatedUsers)$/;

export function bucketSettings(bucket: Bucket): BucketSettings {
  const { client, name } = bucket;
  const ask = <T>(action: string, absent: string[], signal: AbortSignal | undefined, send: Send<T>) =>
    bucket.ask<T | null>(action, null, signal, limitMs, async (abortSignal) => {
      try {
        return await send(abortSignal);
      } catch (error) {
        if (absent.includes(codeOf(error))) return null;
        throw error;
      }
    });
  return {
    encryption: async (signal) => {
      const absent = ['ServerSideEncryptionConfigurationNotFoundError'];
      const answer = await ask('s3:GetEncryptionConfiguration', absent, signal, (abortSignal) =>
        client.send(new GetBucketEncryptionCommand({ Bucket: name }), { abortSignal }),
      );
      const rules = answer?.ServerSideEncryptionConfiguration?.Rules ?? [];
      const chosen = rules.map((rule) => rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm);
      return chosen.find((algorithm) => algorithm !== undefined) ?? null;
    },
    policyIsPublic: (signal) =>
      bucket.ask('s3:GetBucketPolicyStatus', null, signal, limitMs, async (abortSignal) => {
        try {
          const command = new GetBucketPolicyStatusCommand({ Bucket: name });
          const answer = await client.send(command, { abortSignal });
          return answer.PolicyStatus?.IsPublic ?? false;
        } catch (error) {
          if (codeOf(error) === 'NoSuchBucketPolicy') return null;
          if (isNotThere(error)) return 'unknown';
          throw error;
        }
      }),
    policy: async (signal) => {
      const answer = await ask('s3:GetBucketPolicy', ['NoSuchBucketPolicy'], signal, (abortSignal) =>
        client.send(new GetBucketPolicyCommand({ Bucket: name }), { abortSignal }),
      );
      return answer?.Policy ?? null;
    },
    publicAccessBlock: (signal) =>
      bucket.ask('s3:GetBucketPublicAccessBlock', null, signal, limitMs, async (abortSignal) => {
        try {
          const command = new GetPublicAccessBlockCommand({ Bucket: name });
          const block = (await client.send(command, { abortSignal })).PublicAccessBlockConfiguration;
          return {
            ignoresPublicAcls: block?.IgnorePublicAcls === true,
            blocksEverything:
              block?.BlockPublicAcls === true &&
              block.IgnorePublicAcls === true &&
              block.BlockPublicPolicy === true &&
              block.RestrictPublicBuckets === true,
          };
        } catch (error) {
          if (codeOf(error) === 'NoSuchPublicAccessBlockConfiguration' || isNotThere(error)) return null;
          throw error;
        }
      }),
    aclIsPublic: async (signal) => {
      const answer = await ask('s3:GetBucketAcl', [], signal, (abortSignal) =>
        client.send(new GetBucketAclCommand({ Bucket: name }), { abortSignal }),
      );
      return (answer?.Grants ?? []).some((grant) => everybody.test(grant.Grantee?.URI ?? ''));
    },
  };
}

type Send<T> = (signal: AbortSignal) => Promise<T>;

/** How services beside AWS say that they do not know a question. */
function isNotThere(error: unknown): boolean {
  return (
    ['NotImplemented', 'MethodNotAllowed', 'XNotImplemented'].includes(codeOf(error)) ||
    statusOf(error) === 501
  );
}
