import { readFileSync } from 'node:fs';
import { TrunklineError } from '@trunkline/contracts';
import { z } from 'zod';

/** One environment variable: how its text is read, what it means, what holds where it is not set. */
export interface Setting<T> {
  readonly env: string;
  /** Reads the variable's text. Its message is shown to the operator behind the variable's name. */
  readonly schema: z.ZodType<T>;
  /** The text that holds where the variable is not set; `undefined`: the variable must be set. */
  readonly default?: string | undefined;
  /** May be left out altogether; the value is then `null`. */
  readonly optional: boolean;
  /** Shown as `***`, and may come from the file that `<env>_FILE` names. */
  readonly secret: boolean;
  /** One line for the configuration table. */
  readonly summary: string;
}

export interface SettingGroup {
  readonly [name: string]: Setting<unknown> | SettingGroup;
}

export type Values<G> = {
  readonly [K in keyof G]: G[K] extends Setting<infer T> ? T : Values<G[K]>;
};

interface SettingText<T> {
  env: string;
  schema: z.ZodType<T>;
  summary: string;
  default?: string;
  secret?: boolean;
}

/** A setting that has a default, or that must be set where it has none. */
export function setting<T>(text: SettingText<T>): Setting<T> {
  return { optional: false, secret: false, ...text };
}

/** A setting that may be left out. */
export function optionalSetting<T>(text: Omit<SettingText<T>, 'default'>): Setting<T | null> {
  return { secret: false, ...text, optional: true };
}

/** A whole number from the text of a variable. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): z.ZodType<number> {
  return z
    .string()
    .regex(/^-?\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
}

/** A number, fractions allowed, from the text of a variable. */
export function decimal(min: number, max = Number.MAX_VALUE): z.ZodType<number> {
  return z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, 'must be a number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
}

/** Seconds in the variable, milliseconds in the program. */
export function secondsAsMs(min: number, max = 86_400 * 366): z.ZodType<number> {
  return decimal(min, max).transform((seconds) => Math.round(seconds * 1_000));
}

export const yesOrNo: z.ZodType<boolean> = z
  .enum(['true', 'false', 'yes', 'no', '1', '0'], 'must be true or false')
  .transform((text) => text === 'true' || text === 'yes' || text === '1');

export const httpUrl: z.ZodType<string, string> = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be an http(s) URL')
  .transform((text) => text.replace(/\/+$/, ''));

/** A list with commas between its parts; white space around a part and empty parts are dropped. */
export function commaList<T>(part: z.ZodType<T, string>): z.ZodType<T[]> {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((piece) => piece.trim())
        .filter((piece) => piece !== ''),
    )
    .pipe(z.array(part).min(1, 'must name at least one'));
}

/** Further rules over several settings. A value that could not be read is `undefined` here. */
export type CrossCheck<G> = (values: Partial<Values<G>>) => string[];

/** CONFIG_INVALID, with every problem in a line of its own. */
export class SettingsProblems extends TrunklineError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('CONFIG_INVALID', {
      message: `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\n`,
      remedy: 'Nothing was started. docs/configuration.md has the table of all settings.',
    });
    this.problems = problems;
  }
}

/**
 * Reads a process's settings from the environment, once.
 *
 * @throws SettingsProblems whose message names every problem, and never a secret's value
 */
export function loadSettings<G extends SettingGroup>(
  group: G,
  env: NodeJS.ProcessEnv,
  check: CrossCheck<G> = () => [],
): Values<G> {
  const problems: string[] = [];
  const values = readGroup(group, env, problems) as Values<G>;
  problems.push(...check(values));
  if (problems.length > 0) throw new SettingsProblems(problems);
  return values;
}

function readGroup(group: SettingGroup, env: NodeJS.ProcessEnv, problems: string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(group)) {
    values[name] = isSetting(member) ? readSetting(member, env, problems) : readGroup(member, env, problems);
  }
  return values;
}

function isSetting(member: Setting<unknown> | SettingGroup): member is Setting<unknown> {
  return typeof member['env'] === 'string';
}

function readSetting(setting: Setting<unknown>, env: NodeJS.ProcessEnv, problems: string[]): unknown {
  let text = env[setting.env];
  const file = env[`${setting.env}_FILE`];
  if (setting.secret && file !== undefined && file !== '') {
    if (text !== undefined && text !== '') {
      problems.push(`${setting.env} and ${setting.env}_FILE are both set: keep one of them`);
      return undefined;
    }
    try {
      text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
      problems.push(`${setting.env}_FILE: the file cannot be read (${reason})`);
      return undefined;
    }
  }
  if (text === undefined || text === '') text = setting.default;
  if (text === undefined) {
    if (setting.optional) return null;
    problems.push(`${setting.env} is missing: ${setting.summary}`);
    return undefined;
  }
  const result = setting.schema.safeParse(text);
  if (result.success) return result.data;
  const reasons = [...new Set(result.error.issues.map((issue) => issue.message))].join('; ');
  problems.push(`${setting.env} ${reasons}`);
  return undefined;
}

/** All settings of a group, in order, for tables and for checks of unknown names. */
export function settingsOf(group: SettingGroup): Setting<unknown>[] {
  return Object.values(group).flatMap((member) => (isSetting(member) ? [member] : settingsOf(member)));
}

/** The effective texts for the line in the log, by variable: secrets as `***`, passwords inside URLs too. */
export function maskedSettings(group: SettingGroup, env: NodeJS.ProcessEnv): Record<string, string | null> {
  return Object.fromEntries(
    settingsOf(group).map((setting) => {
      const text = env[setting.env] || setting.default || null;
      const isSet = text !== null || (setting.secret && Boolean(env[`${setting.env}_FILE`]));
      return [setting.env, setting.secret && isSet ? '***' : withoutPassword(text)];
    }),
  );
}

function withoutPassword(text: string | null): string | null {
  return text === null ? null : text.replaceAll(/\/\/[^/@\s,]*@/g, '//***@');
}
/** The configuration table of the README: one row a setting, in Markdown. */
export function settingsTable(settings: readonly Setting<unknown>[]): string {
  const rows = settings.map((setting) => {
    const value = setting.default === undefined || setting.default === '' ? '' : `\`${setting.default}\``;
    const fallback = value !== '' ? value : setting.optional ? '' : '**required**';
    return `| \`${setting.env}\`${setting.secret ? ' (or `_FILE`)' : ''} | ${fallback} | ${setting.summary} |`;
  });
  return ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n');
}
