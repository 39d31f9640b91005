import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { errorKinds } from '@trunkline/contracts';
import { describe, expect, it } from 'vitest';
import { configurationTable, organisationsTable } from './configuration.ts';
import { withGeneratedPart } from './generated-part.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** What a user reads, but for reports and the packages' own pages. */
function documents(): string[] {
  const docs = readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' });
  return [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...docs
      .filter((name) => name.endsWith('.md') && !/^(reports|decisions)\//.test(name))
      .map((name) => `docs/${name}`),
  ];
}

function packagePages(): string[] {
  return readdirSync(new URL('packages/', root)).map((name) => `packages/${name}/README.md`);
}

/** Those of its headings, as they are made for Markdown by the usual rule. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** In capitals as settings are, and none of ours to the processes. */
const others = [
  'ARCHIVE_BUCKET, STAGE_BUCKET, KMS_KEY_ARN', // to be replaced in files of deploy/access
  'ACME_EU_SECRET, ADMIN_REDIS_URL, KIBANA_URL, NAME_FILE', // a person's own
  'DASHBOARD_OPERATOR_PASSWORD, TRUNKLINE_ENV_FILE', // of npm start and docker compose
  'NODE_EXTRA_CA_CERTS, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY', // Node's, the AWS SDK's
  'NOT_EQUAL, STANDARD_IA, ARCHIVE_RELEASE', // values, actions of compliance records
].flatMap((names) => names.split(', '));

describe('the documents', () => {
  it.each(['README.md', 'docs/configuration.md'])(
    'show in %s the settings that the processes take (else: npm run reference)',
    (file) => {
      const page = read(file);
      expect(withGeneratedPart(page, 'configuration', configurationTable())).toBe(page);
    },
  );

  it('show what can be said of an organisation (else: npm run reference)', () => {
    const page = read('docs/organisations.md');
    expect(withGeneratedPart(page, 'members', organisationsTable())).toBe(page);
  });

  it('list every error code with its kind, and no other', () => {
    const rows = [...read('docs/errors.md').matchAll(/^\| `([A-Z0-9_]+)` \| (\w+) \|/gm)];
    expect(Object.fromEntries(rows.map(([, code, kind]) => [code, kind]))).toEqual(errorKinds);
  });

  it('have a README for every package', () => {
    for (const page of packagePages()) expect(read(page).length, page).toBeGreaterThan(200);
  });

  it.each([...documents(), ...packagePages()])('%s links to files and headings that are there', (path) => {
    for (const [, target = ''] of read(path).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [file = '', anchor] = target.split('#');
      const at = new URL(file === '' ? path : file, new URL(path, root));
      if (file !== '') expect(existsSync(at), `${path} -> ${target}`).toBe(true);
      if (anchor === undefined) continue;
      const page = file === '' ? read(path) : readFileSync(at, 'utf8');
      expect(anchorsOf(page), `${path} -> ${target}`).toContain(anchor);
    }
  });

  it('name settings and error codes that are there', () => {
    const settings = [...configurationTable().matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, name]) => name ?? '');
    const known = new Set([
      ...settings,
      ...settings.map((name) => `${name}_FILE`),
      ...Object.keys(errorKinds),
      ...others,
    ]);
    const unknown = documents().flatMap((path) =>
      [...read(path).matchAll(/(?<![\w<])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?!\w)/g)]
        .map(([name]) => name)
        .filter((name) => !known.has(name) && !name.startsWith('BATCH_'))
        .map((name) => `${path}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });
});
