export { checkUploaderSettings, type UploaderConfig, uploaderSettings } from './config.ts';
