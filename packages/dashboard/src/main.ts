import { loadSettings, runProcess, Service } from '@trunkline/service';
import { checkDashboardSettings, dashboardSettings } from './config.ts';
import { DashboardServer } from './server.ts';

await runProcess('dashboard', async () => {
  const config = loadSettings(dashboardSettings, process.env, checkDashboardSettings);
  await using service = new Service('dashboard', config);
  await service.start(dashboardSettings, process.env);
  await service.run(new DashboardServer(service, config));
});
