export { hashPassword } from './access/password.ts';
export { dashboardSettings } from './config.ts';
