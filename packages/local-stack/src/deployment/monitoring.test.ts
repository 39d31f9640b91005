import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

/** The alert rules and the Grafana dashboard: sound PromQL, over metrics and labels that the code really has. */

interface Rule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
}

interface Panel {
  title: string;
  type: string;
  description?: string;
  targets?: { expr: string }[];
  gridPos: { x: number; y: number; w: number; h: number };
}

const root = path.join(import.meta.dirname, '../../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const rules = (
  parse(read('deploy/prometheus/trunkline.rules.yaml')) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(read('deploy/grafana/trunkline.json')) as { panels: Panel[] };
const charts = panels.filter(({ type }) => type !== 'row');

/** Labels of every metric of the code, those of a histogram's series included. */
const metrics = new Map<string, Set<string>>([
  ['process_cpu_seconds_total', new Set(['service'])],
  ['process_resident_memory_bytes', new Set(['service'])],
]);
for (const [file, text] of sources()) {
  for (const [, kind, body] of text.matchAll(
    /new (Counter|Gauge|Histogram)(?:<[^>]*>)?\(\{([\s\S]*?)\n\s*\}\)/g,
  )) {
    const name = /name: '([a-z0-9_]+)'/.exec(body ?? '')?.[1];
    if (name === undefined) throw new Error(`A metric without a plain name in ${file}`);
    const labels = /labelNames: \[([^\]]*)\]/.exec(body ?? '')?.[1]?.match(/[a-z_]+/g) ?? [];
    const names = kind === 'Histogram' ? ['bucket', 'sum', 'count'].map((end) => `${name}_${end}`) : [name];
    for (const each of names) metrics.set(each, new Set([...labels, 'service', 'le']));
  }
}

function* sources(): Generator<[file: string, text: string]> {
  for (const file of readdirSync(path.join(root, 'packages'), { recursive: true, encoding: 'utf8' })) {
    if (!/^[^/]+\/src\/.*\.ts$/.test(file) || /\.(test|fixture)\.ts$/.test(file)) continue;
    yield [file, read(path.join('packages', file))];
  }
}

/** What is wrong with an expression, in words. */
function faultsOf(expr: string): string[] {
  const faults: string[] = [];
  const text = expr.replaceAll('$__rate_interval', '5m');
  parser.parse(text).iterate({
    enter: (node) => {
      if (node.type.isError)
        faults.push(`no PromQL at ${node.from}: ${text.slice(node.from, node.from + 20)}`);
      if (node.name !== 'VectorSelector') return;
      const selector = text.slice(node.from, node.to);
      const name = /^[a-z0-9_]+/.exec(selector)?.[0] ?? '';
      const labels = metrics.get(name);
      if (labels === undefined) faults.push(`there is no metric ${name}`);
      for (const [, label] of selector.matchAll(/[{,]\s*([a-z_]+)\s*(?:=~|!~|!=|=)/g)) {
        if (labels !== undefined && !labels.has(label ?? '')) faults.push(`${name} has no label ${label}`);
      }
    },
  });
  return faults;
}

test('metrics are found in the code', () => {
  expect(metrics.size).toBeGreaterThan(50);
  expect(metrics.get('trunkline_elasticsearch_bulk_seconds_bucket')).toContain('result');
});

test.each([
  ['sum(rate(trunkline_audit_polls_total[5m])', 'no PromQL'],
  ['max(trunkline_no_such_metric)', 'no metric trunkline_no_such_metric'],
  ['sum(trunkline_queue_jobs{status="failed"})', 'no label status'],
])('%s is found to be wrong', (expr, fault) => {
  expect(faultsOf(expr).join()).toContain(fault);
});

describe.each(rules.map((rule) => [rule.alert, rule] as const))('the alert %s', (_name, rule) => {
  test('asks for what is there', () => expect(faultsOf(rule.expr)).toEqual([]));

  test('says how bad it is, what is wrong, and where it is told what to do', () => {
    expect(rule.alert).toMatch(/^Trunkline[A-Z][A-Za-z]+$/);
    expect(rule.for).toMatch(/^\d+[mh]$/);
    expect(['warning', 'critical']).toContain(rule.labels.severity);
    expect(rule.annotations.summary).not.toMatch(/\.$/);
    expect(rule.annotations.description).toMatch(/\.$/);
    const [file, anchor] = rule.annotations.runbook.split('#') as [string, string];
    const anchors = [...read(file).matchAll(/^##+ (.+)$/gm)].map(([, title]) =>
      (title ?? '')
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(anchors).toContain(anchor);
  });
});

test('no alert has the name of another', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test('every alert has a test that it fires', () => {
  const tests = read('deploy/prometheus/trunkline.rules.test.yaml');
  for (const { alert } of rules) expect(tests).toContain(`alertname="${alert}"`);
});

/** It takes a quarter of an hour to build, so that it is used where it is at hand. */
test.skipIf(spawnSync('promtool', ['--version']).error !== undefined)(
  'promtool has nothing against the rules, and each alert fires on what it should, and on nothing else',
  () => {
    for (const args of [
      ['check', 'rules', 'trunkline.rules.yaml'],
      ['test', 'rules', 'trunkline.rules.test.yaml'],
    ]) {
      const cwd = path.join(root, 'deploy/prometheus');
      const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', cwd });
      expect(status, `${stdout}${stderr}`).toBe(0);
    }
  },
);

test('what must wake somebody does', () => {
  const all = rules.map(({ expr }) => expr).join('\n');
  for (const metric of [
    'trunkline_audit_lag_seconds',
    'trunkline_audit_replay_window_seconds',
    'trunkline_audit_polls_total',
    'trunkline_elasticsearch_gate_open',
    'trunkline_bucket_gate_open',
    'trunkline_queue_jobs',
  ]) {
    expect(all).toContain(metric);
  }
});

describe.each(charts.map((panel) => [panel.title, panel] as const))('the chart "%s"', (_title, panel) => {
  test('asks for what is there', () => {
    expect(panel.targets?.length).toBeGreaterThan(0);
    expect((panel.targets ?? []).flatMap(({ expr }) => faultsOf(expr))).toEqual([]);
    expect(panel.description).toMatch(/\.$/);
  });
});

test('no chart lies over another', () => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}:${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});
