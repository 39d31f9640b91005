import { TrunklineError } from '@trunkline/contracts';
import type { Sealer } from '@trunkline/elasticsearch-sink';

/** For commands that look at dead letters without their bodies: they need no key, and find every body empty. */
export const blindSealer: Sealer = {
  open: () => Buffer.alloc(0),
  seal: () => {
    throw new TrunklineError('CONFIG_INVALID', { message: 'This command writes no dead letters.' });
  },
};
