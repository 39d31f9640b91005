import { runProcess } from '@trunkline/service';

await runProcess('redactor', async () => {
  const { runRedactor } = await import('./redactor.ts');
  await runRedactor(process.env);
});
