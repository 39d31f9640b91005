import { deploymentPrefix } from '@trunkline/contracts';
import { Elasticsearch } from '@trunkline/elasticsearch-sink';
import { connectionSettings, GenesysConnection, type GenesysWait, genesysDefaults } from '@trunkline/genesys';
import { type Component, runProcess, Service } from '@trunkline/service';
import { archivePipeline, openArchivePlaces } from './archive/archive-pipeline.ts';
import { auditPipeline, openSpool } from './audit-pipeline.ts';
import { loadFetcherSettings } from './config.ts';
import { GenesysClock } from './genesys-clock.ts';

await runProcess('fetcher', async () => {
  const { common, audit, archive, settings } = loadFetcherSettings(process.env);
  await using service = new Service('fetcher', common, audit === null ? 'archive' : 'audit');
  const spool = audit === null ? null : await openSpool({ ...common, ...audit });
  await using places = archive === null ? null : openArchivePlaces(archive, common.payload.payloadKeys);
  await service.start(settings, process.env);

  let onWait = (wait: GenesysWait): void => {
    service.log.warn({ event: 'genesys.wait', errorCode: wait.code }, wait.message);
  };
  const stream = audit?.audit ?? { filters: genesysDefaults.filters, pageLimit: genesysDefaults.limit };
  await using genesys = new GenesysConnection(connectionSettings(common.genesys, stream), {
    redis: service.redis,
    keyPrefix: deploymentPrefix(service.deployment),
    onWait: (wait) => onWait(wait),
  });
  const clock = new GenesysClock();
  const components: Component[] = [];

  await using elasticsearch = audit === null ? null : new Elasticsearch(audit.elasticsearch);
  if (audit !== null && spool !== null && elasticsearch !== null) {
    const config = { ...common, ...audit };
    const pipeline = auditPipeline({ service, config, spool, elasticsearch, genesys, clock });
    onWait = pipeline.onGenesysWait;
    components.push(...pipeline.components);
  }
  if (archive !== null && places !== null) {
    const { backoffMinMs, backoffMaxMs } = common.genesys;
    const { attempts } = common.worker;
    components.push(
      ...archivePipeline({
        service,
        config: archive,
        attempts,
        backoffMinMs,
        backoffMaxMs,
        genesys,
        clock,
        places,
      }),
    );
  }
  await service.run(...components);
});
