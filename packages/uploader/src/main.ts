import { runProcess } from '@trunkline/service';

await runProcess('uploader', async () => {
  const { runUploader } = await import('./uploader.ts');
  await runUploader(process.env);
});
