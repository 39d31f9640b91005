import { deploymentPrefix } from '@trunkline/contracts';
import { connectionSettings, GenesysConnection, type GenesysWait, genesysDefaults } from '@trunkline/genesys';
import { type Component, runProcess, Service } from '@trunkline/service';
import { loadFetcherSettings } from './config.ts';
import { GenesysClock } from './genesys-clock.ts';

await runProcess('fetcher', async () => {
  const { common, audit, archive, settings } = loadFetcherSettings(process.env);
  await using service = new Service('fetcher', common, audit === null ? 'archive' : 'audit');
  const components: Component[] = [];
  let onWait = (wait: GenesysWait): void => {
    const { code, correlationId } = wait;
    service.log.warn({ event: 'genesys.wait', errorCode: code, correlationId }, wait.message);
  };
  const { filters, limit: pageLimit, replayWindowMs } = genesysDefaults;
  const stream = audit?.audit ?? { filters, pageLimit, replayWindowMs };
  await using genesys = new GenesysConnection(connectionSettings(common.genesys, stream), {
    redis: service.redis,
    keyPrefix: deploymentPrefix(service.deployment),
    onWait: (wait) => onWait(wait),
  });
  const shared = { service, genesys, clock: new GenesysClock() };
  await using places = new AsyncDisposableStack();

  // What only one pipeline needs is loaded with it alone: the clients of other services take tens of megabytes.
  if (audit !== null) {
    const { auditPipeline, openAuditPlaces } = await import('./audit-pipeline.ts');
    const config = { ...common, ...audit };
    const pipeline = auditPipeline({ ...shared, config, places: places.use(await openAuditPlaces(config)) });
    onWait = pipeline.onGenesysWait;
    components.push(...pipeline.components);
  }
  if (archive !== null) {
    const { archivePipeline, openArchivePlaces } = await import('./archive/archive-pipeline.ts');
    components.push(
      ...archivePipeline({
        ...shared,
        config: archive,
        attempts: common.worker.attempts,
        genesysSettings: common.genesys,
        places: places.use(openArchivePlaces(archive, common.payload.payloadKeys)),
      }),
    );
  }
  await service.start(settings, process.env);
  await service.run(...components);
});
