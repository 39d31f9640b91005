import { setTimeout as sleep } from 'node:timers/promises';
import { loadSettings, runProcess, Service } from '@trunkline/service';
import { checkDashboardSettings, dashboardSettings } from './config.ts';
import { DashboardServer } from './server.ts';

/** How long a start waits for Redis (ms). */
const redisPatienceMs = 3_000;

await runProcess('dashboard', async () => {
  const config = loadSettings(dashboardSettings, process.env, checkDashboardSettings);
  await using service = new Service('dashboard', config);
  const starting = service.start(dashboardSettings, process.env);
  // With Redis away the pages are there before it, and say so.
  await Promise.race([starting, sleep(redisPatienceMs)]);
  await Promise.all([starting, service.run(new DashboardServer(service, config))]);
});
