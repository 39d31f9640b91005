import { type Component, loadForOrganisations, runProcess, Service } from '@trunkline/service';
import { loadFetcherSettings } from './config.ts';
import { archiveOrganisation, openOrganisation } from './fetcher-organisation.ts';

await runProcess('fetcher', async () => {
  const loaded = await loadForOrganisations(process.env, loadFetcherSettings);
  const [{ common }] = loaded.all;
  const pollsAudits = loaded.all.some(({ audit }) => audit !== null);
  await using service = new Service('fetcher', common, pollsAudits ? 'audit' : 'archive');
  await using opened = new AsyncDisposableStack();
  const organisations = loaded.map((one, id) => openOrganisation(one, id, service));
  for (const { genesys } of organisations.all) opened.use(genesys);
  const archiving = organisations.mapSome(archiveOrganisation);
  const components: Component[] = [];

  // What only one pipeline needs is loaded with it alone: the clients of other services take tens of megabytes.
  if (pollsAudits) {
    const { auditPipeline, openAuditPlaces } = await import('./audit-pipeline.ts');
    for (const { common: own, audit, genesys, clock, told } of organisations.all) {
      if (audit === null) continue;
      const config = { ...own, ...audit };
      const places = opened.use(await openAuditPlaces(config));
      const pipeline = auditPipeline({ service, genesys, clock, config, places });
      told.onWait = pipeline.onGenesysWait;
      components.push(...pipeline.components);
    }
  }
  if (archiving !== null) {
    const { archivePipeline, openArchivePlaces } = await import('./archive/archive-pipeline.ts');
    const places = opened.use(openArchivePlaces(archiving, common.payload.payloadKeys));
    const { attempts } = common.worker;
    components.push(...archivePipeline({ service, organisations: archiving, attempts, places }));
  }
  await service.start(Object.assign({}, ...loaded.all.map(({ settings }) => settings)), process.env);
  await service.run(...components);
});
