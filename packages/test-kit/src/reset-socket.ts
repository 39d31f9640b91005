import type { Socket } from 'node:net';

/**
 * Ends a connection with a RST.
 *
 * A socket whose own end is on its way is closed without one: libuv refuses to reset it then, Node takes it for closed all
 * the same, and the process could never end (Node 24).
 */
export function resetSocket(socket: Socket | null): void {
  if (socket === null) return;
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
