/** The settings as a JSON Schema of an environment, for editors and for checks of deployments. */
import { type Setting, settingsOf } from '@trunkline/service';
import { z } from 'zod';
import { type ProcessName, processes } from './processes.ts';

export interface SettingsSchema {
  readonly $schema: string;
  readonly title: string;
  readonly type: 'object';
  /** By variable, each a text. */
  readonly properties: Readonly<Record<string, object>>;
  /** One of several ways of giving a variable that must be set. */
  readonly allOf: readonly object[];
}

export function settingsSchema(names: readonly ProcessName[]): SettingsSchema {
  const settings = new Map<string, Setting<unknown>>();
  for (const setting of names.flatMap((name) => settingsOf(processes[name].settings))) {
    // What one kind of process may do without, another has to have.
    if (!settings.has(setting.env) || isRequired(setting)) settings.set(setting.env, setting);
  }
  const all = [...settings.values()];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Settings of ${names.join(', ')}`,
    type: 'object',
    properties: Object.fromEntries(all.flatMap((setting) => propertiesOf(setting))),
    allOf: all.filter(isRequired).map(requirementOf),
  };
}

function isRequired(setting: Setting<unknown>): boolean {
  return !setting.optional && setting.default === undefined;
}

function propertiesOf(setting: Setting<unknown>): [string, object][] {
  const { env, summary, secret, default: fallback } = setting;
  const text = {
    ...textSchema(setting.schema),
    description: summary,
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(secret ? { writeOnly: true } : {}),
  };
  const file = { type: 'string', description: `file that holds ${env}` };
  return secret
    ? [
        [env, text],
        [`${env}_FILE`, file],
      ]
    : [[env, text]];
}

/** What is told of the text itself; what it means is judged when it is read. */
function textSchema(schema: z.ZodType): object {
  const { $schema: _, ...told } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return { type: 'string', ...told };
}

function requirementOf({ env, secret }: Setting<unknown>): object {
  return secret ? { anyOf: [{ required: [env] }, { required: [`${env}_FILE`] }] } : { required: [env] };
}
