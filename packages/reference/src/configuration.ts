import { commandLineSettings } from '@trunkline/cli';
import { dashboardSettings } from '@trunkline/dashboard';
import { fetcherSettings } from '@trunkline/fetcher';
import { indexerSettings } from '@trunkline/indexer';
import { redactorSettings } from '@trunkline/redactor';
import { organisationPaths, type Setting, type SettingGroup, settingsOf } from '@trunkline/service';
import { uploaderSettings } from '@trunkline/uploader';

/** The processes and their settings, in the order of the data. */
const processes: Record<string, SettingGroup> = {
  fetcher: fetcherSettings,
  indexer: indexerSettings,
  redactor: redactorSettings,
  uploader: uploaderSettings,
  dashboard: dashboardSettings,
};

/**
 * One table of all settings, in Markdown, from the schemas that the processes read them with: each with its default, the
 * processes that take it, and its meaning.
 */
export function configurationTable(): string {
  const rows = new Map<string, { setting: Setting<unknown>; takenBy: string[] }>();
  const takers = [...Object.entries(processes), ['command line', commandLineSettings] as const];
  for (const [process, settings] of takers) {
    for (const setting of settingsOf(settings)) {
      const row = rows.get(setting.env) ?? { setting, takenBy: [] };
      row.takenBy.push(process);
      rows.set(setting.env, row);
    }
  }
  const all = Object.keys(processes).length;
  const lines = [...rows.values()].map(({ setting, takenBy }) => {
    const by = takenBy.length === all ? 'all' : takenBy.join(', ');
    const name = `\`${setting.env}\`${setting.secret ? ' (or `_FILE`)' : ''}`;
    return `| ${name} | ${defaultOf(setting)} | ${by} | ${setting.summary.replaceAll('|', '\\|')} |`;
  });
  return ['| setting | default | process | meaning |', '|---|---|---|---|', ...lines].join('\n');
}

/** What the file of organisations may say of one, and which setting each member stands for. */
export function organisationsTable(): string {
  const lines = [...organisationPaths()].map(([env, path]) => `| \`${path}\` | \`${env}\` |`);
  return ['| member | stands for |', '|---|---|', ...lines].join('\n');
}

function defaultOf(setting: Setting<unknown>): string {
  if (setting.default === '') return '';
  if (setting.default !== undefined) return `\`${setting.default.replaceAll('|', '\\|')}\``;
  return setting.optional ? '' : '**required**';
}
