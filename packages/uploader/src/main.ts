import { runProcess } from '@trunkline/service';
import { runUploader } from './uploader.ts';

await runProcess('uploader', () => runUploader(process.env));
