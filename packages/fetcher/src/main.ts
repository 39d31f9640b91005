import { type Component, loadForOrganisations, runProcess, Service } from '@trunkline/service';
import { loadFetcherSettings } from './config.ts';
import { archiveOrganisation, auditOrganisation, openOrganisation } from './fetcher-organisation.ts';

await runProcess('fetcher', async () => {
  const loaded = await loadForOrganisations(process.env, loadFetcherSettings);
  const [{ common }] = loaded.all;
  const pollsAudits = loaded.all.some(({ audit }) => audit !== null);
  await using service = new Service('fetcher', common, pollsAudits ? 'audit' : 'archive');
  await using opened = new AsyncDisposableStack();
  const organisations = loaded.map((one, id) => openOrganisation(one, id, service));
  for (const { genesys } of organisations.all) opened.use(genesys);
  const polled = organisations.mapSome(auditOrganisation);
  const archived = organisations.mapSome(archiveOrganisation);
  const components: Component[] = [];

  // What only one pipeline needs is loaded with it alone: the clients of other services take tens of megabytes.
  if (polled !== null) {
    const { auditPipeline, openAuditPlaces } = await import('./audit-pipeline.ts');
    const places = opened.use(await openAuditPlaces(polled));
    const pipeline = auditPipeline({ service, organisations: polled, places });
    for (const id of polled.ids) organisations.of(id).told.onWait = pipeline.onGenesysWait.of(id);
    components.push(...pipeline.components);
  }
  if (archived !== null) {
    const { archivePipeline, openArchivePlaces } = await import('./archive/archive-pipeline.ts');
    const places = opened.use(openArchivePlaces(archived, common.payload.payloadKeys));
    const { attempts } = common.worker;
    components.push(...archivePipeline({ service, organisations: archived, attempts, places }));
  }
  await service.start(Object.assign({}, ...loaded.all.map(({ settings }) => settings)), process.env);
  await service.run(...components);
});
