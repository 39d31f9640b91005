/** Writes chunk after chunk until it is killed, and says each time that one stands. */
import { randomBytes } from 'node:crypto';
import { openStage } from './open-stage.ts';
import { stageChunkBytes } from './stage.ts';

const [, , url = '', key = '', window = ''] = process.argv;
const stage = openStage({ url }, [Buffer.from(key, 'base64')], null);
for (let index = 0; ; index++) {
  await Promise.all(
    [0, 1].map((side) => stage.putChunk(`${window}/${index}-${side}`, randomBytes(stageChunkBytes))),
  );
  process.send?.(index);
}
