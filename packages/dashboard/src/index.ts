export { hashPassword } from './access/password.ts';
export { checkDashboardSettings, dashboardSettings } from './config.ts';
