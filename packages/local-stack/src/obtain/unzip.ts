import { createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/**
 * Unpacks a zip (or jar) without any tool of the machine.
 *
 * Entries that would leave `folder` are refused (yauzl checks every name). Everything is readable for everyone,
 * whatever the umask: the account that runs Elasticsearch is not the one that unpacks it.
 * @param wanted which entries, by name; default all
 */
export async function unzip(
  archive: string,
  folder: string,
  wanted: (name: string) => boolean = () => true,
): Promise<void> {
  const zip = await openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (!wanted(entry.fileName)) continue;
    const target = path.join(folder, entry.fileName);
    if (entry.fileName.endsWith('/')) {
      await openFolder(folder, target);
      continue;
    }
    await openFolder(folder, path.dirname(target));
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
    // The upper 16 bits hold the Unix mode (APPNOTE.TXT 4.4.15, "Info-ZIP" use).
    const executable = ((entry.externalFileAttributes >>> 16) & 0o111) !== 0;
    await chmod(target, executable ? 0o755 : 0o644);
  }
}

async function openFolder(root: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let at = folder; at.startsWith(root); at = path.dirname(at)) await chmod(at, 0o755);
}
