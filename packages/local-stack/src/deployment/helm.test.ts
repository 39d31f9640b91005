import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

/** The Helm chart, rendered by Helm itself; without Helm on the machine these tests are skipped, and counted as such. */

interface Probe {
  httpGet: { path: string };
}

interface Container {
  command: string[];
  securityContext: object;
  envFrom: object[];
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
  resources: { limits: { memory?: string } };
  volumeMounts: { name: string }[];
}

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels: Record<string, string> };
  data?: Record<string, string>;
  spec?: {
    replicas?: number;
    accessModes?: string[];
    scaleTargetRef?: { name: string };
    triggers?: { metadata: { query: string } }[];
    template?: {
      spec: {
        securityContext: object;
        automountServiceAccountToken: boolean;
        terminationGracePeriodSeconds: number;
        containers: [Container];
      };
    };
  };
}

const root = path.join(import.meta.dirname, '../../../..');
const chart = path.join(root, 'deploy/helm/trunkline');
const kubernetes = ['--kube-version', '1.30.0'];
const stage = ['--set', 'settings.STAGE_URL=s3://stage/trunkline'];
const hasHelm = spawnSync('helm', ['version'], { encoding: 'utf8' }).status === 0;

function helm(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync('helm', args, { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

const rendered = new Map<string, Manifest[]>();

/** The objects that Helm makes; Helm is called once for the same values. */
function render(...args: string[]): Manifest[] {
  const known = rendered.get(args.join(' '));
  if (known !== undefined) return known;
  const manifests = renderAnew(args);
  rendered.set(args.join(' '), manifests);
  return manifests;
}

function renderAnew(args: string[]): Manifest[] {
  const { code, stdout, stderr } = helm('template', 'test', chart, ...kubernetes, ...args);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

function refusal(...args: string[]): string {
  const { code, stderr } = helm('template', 'test', chart, ...kubernetes, ...args);
  expect(code).not.toBe(0);
  return stderr;
}

/** Where the TypeScript types of an API group are. */
function typesOf(apiVersion: string): string {
  if (apiVersion.startsWith('keda.sh/')) return `@kubernetes-models/keda/${apiVersion}`;
  if (apiVersion.startsWith('monitoring.coreos.com/'))
    return `@kubernetes-models/prometheus-operator/${apiVersion}`;
  return `kubernetes-models/${apiVersion}`;
}

/**
 * What the compiler says of manifests as literals of Kubernetes' own types: an unknown API, kind or field, a value of another type,
 * a field that is missing; nothing where all is right.
 */
function misfits(manifests: readonly Manifest[]): string {
  // Where the packages of types are found from.
  const folder = mkdtempSync(path.join(import.meta.dirname, '../../node_modules/.manifests-'));
  try {
    const lines = manifests.flatMap((manifest, at) => [
      `import type { I${manifest.kind} as T${at} } from '${typesOf(manifest.apiVersion)}';`,
      `export const m${at}: T${at} = ${JSON.stringify(manifest, null, 2)};`,
    ]);
    const file = path.join(folder, 'manifests.ts');
    writeFileSync(file, lines.join('\n'));
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    const options =
      '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --module nodenext'.split(
        ' ',
      );
    return spawnSync(process.execPath, [compiler, ...options, '--types', '', file], { encoding: 'utf8' })
      .stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const named = (manifests: Manifest[], kind: string): Map<string, Manifest> =>
  new Map(
    manifests
      .filter((manifest) => manifest.kind === kind)
      .map((manifest) => [manifest.metadata.labels['app.kubernetes.io/component'] ?? '', manifest]),
  );

/** The pod of each worker. */
const pods = (manifests: Manifest[]) =>
  [...named(manifests, 'Deployment')].map(([name, { spec }]) => {
    if (spec?.template === undefined) throw new Error(`${name} has no pod`);
    return { name, pod: spec.template.spec, container: spec.template.spec.containers[0] };
  });

const all = ['dashboard', 'fetcher', 'indexer', 'redactor', 'uploader'];

describe.skipIf(!hasHelm)('the Helm chart', () => {
  test('is one that Helm has nothing against', () => {
    const { code, stdout } = helm('lint', '--strict', chart, ...kubernetes, ...stage);
    expect(stdout).toContain('0 chart(s) failed');
    expect(code).toBe(0);
  });

  test('makes objects of Kubernetes, KEDA and the Prometheus operator with the fields that these have', () => {
    const everything = render('-f', path.join(import.meta.dirname, 'everything.values.yaml'));
    expect([...new Set(everything.map(({ kind }) => kind))].sort()).toEqual([
      'ConfigMap',
      'Deployment',
      'Ingress',
      'NetworkPolicy',
      'PersistentVolumeClaim',
      'PodDisruptionBudget',
      'PodMonitor',
      'ScaledObject',
      'Service',
      'ServiceAccount',
    ]);
    expect(misfits([...everything, ...render(...stage)])).toBe('');
  });

  test('would be found to have a field that Kubernetes does not know, or of another type', () => {
    const deployment = structuredClone(render(...stage).find(({ kind }) => kind === 'Deployment'));
    const container = deployment?.spec?.template?.spec.containers[0] ?? {};
    Object.assign(container, { imagePulPolicy: 'Always' });
    expect(misfits([deployment as Manifest])).toMatch(/imagePulPolicy.* does not exist in type 'IContainer'/);
  });

  test('runs each worker as a Deployment of its own, with a budget for disruptions and a network policy', () => {
    const manifests = render(...stage);
    for (const kind of ['Deployment', 'PodDisruptionBudget', 'NetworkPolicy']) {
      expect([...named(manifests, kind).keys()].sort()).toEqual(all);
    }
    for (const { name, container } of pods(manifests)) {
      expect(container.command[1]).toBe(`packages/${name}/dist/main.js`);
      expect(existsSync(path.join(root, 'packages', name, 'src/main.ts'))).toBe(true);
    }
  });

  test('gives no process a right that it does not need', () => {
    for (const { pod, container } of pods(render(...stage))) {
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.containers).toHaveLength(1);
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  test('leaves a process longer to end than it may take to give its jobs back', () => {
    const manifests = render(...stage, '--set', 'shutdownSeconds=100');
    const settings = manifests.find(({ kind }) => kind === 'ConfigMap')?.data;
    expect(settings?.['SHUTDOWN_DEADLINE_SECONDS']).toBe('100');
    for (const { pod } of pods(manifests)) {
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(100);
    }
  });

  test('asks every process whether it lives, and the workers what they miss', () => {
    for (const { name, container } of pods(render(...stage))) {
      const { livenessProbe, startupProbe, readinessProbe, resources } = container;
      expect(livenessProbe.httpGet.path).toBe('/livez');
      expect(startupProbe.httpGet.path).toBe('/livez');
      expect(readinessProbe.httpGet.path).toBe(name === 'dashboard' ? '/livez' : '/readyz');
      expect(resources.limits.memory).toBeDefined();
    }
  });

  test('takes secrets by reference and makes none', () => {
    const manifests = render(...stage, '--set', 'secrets={trunkline,other}');
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    for (const { container } of pods(manifests)) {
      expect(container.envFrom.slice(1)).toEqual([
        { secretRef: { name: 'trunkline' } },
        { secretRef: { name: 'other' } },
      ]);
    }
    expect(refusal(...stage, '--set', 'settings.PAYLOAD_KEY=abc')).toContain(
      'settings.PAYLOAD_KEY is a secret',
    );
  });

  test('scales workers on the work of their queues, where KEDA is there', () => {
    expect(named(render(...stage), 'ScaledObject').size).toBe(0);
    const manifests = render(...stage, '--set', 'keda.enabled=true', '--namespace', 'prod');
    const scaled = named(manifests, 'ScaledObject');
    expect([...scaled.keys()].sort()).toEqual(['indexer', 'redactor', 'uploader']);
    for (const [name, { spec }] of scaled) {
      const deployment = named(manifests, 'Deployment').get(name);
      expect(spec?.scaleTargetRef?.name).toBe(deployment?.metadata.name);
      expect(deployment?.spec?.replicas).toBeUndefined();
      expect(spec?.triggers?.[0]?.metadata.query).toMatch(
        /^max\(trunkline_queue_work\{queue="(audit-index|archive-redact|archive-upload)",namespace="prod"\}\)$/,
      );
    }
  });

  test('leaves redactor and uploader out where only audit events are carried, and needs no stage then', () => {
    const manifests = render('--set', 'pipelines.archive=false');
    expect([...named(manifests, 'Deployment').keys()].sort()).toEqual(['dashboard', 'fetcher', 'indexer']);
    expect(manifests.find(({ kind }) => kind === 'ConfigMap')?.data?.['FETCHER_PIPELINES']).toBe('audit');
  });

  test('tells at once of archives without a stage, and of values that it does not know', () => {
    expect(refusal()).toContain('archives need a stage');
    expect(refusal(...stage, '--set', 'replicas=3')).toContain('replicas');
    expect(refusal('--set', 'pipelines.archive=false,pipelines.audit=false')).toContain('at least one of');
  });

  test('shares spool and stage as volumes where it is asked to', () => {
    const manifests = render('--set', 'spool.persistence.enabled=true,stage.persistence.enabled=true');
    const claims = manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim');
    expect(claims.map(({ metadata, spec }) => [metadata.name, spec?.accessModes])).toEqual([
      ['test-trunkline-spool', ['ReadWriteMany']],
      ['test-trunkline-stage', ['ReadWriteMany']],
    ]);
    const mounts = pods(manifests).map(({ name, container }) => [
      name,
      container.volumeMounts.map((mount) => mount.name),
    ]);
    expect(Object.fromEntries(mounts)).toEqual({
      dashboard: ['tmp'],
      fetcher: ['tmp', 'spool', 'stage'],
      indexer: ['tmp'],
      redactor: ['tmp', 'stage'],
      uploader: ['tmp', 'stage'],
    });
  });
});

test('the chart is of the version of the workspace', () => {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const text = readFileSync(path.join(chart, 'Chart.yaml'), 'utf8');
  expect(text).toContain(`\nversion: ${version}\n`);
  expect(text).toContain(`\nappVersion: ${version}\n`);
});
