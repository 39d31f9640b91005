import { checkDashboardSettings, dashboardSettings } from '@trunkline/dashboard';
import { fetcherSettings, loadFetcherSettings } from '@trunkline/fetcher';
import { indexerSettings, loadIndexerSettings } from '@trunkline/indexer';
import { loadRedactorSettings, redactorSettings } from '@trunkline/redactor';
import { loadSettings, type SettingGroup } from '@trunkline/service';
import { loadUploaderSettings, uploaderSettings } from '@trunkline/uploader';

/** What a kind of process reads from its environment. */
export interface ProcessSettings {
  /** All that it may read, in the order of the documents. */
  readonly settings: SettingGroup;
  /** Reads them as the process does at its start. @throws SettingsProblems */
  readonly load: (env: NodeJS.ProcessEnv) => unknown;
}

export const processNames = ['fetcher', 'indexer', 'redactor', 'uploader', 'dashboard'] as const;
export type ProcessName = (typeof processNames)[number];

/** The kinds of process, in the order of the data: their own schemas, so that what holds here holds at their start. */
export const processes: Readonly<Record<ProcessName, ProcessSettings>> = {
  fetcher: { settings: fetcherSettings, load: loadFetcherSettings },
  indexer: { settings: indexerSettings, load: loadIndexerSettings },
  redactor: { settings: redactorSettings, load: loadRedactorSettings },
  uploader: { settings: uploaderSettings, load: loadUploaderSettings },
  dashboard: {
    settings: dashboardSettings,
    load: (env) => loadSettings(dashboardSettings, env, checkDashboardSettings),
  },
};
