import { readdirSync, readFileSync } from 'node:fs';
import { errorKinds } from '@trunkline/contracts';
import { describe, expect, it } from 'vitest';
import { configurationTable, organisationsTable } from './configuration.ts';
import { withGeneratedPart } from './generated-part.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('the documents', () => {
  it('show the settings that the processes take (else: npm run reference)', () => {
    const page = read('docs/configuration.md');
    expect(withGeneratedPart(page, 'configuration', configurationTable())).toBe(page);
  });

  it('show what can be said of an organisation (else: npm run reference)', () => {
    const page = read('docs/organisations.md');
    expect(withGeneratedPart(page, 'members', organisationsTable())).toBe(page);
  });

  it('list every error code with its kind, and no other', () => {
    const rows = [...read('docs/errors.md').matchAll(/^\| `([A-Z0-9_]+)` \| (\w+) \|/gm)];
    expect(Object.fromEntries(rows.map(([, code, kind]) => [code, kind]))).toEqual(errorKinds);
  });

  it('have a README for every package', () => {
    const packages = readdirSync(new URL('packages/', root));
    for (const name of packages) expect(read(`packages/${name}/README.md`).length, name).toBeGreaterThan(200);
  });

  it('link to files that are there', () => {
    for (const path of ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) {
      for (const [, target = ''] of read(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        expect(() => readFileSync(new URL(target, root)), `${path} -> ${target}`).not.toThrow(/ENOENT/);
      }
    }
  });
});
