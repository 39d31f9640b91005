import { runProcess } from '@trunkline/service';
import { runRedactor } from './redactor.ts';

await runProcess('redactor', () => runRedactor(process.env));
