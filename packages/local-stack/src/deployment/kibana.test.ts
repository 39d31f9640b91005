import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

/**
 * The saved objects in the shape that Kibana 8.19 takes them in: no Kibana can be had for tests, so this stands for its import.
 * What its searches find is tested on a real Elasticsearch (`kibana.int.test.ts`).
 */

const parsed = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(schema);

const query = z.strictObject({ query: z.string(), language: z.enum(['lucene', 'kuery']) });
const meta = z.strictObject({
  searchSourceJSON: parsed(
    z.strictObject({ query, filter: z.array(z.never()), indexRefName: z.string().optional() }),
  ),
});

/** What is referred to by name within the attributes of an object. */
type Named = { kibanaSavedObjectMeta?: z.output<typeof meta>; panelsJSON?: z.output<typeof panels> };

const panels = z.array(
  z.strictObject({
    version: z.string(),
    type: z.enum(['visualization', 'search']),
    gridData: z.strictObject({
      x: z.int().min(0),
      y: z.int().min(0),
      // Kibana's grid has 48 columns.
      w: z.int().min(1).max(48),
      h: z.int().min(1),
      i: z.string(),
    }),
    panelIndex: z.string(),
    embeddableConfig: z.object({}),
    panelRefName: z.string(),
    title: z.string().optional(),
  }),
);

const agg = z.strictObject({
  id: z.string(),
  enabled: z.literal(true),
  type: z.enum(['count', 'date_histogram', 'terms']),
  schema: z.enum(['metric', 'segment', 'group', 'bucket']),
  params: z.record(z.string(), z.unknown()),
});

/** Attributes of each type, and the newest form of it that 8.19 knows: a newer one is refused, an older one is carried over. */
const types = {
  'index-pattern': {
    newest: '8.0.0',
    attributes: z.strictObject({ title: z.string(), name: z.string(), timeFieldName: z.string() }),
  },
  search: {
    newest: '10.5.0',
    attributes: z.strictObject({
      title: z.string(),
      description: z.string(),
      columns: z.array(z.string()).min(1),
      sort: z.array(z.tuple([z.string(), z.enum(['asc', 'desc'])])),
      grid: z.strictObject({}),
      hideChart: z.boolean(),
      kibanaSavedObjectMeta: meta,
    }),
  },
  visualization: {
    newest: '8.5.0',
    attributes: z.strictObject({
      title: z.string(),
      description: z.string(),
      visState: parsed(
        z.strictObject({
          title: z.string(),
          type: z.enum(['histogram', 'table']),
          aggs: z.array(agg).min(2),
          params: z.record(z.string(), z.unknown()),
        }),
      ),
      uiStateJSON: parsed(z.strictObject({})),
      version: z.literal(1),
      kibanaSavedObjectMeta: meta,
    }),
  },
  dashboard: {
    newest: '10.2.0',
    attributes: z.strictObject({
      title: z.string(),
      description: z.string(),
      panelsJSON: parsed(panels),
      optionsJSON: parsed(
        z.strictObject({ useMargins: z.boolean(), syncColors: z.boolean(), hidePanelTitles: z.boolean() }),
      ),
      version: z.literal(1),
      timeRestore: z.boolean(),
      timeFrom: z.string(),
      timeTo: z.string(),
      refreshInterval: z.strictObject({ pause: z.boolean(), value: z.number() }),
      kibanaSavedObjectMeta: meta,
    }),
  },
} as const;

const savedObject = z.strictObject({
  type: z.enum(Object.keys(types) as (keyof typeof types)[]),
  id: z.string(),
  attributes: z.unknown(),
  references: z.array(
    z.strictObject({
      name: z.string(),
      type: z.enum(['index-pattern', 'search', 'visualization']),
      id: z.string(),
    }),
  ),
  coreMigrationVersion: z.literal('8.8.0'),
  typeMigrationVersion: z.string(),
});

const file = path.join(import.meta.dirname, '../../../../deploy/kibana/trunkline.ndjson');
const objects = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { id: string });

test.each(objects.map((object) => [object.id, object] as const))(
  '%s has the shape that Kibana takes',
  (_, given) => {
    const object = savedObject.parse(given);
    const { newest, attributes } = types[object.type];
    expect(newest.localeCompare(object.typeMigrationVersion, 'en', { numeric: true })).toBeGreaterThanOrEqual(
      0,
    );
    const { kibanaSavedObjectMeta, panelsJSON = [] } = attributes.parse(object.attributes) as Named;
    const index = kibanaSavedObjectMeta?.searchSourceJSON.indexRefName;
    const names = [
      ...(index === undefined ? [] : [index]),
      ...panelsJSON.map(({ panelIndex, panelRefName }) => `${panelIndex}:${panelRefName}`),
    ];
    expect(object.references.map(({ name }) => name).sort()).toEqual(names.sort());
    for (const { panelIndex, panelRefName, gridData, type } of panelsJSON) {
      expect(gridData.i).toBe(panelIndex);
      expect(gridData.x + gridData.w).toBeLessThanOrEqual(48);
      const reference = object.references.find(({ name }) => name === `${panelIndex}:${panelRefName}`);
      expect(reference?.type).toBe(type);
    }
  },
);
