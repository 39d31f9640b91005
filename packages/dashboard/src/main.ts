import { loadSettings, runProcess, Service } from '@trunkline/service';
import { checkDashboardSettings, dashboardSettings } from './config.ts';
import { DashboardServer } from './server.ts';

await runProcess('dashboard', async () => {
  const config = loadSettings(dashboardSettings, process.env, checkDashboardSettings);
  await using service = new Service('dashboard', config);
  // The pages are there before Redis is: they say that it does not answer.
  const server = new DashboardServer(service, config);
  await Promise.all([service.start(dashboardSettings, process.env), service.run(server)]);
});
