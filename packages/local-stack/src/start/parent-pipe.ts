import { Socket } from 'node:net';

/**
 * Calls back when the process that started this one is gone, however it went: the pipe that it holds
 * (`TRUNKLINE_PARENT_PIPE`, a file descriptor) is closed by the kernel then. Does nothing where there is no pipe.
 */
export function onParentGone(descriptor: string | undefined, callback: () => void): void {
  if (descriptor === undefined || !/^\d+$/.test(descriptor)) return;
  const pipe = new Socket({ fd: Number(descriptor), readable: true, writable: false });
  pipe.once('close', callback);
  pipe.on('error', () => {});
  pipe.resume();
  pipe.unref();
}
