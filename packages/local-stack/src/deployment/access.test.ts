import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** The rights that are asked for in deploy/access are those of the calls that the code makes: no fewer, and no more. */

const root = path.join(import.meta.dirname, '../../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const access = <T>(file: string): T => JSON.parse(read(`deploy/access/${file}`)) as T;

interface Policy {
  Statement: { Sid: string; Effect: string; Action: string | string[]; Resource: string | string[] }[];
}

/** What users run of a package: neither tests nor what only they need. */
function* sourcesOf(...packages: string[]): Generator<string> {
  for (const name of packages) {
    const folder = path.join('packages', name, 'src');
    for (const file of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file)) yield read(path.join(folder, file));
    }
  }
}

function found(pattern: RegExp, ...packages: string[]): Set<string> {
  const all = [...sourcesOf(...packages)].flatMap((text) => [...text.matchAll(pattern)]);
  return new Set(all.map(([, what]) => what ?? ''));
}

/** What each call of S3 needs; a call that is not here fails the test until its rights are thought of. */
const s3Rights: Record<string, string[]> = {
  AbortMultipartUpload: ['s3:AbortMultipartUpload'],
  CompleteMultipartUpload: ['s3:PutObject'],
  CreateMultipartUpload: ['s3:PutObject'],
  DeleteObject: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  DeleteObjects: ['s3:DeleteObject'],
  GetBucketAcl: ['s3:GetBucketAcl'],
  GetBucketEncryption: ['s3:GetEncryptionConfiguration'],
  GetBucketPolicy: ['s3:GetBucketPolicy'],
  GetBucketPolicyStatus: ['s3:GetBucketPolicyStatus'],
  GetObject: ['s3:GetObject'],
  GetObjectLegalHold: ['s3:GetObjectLegalHold'],
  GetObjectRetention: ['s3:GetObjectRetention'],
  GetPublicAccessBlock: ['s3:GetBucketPublicAccessBlock'],
  HeadBucket: ['s3:ListBucket'],
  // Tells retention and legal hold only to who may read them; without ListBucket an absent object looks forbidden.
  HeadObject: ['s3:GetObject', 's3:GetObjectRetention', 's3:GetObjectLegalHold', 's3:ListBucket'],
  ListObjectVersions: ['s3:ListBucketVersions'],
  ListObjectsV2: ['s3:ListBucket'],
  PutObject: ['s3:PutObject'],
  UploadPart: ['s3:PutObject'],
};

test('the IAM policy allows what is asked of S3', () => {
  const commands = found(
    /new ([A-Z][A-Za-z0-9]+)Command\(/g,
    'archive-store',
    'claim-check',
    'uploader',
    'fetcher',
    'cli',
    'dashboard',
  );
  expect(commands.size).toBeGreaterThan(8);
  expect([...commands].filter((command) => s3Rights[command] === undefined)).toEqual([]);
  const needed = new Set([...commands].flatMap((command) => s3Rights[command] ?? []));
  const statements = access<Policy>('iam-policy.json').Statement;
  const allowed = statements.flatMap(({ Action }) => Action).filter((action) => action.startsWith('s3:'));
  expect([...allowed].sort()).toEqual([...needed].sort());
});

test('no right is given on everything', () => {
  for (const { Action, Resource } of access<Policy>('iam-policy.json').Statement) {
    for (const action of [Action].flat()) expect(action).not.toContain('*');
    for (const resource of [Resource].flat()) expect(resource).not.toBe('*');
  }
});

/** What each call of Elasticsearch needs, by its path; `*` stands for a name. */
const elasticsearchRights: Record<string, string[]> = {
  '/_bulk': ['index', 'create_index'],
  '/*/_bulk': ['index', 'create_index'],
  '/_cluster/health': ['cluster:monitor', 'monitor'],
  '/_cluster/state/blocks/*': ['cluster:monitor'],
  '/_mget': ['read'],
  '/*/_mget': ['read'],
  '/_pit': ['read'],
  '/*/_pit': ['read'],
  '/_search': ['read'],
  '/*/_search': ['read'],
  '/*/_count': ['read'],
  '/*/_doc/*': ['read', 'index'],
  '/*/_refresh': ['maintenance'],
  '/*/_mapping': ['manage', 'view_index_metadata'],
  '/*/_settings': ['manage'],
  '/**/_mapping': ['view_index_metadata'],
  '/*/_settings/index.number_of_replicas': ['view_index_metadata'],
  '/**/_settings/index.uuid': ['view_index_metadata'],
  // Creates tomorrow's index, and deletes expired ones where there is no ILM.
  '/*': ['create_index', 'manage'],
  '/*,**/_alias': ['view_index_metadata'],
  '/_nodes/_all/none': ['cluster:monitor'],
  '/_ilm/status': ['cluster:manage_ilm'],
  // Everybody may ask what they themselves may do.
  '/_security/user/_has_privileges': [],
  // The template and the policy are put by name.
  '/_index_template/*': ['cluster:manage_index_templates'],
  '/_ilm/policy/*': ['cluster:manage_ilm'],
};

test('the role for Elasticsearch allows what is asked of it', () => {
  const paths = new Set(
    [...found(/path(?::| =) ?(`\/[^`?]*`|'\/[^'?]*')/g, 'elasticsearch-sink')].map((each) =>
      each.slice(1, -1).replace(/\$\{[^}]*\}/g, '*'),
    ),
  );
  expect(paths.size).toBeGreaterThan(10);
  expect([...paths].filter((each) => elasticsearchRights[each] === undefined)).toEqual([]);
  const role = access<{ cluster: string[]; indices: { names: string[]; privileges: string[] }[] }>(
    'elasticsearch-role.json',
  );
  const needed = new Set(Object.values(elasticsearchRights).flat());
  const given = [
    ...role.cluster.map((right) => `cluster:${right}`),
    ...role.indices.flatMap(({ privileges }) => privileges),
  ];
  expect([...new Set(given)].sort()).toEqual([...needed].sort());
});
