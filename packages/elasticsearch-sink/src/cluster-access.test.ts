import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { missingPrivileges } from './cluster-access.ts';
import type { Elasticsearch } from './elasticsearch.ts';

interface Role {
  cluster: string[];
  indices: { names: string[]; privileges: string[] }[];
}

const file = path.join(import.meta.dirname, '../../../deploy/access/elasticsearch-role.json');
const role = JSON.parse(readFileSync(file, 'utf8')) as Role;

test('the check asks for the privileges of deploy/access/elasticsearch-role.json, each on its indices, and for no others', async () => {
  let asked: { cluster: string[]; index: Role['indices'] } | undefined;
  const cluster: Pick<Elasticsearch, 'ask'> = {
    ask: async ({ path: where, body }) => {
      // A cluster with ILM, for which the role is written.
      if (where === '/_security/user/_has_privileges') asked = body as typeof asked;
      return { status: 200, body: {} };
    },
  };
  const named = role.indices.flatMap(({ names }) => names).filter((name) => !name.endsWith('*'));
  await missingPrivileges(cluster, { indexPrefix: 'genesys-audit-', named });
  expect(grantsOf(asked?.cluster ?? [], asked?.index ?? [])).toEqual(grantsOf(role.cluster, role.indices));
});

/** `privilege on index`, one by one, however they are grouped. */
function grantsOf(cluster: readonly string[], indices: Role['indices']): string[] {
  const onIndices = indices.flatMap(({ names, privileges }) =>
    names.flatMap((name) => privileges.map((privilege) => `${privilege} on ${name}`)),
  );
  return [...cluster.map((privilege) => `${privilege} of the cluster`), ...onIndices].sort();
}
